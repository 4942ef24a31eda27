"""`datagen fmt`: formats documents uniformly; comments of YAML are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.options import standard_input
from datagen.cli.text_output import write_file
from datagen.locations import local_path


def fmt(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="JSON or YAML; - formats standard input to the output."),
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 if a file is laid out otherwise.")
    ] = False,
) -> None:
    """Give documents a uniform layout: indentation, short objects in a line. Values, order and comments stay."""
    done = [_formatted_input(check) if name == "-" else _formatted_file(local_path(name), check) for name in files]
    if check and any(done):
        raise typer.Exit(1)


def _formatted_file(path: Path, check: bool) -> bool:
    """Format a file, or only `check` it. Returns whether its layout differs. Raises SchemaError if it is unreadable."""
    from datagen.authoring.repair.tree import formatted  # start-up: numpy, Arrow and every kind
    from datagen.schema.reading.read import read_tolerant

    read_tolerant(path)
    text = path.read_text(encoding="utf-8")
    made = formatted(text, yaml=path.suffix.lower() != ".json")
    if made != text:
        print(f"{path} {'is laid out otherwise' if check else 'is laid out anew'}")
        if not check:
            write_file(path, made)
    return made != text


def _formatted_input(check: bool) -> bool:
    """Print the standard input formatted, or only `check` it. Returns and raises as for a file."""
    from datagen.authoring.repair.tree import formatted  # start-up: numpy, Arrow and every kind
    from datagen.schema.reading.read import is_yaml, read_tolerant

    text = standard_input()
    read_tolerant(text + "\n")
    made = formatted(text, yaml=is_yaml(text))
    print("standard input is laid out otherwise\n" if check and made != text else "" if check else made, end="")
    return made != text
