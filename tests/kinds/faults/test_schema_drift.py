from __future__ import annotations

from datetime import datetime

import pytest

from tests.kinds.faults.damage import problems, visits

SINCE = datetime(2024, 7, 1)  # noqa: DTZ001 (times are in UTC)


def drift(**more: object) -> dict:
    return {"type": "schema_drift", "columns": ["weight"], "drift": "dropped", "since": "2024-07-01", **more}


@pytest.mark.parametrize("change", ["dropped", "added"])
def test_cells_are_missing_on_one_side_of_the_date(change: str) -> None:
    made = visits(drift(drift=change))
    for at, cell in zip(made.dirty["at"].to_pylist(), made.dirty["weight"].to_pylist(), strict=True):
        assert (cell is None) == ((at >= SINCE) == (change == "dropped"))
    assert made.hit("weight")


def test_retyped_cells_stand_in_a_text() -> None:
    made = visits(drift(drift="retyped", columns=["visit_id"], form="v-{}"))
    clean, dirty = made.clean["visit_id"].to_pylist(), made.dirty["visit_id"].to_pylist()
    for at, was, now in zip(made.dirty["at"].to_pylist(), clean, dirty, strict=True):
        assert now == (f"v-{was}" if at >= SINCE else f"{was}")


def test_some_producers_have_not_changed() -> None:
    made = visits(drift(rate=0.5))
    times, cells = made.dirty["at"].to_pylist(), made.dirty["weight"].to_pylist()
    late = [cell for at, cell in zip(times, cells, strict=True) if at >= SINCE]
    assert 0.35 < sum(cell is None for cell in late) / len(late) < 0.65


@pytest.mark.parametrize("fault, of, message", [
    (drift(drift="retyped"), "visits", "a retyped cell stands in a text of another form"),
    (drift(form="{} kg"), "visits", "columns that are dropped have no form"),
    (drift(columns=["name"]), "people", "rows of 'people' have no time of their own"),
    (drift(columns=["wight"]), "visits", "column 'wight' of 'visits' is unknown"),
])  # fmt: skip
def test_problems(fault: dict, of: str, message: str) -> None:
    assert any(message in problem for problem in problems(fault, of=of))
