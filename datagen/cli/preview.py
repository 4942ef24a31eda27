"""`datagen preview`: prints the first rows of the full run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from datagen.cli.options import Memory, Scale, SchemaPath, Seed, Without
from datagen.cli.plan import given

if TYPE_CHECKING:
    import pyarrow as pa

    from datagen.schema.reading.read import Schema


def preview(
    schema: SchemaPath,
    *,
    table: Annotated[str | None, typer.Option(metavar="T", help="Only this table.", show_default=False)] = None,
    columns: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only these columns, and the key.", show_default=False)
    ] = None,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="How many rows of each table.")] = 10,
    seed: Seed = None,
    without: Without = None,
    scale: Scale = None,
    memory: Memory = None,
) -> None:
    """Show the first rows of each table. They equal the first rows of the full run."""
    from rich.console import Console  # start-up

    import datagen  # start-up: numpy, Arrow and every kind
    from datagen.cli.grid import show

    document = datagen.read(schema)
    tables = datagen.preview(
        document, rows=rows, **given(table=table, seed=seed, scale=scale, memory=memory, without=without)
    )
    keys = {name: _keys(document, name, data) for name, data in tables.items()}
    requested = None if columns is None else [name.strip() for name in columns.split(",")]
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(width=10_000, highlight=False)  # a file or a pipe has no width
    for name, data in _chosen(tables, keys, requested).items():
        show(console, name, data, keys[name])


def _keys(schema: Schema, table: str, data: pa.Table) -> tuple[str, ...]:
    """The columns that identify rows: the primary key, else the column of type `key`, else the first column."""
    declared = schema.document.tables[table]
    found = declared.primary_key or tuple(name for name, one in declared.columns.items() if one.role == "key")
    shown = tuple(name for name in found if name in data.column_names)
    return shown or tuple(data.column_names[:1])


def _chosen(
    tables: dict[str, pa.Table], keys: dict[str, tuple[str, ...]], requested: list[str] | None
) -> dict[str, pa.Table]:
    """Each table with the requested columns, in its own order, after its key.

    Raises BadParameter for a column that no table has.
    """
    if requested is None:
        return tables
    known = {column for data in tables.values() for column in data.column_names}
    for name in requested:
        if name not in known:
            from datagen.registry import did_you_mean

            raise typer.BadParameter(f"no table has a column '{name[:60]}'; {did_you_mean(name, sorted(known))}")
    found = {}
    for name, data in tables.items():
        if set(requested) & set(data.column_names):
            found[name] = data.select([c for c in data.column_names if c in requested or c in keys[name]])
    return found
