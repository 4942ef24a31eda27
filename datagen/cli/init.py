"""`datagen init`: writes a commented starting point."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datagen.cli.text_output import write_file
from datagen.errors import OutputError
from datagen.locations import local_path

if TYPE_CHECKING:
    from datagen.authoring.starters import Starter


def init(
    name: Annotated[str | None, typer.Argument(help="A starting point; all are listed without it.")] = None,
    out: Annotated[
        Path | None, typer.Option(parser=local_path, metavar="FILE|-", help="Write here.", show_default="NAME.yaml")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write a commented YAML document to start from: shop, bank, clinic ...; without a name, list them with what each
    shows.
    """
    from datagen.authoring.starters import starters

    known = starters()
    if name is None:
        _list(list(known.values()))
        return
    if name not in known:
        from datagen.registry import did_you_mean  # start-up: pydantic

        raise typer.BadParameter(f"there is no starting point '{name[:60]}'; {did_you_mean(name, list(known))}")
    if out == Path("-"):
        print(known[name].text, end="")
        return
    path = out or Path(f"{name}.yaml")
    if path.exists() and not force:
        raise OutputError(f"'{path}' is there already; use --out for another name, or --force to replace it")
    write_file(path, known[name].text)
    print(f"{path}: {known[name].title}\nShows {known[name].shows}\nNext: datagen generate {path}")


def _list(known: list[Starter]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for one in known:
        grid.add_row(Text(one.name, "cyan"), Text(one.title))
        grid.add_row("", Text(one.shows, "dim"))
    Console(highlight=False).print(grid)
