"""`datagen export`: writes the constraints of a schema for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.options import SchemaPath
from datagen.cli.writing import printable, write_file
from datagen.locations import local_path


def export(
    schema: SchemaPath,
    *,
    to: Annotated[
        str,
        typer.Option(
            metavar="FORMAT",
            help="dbt, great-expectations, pandera, ddl, mermaid or datapackage.",
            show_default=False,
        ),
    ],
    dialect: Annotated[
        str, typer.Option(metavar="SQL", help="postgres, duckdb, snowflake, bigquery or mysql.")
    ] = "postgres",
    table: Annotated[str | None, typer.Option(metavar="T", help="Only this table.", show_default=False)] = None,
    out: Annotated[
        Path | None,
        typer.Option(parser=local_path, metavar="FILE", help="Write it to a file.", show_default=False),
    ] = None,
) -> None:
    """Write tables, keys and constraints of a schema for another tool: dbt tests, SQL DDL, a diagram ..."""
    from datagen.interop.export import export as exported  # start-up: numpy, Arrow and every kind

    text = exported(schema, to, dialect=dialect, table=table)
    if out is None:
        print(text, end="")
        return
    write_file(out, text)
    print(f"wrote {printable(str(out))}")
