"""`datagen plan`: shows what a run would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datagen.cli.options import AsJson, Clean, FileFormat, Memory, PartitionRows, Scale, SchemaPath, Seed, Without


def plan(
    schema: SchemaPath,
    *,
    seed: Seed = None,
    scale: Scale = None,
    partition_rows: PartitionRows = None,
    memory: Memory = None,
    file_format: FileFormat = None,
    clean: Clean = False,
    as_json: AsJson = False,
    without: Without = None,
) -> None:
    """Show what a run would do: tables, rows, bytes, partitions, memory per task."""
    import datagen  # start-up: numpy, Arrow and every kind

    options = given(
        seed=seed, scale=scale, partition_rows=partition_rows, memory=memory, format=file_format, without=without
    )
    made = datagen.plan(schema, **options, clean=clean)
    if as_json:
        import json

        from datagen.planning.plan_json import as_data

        print(json.dumps(as_data(made), indent=2))
    else:
        print(made.explain())


def given(**options: object) -> dict[str, Any]:
    """The options that were given. Omitted ones keep the defaults of the Python functions."""
    return {name: value for name, value in options.items() if value is not None}


def certificates(ca: Path | None, cert: Path | None, key: Path | None) -> dict[str, str | None]:
    """The options of the TLS certificates, by their names in Python."""
    files = {"tls_ca": ca, "tls_cert": cert, "tls_key": key}
    return {name: None if path is None else str(path) for name, path in files.items()}
