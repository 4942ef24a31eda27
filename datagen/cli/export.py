"""`datagen export`: writes the constraints of a schema for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.options import SchemaPath
from datagen.cli.text_output import printable, write_file
from datagen.locations import local_path


def export(
    schema: SchemaPath,
    *,
    to: Annotated[
        str,
        typer.Option(
            metavar="FORMAT",
            help="dbt, great-expectations, pandera, ddl, mermaid, datapackage, svg or png.",
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
    if to in ("svg", "png"):
        _picture(schema, to, table, out)
        return
    from datagen.interop.export import export as exported  # start-up: numpy, Arrow and every kind

    text = exported(schema, to, dialect=dialect, table=table)
    if out is None:
        print(text, end="")
        return
    write_file(out, text)
    print(f"wrote {printable(str(out))}")


def _picture(schema: str, to: str, table: str | None, out: Path | None) -> None:
    from datagen.interop.export.picture import to_picture  # start-up: numpy, Arrow and every kind

    if table is not None:
        raise typer.BadParameter("a picture shows all tables: leave out --table")
    if out is None and to == "png":
        raise typer.BadParameter("a PNG is no text: name a file with --out")
    if out is not None and out.suffix.lower() != f".{to}":
        raise typer.BadParameter(f"--to {to} writes a file whose name ends in .{to}")
    text = to_picture(schema, out)
    print(text if out is None else f"wrote {printable(str(out))}")
