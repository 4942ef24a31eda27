from __future__ import annotations

import pytest

import datagen
from tests.promises.documents import tables


def document(order_no: str = "{parent}/{number:3}", customer_no: str = "C-{year}-{number:4}") -> dict:
    return {
        "datagen": 1,
        "name": "shop",
        "window": {"start": "2023-01-01", "end": "2025-01-01"},
        "tables": {
            "customers": {
                "rows": {"type": "arrivals", "count": 300},
                "columns": {"no": {"type": "formatted_key", "format": customer_no}, "at": {"type": "arrival_time"}},
            },
            "orders": {
                "parent": "customers",
                "rows": {"type": "events", "mean_per_month": 1},
                "columns": {"no": {"type": "formatted_key", "format": order_no}, "of": {"type": "parent_key"}},
            },
        },
    }


def test_numbers_begin_anew_each_year() -> None:
    count: dict[int, int] = {}
    for row in tables(document())["customers"].to_pylist():
        year = row["at"].year
        count[year] = count.get(year, 0) + 1
        assert row["no"] == f"C-{year}-{count[year]:04}"
    assert len(count) == 2


def test_numbers_begin_anew_below_each_parent() -> None:
    count: dict[str, int] = {}
    for row in tables(document())["orders"].to_pylist():
        count[row["of"]] = count.get(row["of"], 0) + 1
        assert row["no"] == f"{row['of']}/{count[row['of']]:03}"


def test_other_numbers_count_the_rows_and_grow_beyond_their_digits() -> None:
    made = tables(document("N{number:2}"))["orders"]["no"].to_pylist()
    assert made == [f"N{number:02}" for number in range(1, len(made) + 1)] and len(made) > 1000


@pytest.mark.parametrize(
    "order_no, code", [("AB", "missing"), ("{number}{day}", "unknown-name"), ("{year}-{number}", "conflict")]
)
def test_formats_that_make_no_keys_are_reported(order_no: str, code: str) -> None:
    assert [problem.code for problem in datagen.check(document(order_no))] == [code]


def test_numbers_of_rows_below_arrivals_begin_anew_each_year() -> None:
    made = document("{parent}/{year}-{number}")
    lines = {"no": {"type": "formatted_key", "format": "L-{year}-{number:3}"}, "of": {"type": "parent_key"}}
    count = {"type": "per_parent", "count": {"type": "poisson", "mean": 2}}
    made["tables"]["cards"] = {"parent": "customers", "rows": count, "columns": lines}
    found = {name: table.to_pylist() for name, table in tables(made).items()}
    years, numbers = {row["no"]: row["at"].year for row in found["customers"]}, dict[int, int]()
    for row in found["cards"]:
        year = years[row["of"]]
        numbers[year] = numbers.get(year, 0) + 1
        assert row["no"] == f"L-{year}-{numbers[year]:03}"
    assert len(numbers) == 2 and min(numbers.values()) > 100
    orders = [row["no"] for row in found["orders"]]
    assert len(set(orders)) == len(orders) and {no.split("/")[1][:4] for no in orders} == {"2023", "2024"}
