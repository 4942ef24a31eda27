"""`datagen fmt`: formats documents uniformly; comments of YAML are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.writing import write_file
from datagen.locations import local_path


def fmt(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Documents, JSON or YAML.")],
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 if a file is laid out otherwise.")
    ] = False,
) -> None:
    """Give documents a uniform layout: indentation, short objects in a line. Values, order and comments stay."""
    from datagen.authoring.repair.tree import formatted  # start-up: numpy, Arrow and every kind
    from datagen.schema.reading.read import read_tolerant

    otherwise = 0
    for name in files:
        path: Path = local_path(name)
        read_tolerant(path)  # raises the problems of a document that cannot be read
        text = path.read_text(encoding="utf-8")
        made = formatted(text, yaml=path.suffix.lower() != ".json")
        if made != text:
            otherwise += 1
            print(f"{path} {'is laid out otherwise' if check else 'is laid out anew'}")
            if not check:
                write_file(path, made)
    if check and otherwise:
        raise typer.Exit(1)
