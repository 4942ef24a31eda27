"""The plan of one table: Arrow schema, hidden columns, encodings, sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from datagen.analysis.semantic_model import SemanticModel
from datagen.columnar.block import Type
from datagen.kinds.generators.base import Generator
from datagen.planning.encodings import USUAL, arrow_type, disk_bytes, encoding, memory_bytes
from datagen.planning.plan import TablePlan

if TYPE_CHECKING:
    from datagen.kinds.faults.base import ColumnShape
    from datagen.kinds.formats.base import Sink

INT64_DIGITS = 18
"""Digits of the longest decimals that Parquet stores as integers."""
FORMAT = 1
"""The version of the values. It is raised when the same document and seed give other data than before."""


def table_plan(model: SemanticModel, name: str, rows: int) -> TablePlan:
    """The plan of one table with about this many rows."""
    facts = model.tables[name]
    shown = {column: g for column, g in facts.columns.items() if not g.hidden}  # a hidden table has all columns here
    hidden = {column: g for column, g in facts.columns.items() if g.hidden}
    encodings = {column: _encoding(model, name, column) for column in facts.columns}
    truth = {**({facts.key: shown[facts.key]} if facts.key in shown else {}), **hidden} if hidden else None
    clean, (damaged, added) = _schema(model, name, shown), _fault_columns(model, name)
    written = _damaged(clean, damaged, added)
    return TablePlan(
        name, facts.root, written, _schema(model, name, truth) if truth else None,
        {**encodings, **{c: encoding(shape.type, key=False) for c, shape in damaged.items()}},
        rows, round(disk_row(model, name) * rows), facts.hidden, clean if name in faulty(model) else None,
        any(fault.repeats for fault in model.document.faults.get(name, ())),
    )  # fmt: skip


def in_zone(table: TablePlan, sink: Sink) -> TablePlan:
    """The table with the times of the format."""
    truth = None if table.truth is None else sink.in_zone(table.truth)
    return replace(table, schema=sink.in_zone(table.schema), truth=truth)


def disk_row(model: SemanticModel, table: str) -> float:
    """Bytes of one row in a compressed Parquet file, roughly."""
    columns = model.tables[table].columns
    return sum(disk_bytes(cell_type(model, table, name)) for name, g in columns.items() if not g.hidden)


def _encoding(model: SemanticModel, table: str, column: str) -> str:
    generator, type_ = model.tables[table].columns[column], cell_type(model, table, column)
    digits = generator.decimal_digits(model.column(table, column))
    if digits is not None:
        return "delta" if digits <= INT64_DIGITS else "plain"  # integers, or bytes of a fixed length
    return encoding(type_, key=generator.keyed and type_.name == "int")


def faulty(model: SemanticModel) -> frozenset[str]:
    """The tables that have faults."""
    return frozenset(name for name, declared in model.document.faults.items() if declared)


def _fault_columns(model: SemanticModel, name: str) -> tuple[dict[str, ColumnShape], dict[str, str]]:
    """The columns that faults change, and the sources of those that they add."""
    if name not in faulty(model):
        return {}, {}
    from datagen.engine.faults import added_columns, shapes  # start-up: only tables with faults need it

    return shapes(model, name), added_columns(model, name)


def _damaged(clean: pa.Schema, damaged: Mapping[str, ColumnShape], added: Mapping[str, str]) -> pa.Schema:
    """The schema of a table after its faults; columns that they add come last."""
    return pa.schema(
        [
            each.with_nullable(damaged[each.name].nullable).with_type(
                pa.string() if damaged[each.name].type.name == "text" else each.type
            )
            if each.name in damaged
            else each
            for each in clean
        ]
        + [clean.field(source).with_name(name).with_nullable(True) for name, source in added.items()]
    )


def _schema(model: SemanticModel, table: str, columns: dict[str, Generator]) -> pa.Schema:
    return pa.schema([_field(model, table, column, generator) for column, generator in columns.items()])


def _field(model: SemanticModel, table: str, column: str, generator: Generator) -> pa.Field:
    logical = cell_type(model, table, column)
    digits = generator.decimal_digits(model.column(table, column))
    if digits is not None:
        exact = pa.decimal128(digits, logical.scale)
        return pa.field(column, exact, nullable=model.nullable(table, column))
    type_ = arrow_type(logical, code_bits(model, table, column, generator))
    return pa.field(column, type_, nullable=model.nullable(table, column))


def code_bits(model: SemanticModel, table: str, column: str, generator: Generator) -> int:
    """The bits of a category's codes, from the number of its values if that is known."""
    words = generator.domain(model.column(table, column))
    if words is None:
        return 32
    return 8 if len(words) <= 127 else 16 if len(words) <= 32_767 else 32


def cell_bytes(model: SemanticModel, table: str) -> int:
    """The bytes of one row in memory, with its identity, parent and position."""
    working = 0
    size = 24 + model.tables[table].rows.working(model.rows(table))
    for column, generator in model.tables[table].columns.items():
        size += memory_bytes(cell_type(model, table, column), model.longest(table, column))
        working = max(working, generator.working(model.column(table, column)))
    return size + (working if working > USUAL else 0)


def cell_type(model: SemanticModel, table: str, column: str) -> Type:
    """The type of a column of a valid document."""
    type_ = model.type_of(table, column)
    assert type_ is not None, f"column {table}.{column} passed the checks without a type"
    return type_
