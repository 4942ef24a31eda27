"""`datagen infer`: a schema from files, a database, DDL, a dbt manifest or a data contract."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.options import Cluster, Memory, TlsCa, TlsCert, TlsKey, Workers
from datagen.cli.plan import certificates, given
from datagen.cli.text_output import printable, write_file
from datagen.errors import SchemaError
from datagen.locations import local_path


def infer(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A folder, a CSV, Parquet, SQL, SQLite or DuckDB file, the URL of a database, the manifest.json of "
            "dbt, or a data contract (ODCS, YAML).",
        ),
    ],
    *,
    out: Annotated[
        Path | None, typer.Option(parser=local_path, metavar="FILE", help="Write the schema here.", show_default=False)
    ] = None,
    name: Annotated[str | None, typer.Option(help="The name of the schema.", show_default="that of the source")] = None,
    k: Annotated[int, typer.Option(min=1, help="Rows or entities that must share a value before it is kept.")] = 20,
    rows: Annotated[
        int, typer.Option(min=1, help="Rows of a table that are held; of a larger one, a sample.")
    ] = 1_000_000,
    privacy: Annotated[bool, typer.Option("--privacy", help="Say which values of the source are kept.")] = False,
    workers: Workers = None,
    cluster: Cluster = None,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    memory: Memory = None,
) -> None:
    """Infer a schema from data that exists: tables, keys, counts, distributions, time profiles; statistics only, no
    values of persons.
    """
    from datagen.interop.infer import infer as inferred  # start-up: numpy, Arrow and every kind
    from datagen.schema.layout import json_text

    options = given(workers=workers, cluster=cluster, memory=memory, **certificates(tls_ca, tls_cert, tls_key))
    made = inferred(source, name, k, rows, **options)
    in_yaml = out is not None and out.suffix.lower() in (".yaml", ".yml")
    text = made.to_yaml() if in_yaml else json_text(made.document) + "\n"
    if out is not None:
        write_file(out, text)
    else:
        print(text, end="")
    for note in (*made.notes, *(made.kept if privacy else ())):
        typer.echo(printable(note), err=True)
    if made.problems:
        raise SchemaError(made.problems)
