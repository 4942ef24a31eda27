"""`datagen json-schema`: the JSON Schema of the language, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.cli.text_output import printable, write_file
from datagen.locations import local_path


def json_schema(
    out: Annotated[
        Path | None,
        typer.Option(parser=local_path, metavar="FILE", help="Write it to a file.", show_default=False),
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Print the JSON Schema of the reports of 'datagen validate' instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of the schema language, for completion and checks in editors."""
    import json  # start-up

    text = json.dumps(_of_report() if report else _of_language(), indent=2)
    if out is None:
        print(text)
        return
    write_file(out, text + "\n")
    path = printable(str(out))
    print(f"wrote {path}" if report else f'wrote {path}; name it in a document as "$schema": "{path}"')


def _of_language() -> dict[str, Any]:
    from datagen.schema.json_schema import json_schema as of_language  # start-up: numpy, Arrow and every kind

    return of_language()


def _of_report() -> dict[str, Any]:
    from datagen.validation.report.report_json import json_schema as of_report  # start-up: Arrow

    return of_report()
