"""`datagen schema`: the JSON Schema of the language, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.errors import OutputError


def schema(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it to a file.", show_default=False)] = None,
    report: Annotated[
        bool, typer.Option("--report", help="That of the reports of 'datagen validate' instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of the schema language, with which editors complete and check."""
    import json  # start-up

    text = json.dumps(_of_report() if report else _of_language(), indent=2)
    if out is None:
        print(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write '{out}': {(error.strerror or str(error)).lower()}") from None
    print(f"wrote {out}" if report else f'wrote {out}; name it in a document as "$schema": "{out}"')


def _of_language() -> dict[str, Any]:
    from datagen.schema.json_schema import json_schema  # start-up: numpy, Arrow and every kind

    return json_schema()


def _of_report() -> dict[str, Any]:
    from datagen.quality.report_json import json_schema  # start-up: Arrow

    return json_schema()
