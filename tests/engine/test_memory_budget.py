"""The memory of a plan counts what grows with the document, whatever it is."""

from __future__ import annotations

from pathlib import Path

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


def test_processes_have_larger_blocks_but_for_small_budgets() -> None:
    """A run can be resumed with another number of workers, whose tasks have another share of the memory."""
    document = Path(__file__).parents[2] / "examples" / "iot_machine_states.json"
    budgets = (260_000_000, 400_000_000, 2_000_000_000)
    small, medium, large = (datagen.plan(document, scale=2, memory=budget) for budget in budgets)
    assert medium.id == large.id and large.families["machines"].block > 3 * small.families["machines"].block
