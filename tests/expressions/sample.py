"""Five hundred rows of every type, with and without nulls, as our columns and as a DuckDB table."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columnar.block import BOOL, CATEGORY, DATE, FLOAT, INT, TEXT, TIMESTAMP, Column, Type, decimal

N = 500
WORDS = ["paid", "open", "cancelled", "Zürich", "10%_off", "never seen"]
TEXTS = ["", "a", "Hello World", "  padded ", "42", "-7", "3.25", "été", "back\\slash", "xx_x%", "2024-02-29", "paid"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def _columns() -> dict[str, tuple[Type, Any]]:
    random = np.random.default_rng(7)
    moments = random.integers(-(10**15), 2 * 10**15, N)
    moments[::7] = moments[::7] // 86_400_000_000 * 86_400_000_000
    return {
        "i": (INT, random.integers(-50, 50, N)),
        "j": (INT, random.integers(1, 9, N)),
        "z": (INT, random.integers(-1, 2, N)),
        "big": (INT, random.integers(-(2**60), 2**60, N)),
        "x": (FLOAT, np.round(random.normal(0, 100, N), 3)),
        "p": (FLOAT, random.uniform(0.01, 5, N)),
        "half": (FLOAT, random.integers(-9, 10, N) / 2),
        "m": (decimal(2), random.integers(-99999, 99999, N)),
        "r": (decimal(4), random.integers(-99999, 99999, N)),
        "b": (BOOL, random.integers(0, 2, N) == 1),
        "s": (CATEGORY, random.integers(0, 5, N).astype(np.int32)),
        "s2": (CATEGORY, random.integers(0, 3, N).astype(np.int32)),
        "t": (TEXT, random.integers(0, len(TEXTS), N)),
        "ts": (TIMESTAMP, moments),
        "ts2": (TIMESTAMP, random.integers(0, 2 * 10**15, N)),
        "d": (DATE, random.integers(-20_000, 25_000, N)),
    }


def _dictionary(name: str) -> list[str]:
    return ["open", "late", "paid"] if name == "s2" else WORDS


def _values(name: str, kind: Type, data: Any, valid: Any) -> Column:
    if kind == TEXT:
        return Column(TEXT, pa.array([TEXTS[code] for code in data]), valid)
    return Column(kind, data, valid, pa.array(_dictionary(name)) if kind == CATEGORY else None)


def sample() -> dict[str, Column]:
    """Each column twice: `i` without nulls, `i_n` with a quarter missing."""
    random = np.random.default_rng(8)
    columns = {}
    for name, (kind, data) in _columns().items():
        columns[name] = _values(name, kind, data, None)
        columns[f"{name}_n"] = _values(name, kind, data[::-1].copy(), random.random(N) > 0.25)
    return columns


def cells(values: Column) -> list[Any]:
    """Values as Python objects, None for missing."""
    valid = np.ones(len(values), bool) if values.valid is None else values.valid
    return [_cell(values, index) if there else None for index, there in enumerate(valid)]


def _cell(values: Column, index: int) -> Any:
    name, raw = values.type.name, values.data[index]
    if name == "text":
        return raw.as_py()
    if name == "category":
        assert values.dictionary is not None
        return values.dictionary[int(raw)].as_py()
    plain = raw.item()
    if name == "decimal":
        return Decimal(plain).scaleb(-values.type.scale)
    if name == "timestamp":
        return _EPOCH + timedelta(microseconds=plain)
    if name == "duration":
        return timedelta(microseconds=plain)
    return date(1970, 1, 1) + timedelta(days=plain) if name == "date" else plain


def table() -> pa.Table:
    """The same rows for DuckDB."""
    arrow = {
        "decimal": lambda kind: pa.decimal128(18, kind.scale),
        "timestamp": lambda _: pa.timestamp("us"),
        "date": lambda _: pa.date32(),
        "category": lambda _: pa.string(),
        "text": lambda _: pa.string(),
        "int": lambda _: pa.int64(),
        "float": lambda _: pa.float64(),
        "bool": lambda _: pa.bool_(),
    }
    columns = {name: pa.array(cells(v), arrow[v.type.name](v.type)) for name, v in sample().items()}
    return pa.table({"row": pa.array(range(N)), **columns})
