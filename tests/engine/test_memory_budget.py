"""The memory of a plan counts what grows with the document, whatever it is."""

from __future__ import annotations

import pytest

import datagen


def memory(history: str, start: str = "2024-01-01") -> int:
    rows = {"type": "arrivals", "count": 40, "before_window": 0.5, "history": history}
    people = {"rows": rows, "columns": {"id": {"type": "key"}}}
    visits = {
        "parent": "people",
        "rows": {"type": "events", "mean_per_month": 1},
        "columns": {"visit_id": {"type": "key"}},
    }
    window, tables = {"start": start, "end": "2024-03-01"}, {"people": people, "visits": visits}
    return datagen.plan({"datagen": 1, "name": "m", "window": window, "tables": tables}).memory


@pytest.mark.parametrize("history", ["100y", "290y"])
def test_the_calendar_of_a_long_history_is_counted(history: str) -> None:
    cells = int(history[:-1]) * 8766
    assert memory(history) - memory("2y") > 80 * (cells - 250_000)


def test_the_calendar_of_a_usual_window_is_in_the_base() -> None:
    assert memory("15y") - memory("2y") < 1_000_000
