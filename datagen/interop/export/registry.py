"""All export formats by name, and `export`, which writes a schema in one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from datagen.analysis import analyze_or_raise
from datagen.engine.program import Program
from datagen.errors import PlanError
from datagen.interop.export.datapackage import datapackage
from datagen.interop.export.dbt import dbt
from datagen.interop.export.ddl import ddl
from datagen.interop.export.great_expectations import great_expectations
from datagen.interop.export.mermaid import mermaid
from datagen.interop.export.pandera import pandera
from datagen.interop.export.sql import DIALECTS
from datagen.interop.table_schema import DescribedSchema, described
from datagen.registry import did_you_mean
from datagen.schema.reading.read import Schema

FORMATS: Mapping[str, Callable[[DescribedSchema, str], str]] = {
    "dbt": dbt,
    "great-expectations": lambda schema, _: great_expectations(schema),
    "pandera": lambda schema, _: pandera(schema),
    "ddl": ddl,
    "mermaid": lambda schema, _: mermaid(schema),
    "datapackage": lambda schema, _: datapackage(schema),
}
"""From a schema and a dialect of SQL to text."""
_MEANT = {"sql": "ddl", "create": "ddl", "er": "mermaid", "erd": "mermaid", "gx": "great-expectations"}
"""Other names of formats."""


def export(
    source: str | Path | Mapping[str, Any] | Schema, to: str, *, dialect: str = "postgres", table: str | None = None
) -> str:
    """The tables and constraints of a schema (or of one table) for another tool.

    `to` is dbt, great-expectations, pandera, ddl, mermaid or datapackage; `dialect` is that of its SQL. Raises
    SchemaError, or PlanError for an unknown format, dialect or table.
    """
    _known("format", to, list(FORMATS))
    _known("dialect", dialect, list(DIALECTS))
    model = analyze_or_raise(source)
    schema = described(Program(model, model.document.seed, 1.0, {}, {}))
    if table is not None:
        _known("table", table, [one.name for one in schema.tables])
        schema = replace(schema, tables=tuple(one for one in schema.tables if one.name == table))
    return FORMATS[to](schema, dialect)


def _known(what: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise PlanError(f"there is no {what} '{name[:60]}'; {did_you_mean(_MEANT.get(name.lower(), name), known)}")
