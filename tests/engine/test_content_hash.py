from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from datagen.engine.content_hash import ContentHash


def digest(*tables: pa.Table) -> str:
    content = ContentHash()
    for table in tables:
        content.add(table)
    return content.digest()


def sample() -> pa.Table:
    rng = np.random.default_rng(1)
    n = 1000
    text = pa.array([None if i % 7 == 0 else "x" * (i % 30) + str(i) for i in range(n)])
    return pa.table(
        {
            "k": pa.array(range(n)),
            "v": pa.array(rng.random(n)),
            "t": text,
            "c": pa.array(["a", None, "b", "c"] * (n // 4)).dictionary_encode(),
            "b": pa.array(rng.random(n) < 0.5),
            "d": pa.array([dt.date(2024, 1, 1) + dt.timedelta(days=i) for i in range(n)]),
        }
    )


def test_the_order_of_rows_columns_and_parts_does_not_matter() -> None:
    table = sample()
    shuffled = table.take(pa.array(np.random.default_rng(2).permutation(1000))).select(["t", "b", "k", "d", "c", "v"])
    assert digest(table) == digest(shuffled) == digest(table.slice(0, 333), table.slice(333))


def test_how_text_is_stored_does_not_matter() -> None:
    table = sample()
    plain = table.set_column(3, "c", table["c"].cast(pa.string()))
    assert digest(plain) == digest(table)


@pytest.mark.parametrize(
    "column, value",
    [
        ("k", 1_000_001),
        ("v", 0.123),
        ("t", "other"),
        ("t", None),
        ("t", ""),
        ("c", "b"),
        ("b", None),
        ("d", dt.date(1999, 1, 1)),
    ],
)
def test_any_other_value_changes_it(column: str, value: object) -> None:
    table = sample()
    cells = table[column].to_pylist()
    at = 5 if cells[5] != value else 6
    cells[at] = value
    changed = table.set_column(
        table.column_names.index(column),
        column,
        pa.array(cells, table[column].cast(pa.string()).type if column == "c" else table[column].type),
    )
    assert digest(changed) != digest(table)


def test_values_that_change_places_between_rows_change_it() -> None:
    table = sample()
    cells = table["v"].to_pylist()
    cells[0], cells[1] = cells[1], cells[0]
    assert digest(table.set_column(1, "v", pa.array(cells))) != digest(table)


def test_a_repeated_row_and_a_renamed_column_change_it() -> None:
    table = sample()
    assert digest(table, table.slice(0, 1)) != digest(table)
    assert digest(table.rename_columns(["k", "w", "t", "c", "b", "d"])) != digest(table)


def test_decimals_count_by_their_value() -> None:
    exact = pa.table({"m": pa.array([Decimal("1.25"), None], pa.decimal128(10, 2))})
    assert digest(exact) == digest(pa.table({"m": pa.array([1.25, None])}))
