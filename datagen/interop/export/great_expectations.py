"""Expectation suites of Great Expectations 1, one for each table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from datagen.columnar.block import FLOAT, Type
from datagen.interop.table_schema import ColumnSchema, DescribedSchema, DescribedTable
from datagen.kinds.expectations.base import Expectation
from datagen.kinds.expectations.count import Count
from datagen.kinds.expectations.max import Max
from datagen.kinds.expectations.mean import Mean
from datagen.kinds.expectations.min import Min
from datagen.kinds.expectations.sum import Sum
from datagen.kinds.expectations.support.aggregate import Aggregate
from datagen.kinds.expectations.unique import Unique

_COLUMN = {Mean: "mean", Min: "min", Max: "max", Sum: "sum"}
Declared = dict[str, Any]


def great_expectations(schema: DescribedSchema) -> str:
    """JSON with the suites of all tables under `suites`; for a single table the suite itself.

    Expectations on an expression or with a condition are left out: no counterpart works with every engine.
    """
    suites = [_suite(schema.name, table) for table in schema.tables]
    data = suites[0] if len(suites) == 1 else {"name": schema.name, "suites": suites}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _suite(name: str, table: DescribedTable) -> Declared:
    found = [
        _declared("expect_table_columns_to_match_set", column_set=[c.name for c in table.columns], exact_match=True)
    ]
    if len(table.key) > 1:
        found.append(_declared("expect_compound_columns_to_be_unique", column_list=list(table.key)))
    for column in table.columns:
        found += _of_column(column, table)
    for expectation in table.expectations:
        found += _of_expectation(expectation, {column.name: column.type for column in table.columns})
    meta = {"great_expectations_version": "1.0.0", "notes": table.description}
    return {"name": f"{name}.{table.name}", "expectations": found, "meta": meta}


def _of_column(column: ColumnSchema, table: DescribedTable) -> Iterator[Declared]:
    name = column.name
    if not column.nullable:
        yield _declared("expect_column_values_to_not_be_null", column=name)
    if column.unique or table.key == (name,):
        yield _declared("expect_column_values_to_be_unique", column=name)
    if column.values:
        yield _declared("expect_column_values_to_be_in_set", column=name, value_set=list(column.values))
    if column.pattern:
        yield _declared("expect_column_values_to_match_regex", column=name, regex=column.pattern)
    if column.type.numeric and (column.low is not None or column.high is not None):
        bounds = _bounds(column.low, column.high)
        yield _declared("expect_column_values_to_be_between", column=name, **bounds)


def _of_expectation(expectation: Expectation, types: dict[str, Type]) -> Iterator[Declared]:
    if expectation.where is not None:
        return
    if isinstance(expectation, Unique) and set(expectation.columns) <= set(types):
        single = len(expectation.columns) == 1
        kind = "expect_column_values_to_be_unique" if single else "expect_compound_columns_to_be_unique"
        which = {"column": expectation.columns[0]} if single else {"column_list": list(expectation.columns)}
        yield _declared(kind, **which)
    elif isinstance(expectation, Count):
        target = expectation.target(FLOAT)
        yield _declared("expect_table_row_count_to_be_between", **_bounds(target.low, target.high))
    elif isinstance(expectation, Aggregate) and type(expectation) in _COLUMN and expectation.expression in types:
        type_ = types[expectation.expression]
        if type_.numeric:
            target = expectation.target(type_)
            kind = f"expect_column_{_COLUMN[type(expectation)]}_to_be_between"
            yield _declared(kind, column=expectation.expression, **_bounds(target.low, target.high))


def _bounds(low: float | None, high: float | None) -> Declared:
    return {key: bound for key, bound in (("min_value", low), ("max_value", high)) if bound is not None}


def _declared(kind: str, **keywords: Any) -> Declared:
    return {"type": kind, "kwargs": keywords, "meta": {}}
