"""Finds columns that follow from others: copies through a key, totals and numbers of child rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.interop.infer.distributions import Json, Numbers
from datagen.interop.infer.relations import fan_out
from datagen.interop.infer.source_table import SourceKey, SourceTable

_FEWEST_ROWS, _FEWEST_VALUES = 30, 3
_MOST_NUMBERS = 6
"""Columns of numbers of which products are tried as terms of a total."""

_COUNTED = ("choice", "uniform", "normal", "lognormal", "exponential", "weibull", "gamma", "pareto")

Quote = Callable[[str], str]


def copies(
    table: SourceTable, tables: dict[str, SourceTable], columns: Json, parent: SourceKey | None, quote: Quote
) -> None:
    """Say columns that equal a column of the row that a key points to, in every row."""
    for key in table.foreign_keys:
        other = tables[key.table]
        cells, keys = table.columns[key.column].cells, other.columns[key.key].cells
        if key.table == table.name or cells is None or keys is None or table.read < _FEWEST_ROWS:
            continue
        at = pc.index_in(cells, value_set=keys)
        for name in _free(table, columns):
            source = _copied(table, name, other, at)
            if source is None:
                continue
            if key == parent:
                columns[name] = {"type": "expression", "expression": f"{quote(key.table)}.{quote(source)}"}
            else:
                columns[name] = {"type": "lookup", "through": key.column, "column": source}


def positions(table: SourceTable, parent: SourceKey | None, columns: Json) -> None:
    """Say numbers that count the rows of each parent, 1, 2, 3 ..., as ordinals."""
    if parent is None or table.read < _FEWEST_ROWS:
        return
    owner = np.asarray(pc.fill_null(pc.dictionary_encode(table.columns[parent.column].cells).indices, -1))
    counts = np.bincount(owner + 1)
    for name, made in list(columns.items()):
        column = table.columns.get(name)
        if column is None or column.cells is None or made["type"] not in _COUNTED or column.cells.null_count:
            continue
        if not pa.types.is_integer(column.type) or counts.max() < 2:
            continue
        numbers = np.asarray(column.cells)
        order = np.lexsort((numbers, owner))
        first = np.repeat(np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        if np.array_equal(numbers[order], np.arange(len(order)) - first + 1):
            columns[name] = {"type": "ordinal"}


def totals(table: SourceTable, children: list[tuple[SourceTable, SourceKey]], columns: Json, quote: Quote) -> None:
    """Say columns that are the number or a total of the child rows of every row."""
    if table.read < _FEWEST_ROWS:
        return
    for child, key in children:
        counts = fan_out(key, child, table)
        at = np.asarray(
            pc.fill_null(pc.index_in(child.columns[key.column].cells, value_set=table.columns[key.key].cells), 0)
        )
        for name in _free(table, columns):
            if not table.is_number(name):
                continue
            cells = _numbers(table, name)
            if np.array_equal(cells, counts):
                columns[name] = {"type": "count_of", "table": child.name}
                continue
            for expression, terms in _terms(child, quote):
                if _same(cells, np.asarray(np.bincount(at, weights=terms, minlength=table.read), np.float64)):
                    columns[name] = {"type": "sum_of", "table": child.name, "expression": expression}
                    break


def _free(table: SourceTable, columns: Json) -> list[str]:
    """Columns that are drawn so far, and no keys or times of rows."""
    taken = {
        "key",
        "parent_key",
        "reference",
        "arrival_time",
        "event_time",
        "lookup",
        "sum_of",
        "count_of",
        "expression",
        "constant",
        "struct",
        "list",
        "map",
    }
    keys = {key.column for key in table.foreign_keys} | set(table.primary_key)
    return [
        name for name in table.columns if name in columns and name not in keys and columns[name]["type"] not in taken
    ]


def _copied(table: SourceTable, name: str, other: SourceTable, at: pa.Array) -> str | None:
    column = table.columns[name]
    values = pc.count_distinct(column.cells).as_py()
    for source in other.columns.values():
        named_alike = source.name == name or source.name.endswith(f"_{name}") or name.endswith(f"_{source.name}")
        if (
            source.name in other.primary_key
            or source.type != column.type
            or values < (2 if named_alike else 20 * _FEWEST_VALUES)
        ):
            continue
        assert source.cells is not None
        taken = source.cells.take(at)
        equal = pc.fill_null(pc.equal(taken, column.cells), False)
        same = pc.or_(equal, pc.and_(pc.is_null(taken), pc.is_null(column.cells)))
        if other.is_sample:  # rows that are not there say nothing
            same = same.filter(pc.is_valid(at))
        if len(same) >= _FEWEST_ROWS and pc.all(same).as_py():
            return source.name
    return None


def _terms(child: SourceTable, quote: Quote) -> Iterator[tuple[str, Numbers]]:
    keys = {key.column for key in child.foreign_keys} | set(child.primary_key)
    names = [name for name in child.columns if name not in keys and child.is_number(name)][:_MOST_NUMBERS]
    for name in names:
        yield quote(name), np.nan_to_num(_numbers(child, name))
    for one, other in combinations(names, 2):
        yield f"{quote(one)} * {quote(other)}", np.nan_to_num(_numbers(child, one) * _numbers(child, other))


def _same(cells: Numbers, total: Numbers) -> bool:
    """Whether totals agree to half a cent; all nulls or zeros say nothing."""
    known = np.isfinite(cells)
    return bool(
        known.any()
        and np.ptp(cells[known]) > 0
        and (np.abs(cells[known] - total[known]) < 0.0051).all()
        and known.mean() > 0.9
    )


def _numbers(table: SourceTable, name: str) -> NDArray[np.float64]:
    return np.asarray(pc.cast(table.columns[name].cells, pa.float64(), safe=False))
