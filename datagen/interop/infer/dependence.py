"""What columns of a table have to do with each other: numbers by category, missing cells by category, times after
times.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.interop.infer.columns import Privacy, numbers
from datagen.interop.infer.distributions import DISTRIBUTIONS, Json, rounded
from datagen.interop.infer.relations import times_of
from datagen.interop.infer.source_table import SourceTable

_MOST_CASES, _FEWEST_ROWS = 8, 50
_EXPLAINED = 0.15
"""Part of the variance that a category must explain for a column to depend on it."""
_DIFFERENT_NULLS = 0.1
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))
_IN_ORDER = 0.999


def by_category(table: SourceTable, columns: Json, privacy: Privacy) -> None:
    """Give numbers that a category explains a distribution for each of its values."""
    for name, made in list(columns.items()):
        if made["type"] not in DISTRIBUTIONS or "as" in made or not table.is_number(name):
            continue
        explained = [
            (part, by)
            for by in _categories(table, columns, privacy)
            if (part := _variance_explained(table, name, by)) > _EXPLAINED
        ]
        if explained:
            columns[name] = _case(table, name, max(explained)[1], made, privacy)


def null_shares(table: SourceTable, columns: Json, privacy: Privacy) -> None:
    """Where the share of missing cells differs by a category, say it for each value."""
    for name, made in columns.items():
        nulls = [one for one in made.get("modifiers", ()) if one["type"] == "nulls"]
        if not nulls or name not in table.columns:
            continue
        missing = np.asarray(pc.is_null(table.columns[name].cells))
        for by in _categories(table, columns, privacy):
            shares = {_key(value): rounded(float(missing[rows].mean()), 3) for value, rows in _groups(table, by)}
            if by != name and max(shares.values()) - min(shares.values()) > _DIFFERENT_NULLS:
                made["modifiers"] = [{"type": "nulls", "by": by, "shares": shares, "share": nulls[0]["share"]}]
                break


def delays(table: SourceTable, columns: Json, privacy: Privacy) -> None:
    """Say times that never precede an earlier column of times as a delay after it."""
    stamps = [name for name, column in table.columns.items() if pa.types.is_timestamp(column.type) and name in columns]
    for at, name in enumerate(stamps):
        if columns[name]["type"] != "uniform":
            continue
        for earlier in reversed(stamps[:at]):
            distribution = _delay(table, earlier, name, max(_FEWEST_ROWS, privacy.k))
            if distribution is not None:
                rest = {key: columns[name][key] for key in ("modifiers",) if key in columns[name]}
                columns[name] = {
                    "type": "after",
                    "column": earlier,
                    "delay": distribution,
                    "after_window": "keep",
                    **rest,
                }
                break


def _delay(table: SourceTable, earlier: str, later: str, fewest: int) -> Json | None:
    one, other = table.columns[earlier].cells, table.columns[later].cells
    assert one is not None and other is not None
    both = pc.and_(pc.is_valid(one), pc.is_valid(other))
    if pc.sum(both).as_py() is None or pc.sum(both).as_py() < fewest:
        return None
    seconds = np.subtract(times_of(other.filter(both)), times_of(one.filter(both))) / 1e6
    if float((seconds >= 0).mean()) < _IN_ORDER:
        return None
    positive = seconds[seconds > 0]
    if len(positive) < fewest:
        return None
    logs = np.log(positive)
    if float(logs.std()) < 0.01:
        return {"type": "constant", "value": duration(float(np.median(positive))), "as": "duration"}
    return {
        "type": "lognormal",
        "median": duration(float(np.exp(logs.mean()))),
        "sigma": min(rounded(float(logs.std()), 3), 6),
    }


def duration(seconds: float) -> str:
    """A duration with three digits, in the largest unit of which it is at least two."""
    size, unit = next((one for one in _UNITS if seconds >= 2 * one[0]), (1, "s"))
    return f"{rounded(seconds / size, 3):g}{unit}"


def _categories(table: SourceTable, columns: Json, privacy: Privacy) -> list[str]:
    """Columns of a few values, each with rows and entities enough."""
    found = []
    for name, made in columns.items():
        if made["type"] != "choice" or "modifiers" in made or not 2 <= len(made["values"]) <= _MOST_CASES:
            continue
        owners = table.columns[name].owners
        groups = [rows if owners is None else np.unique(owners[rows]) for _, rows in _groups(table, name)]
        enough = all(len(rows) >= _FEWEST_ROWS for _, rows in _groups(table, name))
        if enough and all(len(entities) >= privacy.k for entities in groups):
            found.append(name)
    return found


def _groups(table: SourceTable, name: str) -> list[tuple[object, NDArray[np.int64]]]:
    """The rows of each value of a column."""
    encoded = pc.dictionary_encode(table.columns[name].cells)
    codes = np.asarray(pc.fill_null(encoded.indices, -1))
    return [(value, np.flatnonzero(codes == at)) for at, value in enumerate(encoded.dictionary.to_pylist())]


def _variance_explained(table: SourceTable, name: str, by: str) -> float:
    """Eta squared of the ranks of a column by the values of another, so that tails decide nothing."""
    values = np.asarray(pc.cast(table.columns[name].cells, pa.float64(), safe=False))
    known = np.isfinite(values)
    if known.sum() < _FEWEST_ROWS:
        return 0.0
    ranks = np.zeros(len(values))
    ranks[known] = np.argsort(np.argsort(values[known], kind="stable"), kind="stable")
    total = float(ranks[known].var() * known.sum())
    mean = float(ranks[known].mean())
    between = 0.0
    for _, rows in _groups(table, by):
        inside = ranks[rows][known[rows]]
        between += len(inside) * (float(inside.mean()) - mean) ** 2 if len(inside) else 0.0
    return between / total if total > 0 else 0.0


def _case(table: SourceTable, name: str, by: str, made: Json, privacy: Privacy) -> Json:
    values = np.asarray(pc.cast(table.columns[name].cells, pa.float64(), safe=False))
    whole = pa.types.is_integer(table.columns[name].type)
    cases = {}
    owners = table.columns[name].owners
    for value, rows in _groups(table, by):
        cases[_key(value)] = numbers(values[rows], rows if owners is None else owners[rows], privacy, whole=whole)[0]
    rest = {key: made[key] for key in ("modifiers",) if key in made}
    return {"type": "case", "column": by, "cases": cases, **rest}


def _key(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
