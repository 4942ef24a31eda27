from __future__ import annotations

import pytest

import datagen
from datagen.errors import DatagenError
from tests.promises.documents import tables


def document(count: int, **key: object) -> dict:
    return {
        "datagen": 1,
        "name": "orders",
        "tables": {
            "customers": {"rows": 30, "columns": {"customer_id": {"type": "key"}}},
            "orders": {
                "parent": "customers",
                "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": count}},
                "columns": {"customer_id": {"type": "parent_key"}, "it": {"type": "child_key", **key}},
            },
        },
    }


def test_a_key_is_the_key_of_the_parent_and_the_number_below_it() -> None:
    made = tables(document(4, digits=3))["orders"].to_pylist()
    assert len(made) > 50
    before: dict[int, int] = {}
    for row in made:
        before[row["customer_id"]] = before.get(row["customer_id"], 0) + 1
        assert row["it"] == row["customer_id"] * 1000 + before[row["customer_id"]]


def test_keys_stay_where_parents_get_more_rows() -> None:
    few, many = (set(tables(document(count, scrambled=True))["orders"]["it"].to_pylist()) for count in (3, 6))
    assert few <= many


def test_too_many_rows_for_the_digits_fail_at_their_place() -> None:
    with pytest.raises(DatagenError, match=r"\$\.tables\.orders\.columns\.it: row .* change 'digits'"):
        tables(document(40, digits=1))


def test_a_table_without_a_parent_has_no_child_keys() -> None:
    wrong = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 3, "columns": {"x": {"type": "child_key"}}}}}
    assert [problem.code for problem in datagen.check(wrong)] == ["no-parent"]
