from __future__ import annotations

import pytest

import datagen
from tests.kinds.generators.rollups import below, document


def test_it_is_the_maximum_of_what_is_there() -> None:
    found = below("max_of", expression="price")
    assert any(it is None for it, _ in found)
    for it, items in found:
        prices = [item["price"] for item in items if item["price"] is not None]
        assert it == (max(prices) if prices else None)


def test_only_rows_that_the_filter_picks_count() -> None:
    for it, items in below("max_of", expression="price", filter="kind = 'a'"):
        prices = [item["price"] for item in items if item["price"] is not None and item["kind"] == "a"]
        assert it == (max(prices) if prices else None)


@pytest.mark.parametrize("column, code", [({"expression": "kind"}, "type"), ({"expression": "cost"}, "unknown-column")])
def test_problems(column: dict, code: str) -> None:
    assert code in [problem.code for problem in datagen.check(document("max_of", **column))]
