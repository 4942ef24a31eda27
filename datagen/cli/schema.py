"""`datagen schema`: the JSON Schema of the language, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datagen.errors import OutputError


def schema(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it to a file.", show_default=False)] = None,
) -> None:
    """Print the JSON Schema of the schema language, with which editors complete and check."""
    import json  # start-up

    from datagen.schema.json_schema import json_schema  # start-up: numpy, Arrow and every kind

    text = json.dumps(json_schema(), indent=2)
    if out is None:
        print(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write '{out}': {(error.strerror or str(error)).lower()}") from None
    print(f'wrote {out}; name it in a document as "$schema": "{out}"')
