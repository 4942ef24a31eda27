"""Datasets of shipped examples as pandas tables, to break and to write again: what is no constraint's business stays
legal.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import datagen

EXAMPLES = Path(__file__).parents[2] / "examples"
Tables = dict[str, pd.DataFrame]


def tables_of(dataset: datagen.Dataset) -> tuple[Tables, dict[str, pa.Schema]]:
    found = {name: dataset.table(name).to_arrow() for name in dataset.tables}
    return {name: table.to_pandas() for name, table in found.items()}, {n: t.schema for n, t in found.items()}


def written(tables: Tables, schemas: dict[str, pa.Schema], folder: Path) -> Path:
    """As a folder that anybody could have made: one file per table, no manifest, no truth."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        table = pa.Table.from_pandas(frame, schemas[name], preserve_index=False)
        pq.write_table(table, folder / f"{name}.parquet", compression="none")
    return folder


def named(report: datagen.validation.report.report.Report) -> set[tuple[str, str | None, str]]:
    """Table, column and measure of everything that is at fault."""
    wrong = ("fail", "not recovered")
    return {(f.table, f.column, f.measure) for f in report.findings if f.verdict in wrong}


def rng() -> np.random.Generator:
    return np.random.default_rng(17)
