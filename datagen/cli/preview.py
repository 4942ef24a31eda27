"""`datagen preview`: the first rows of the full run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from datagen.cli.options import Scale, SchemaPath, Seed
from datagen.cli.plan import given

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.table import Table


def preview(
    schema: SchemaPath,
    table: Annotated[str | None, typer.Option(metavar="T", help="Only this table.", show_default=False)] = None,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="How many rows of each table.")] = 10,
    seed: Seed = None,
    scale: Scale = None,
) -> None:
    """Show the first rows of each table, the very rows of the full run."""
    from rich.console import Console  # start-up

    import datagen  # start-up: numpy, Arrow and every kind

    tables = datagen.preview(schema, rows=rows, **given(table=table, seed=seed, scale=scale))
    console = Console()
    if not console.is_terminal:
        console = Console(width=10_000)  # a file or a pipe has room for every cell
    for name, data in tables.items():
        console.print(_rendered(name, data))


def _rendered(name: str, data: pa.Table) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from datagen.cli.writing import printable

    made = Table(title=name, title_justify="left", box=box.SIMPLE_HEAD)
    for field in data.schema:
        made.add_column(
            Text.assemble(field.name, (f"\n{_short(str(field.type))}", "dim")), no_wrap=True, min_width=len(field.name)
        )
    for row in zip(*(column.to_pylist() for column in data.columns), strict=True):
        made.add_row(*(Text("null", "dim") if cell is None else Text(printable(str(cell))) for cell in row))
    return made


def _short(type_: str) -> str:
    return "category" if type_.startswith("dictionary") else type_
