"""Checking and planning are bounded in time and memory, whatever the rates and windows of a document."""

from __future__ import annotations

import json
import resource
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

import datagen
from datagen.engine.dry_run import check
from datagen.errors import PlanError

CASES = Path(__file__).parents[1] / "cases"


def case(name: str) -> dict[str, Any]:
    path = CASES / name
    return yaml.safe_load(path.read_text()) if path.suffix == ".yaml" else json.loads(path.read_text())


def busy(end: str, rate: dict[str, float], *behaviors: dict[str, Any]) -> dict[str, Any]:
    document = case("short_window.json")
    document["window"]["end"] = end
    document["tables"]["c"]["rows"] = {"type": "events", **rate}
    document["tables"]["p"]["behaviors"] = list(behaviors)
    return document


FADING = {"type": "vintage", "unit": "day", "multiply": {"c": {"type": "power", "exponent": -1}}}
LEAVING = {"type": "bg_nbd", "of": "c", "r": 0.5, "a": 0.8, "b": 2.4}
DOCUMENTS = {
    "a year of millions": case("high_rate.json"),
    "a second": case("short_window.json"),
    "half a second a month": busy("2024-01-01T00:00:00.5", {"mean_per_month": 1e9}),
    "minutes": busy("2024-01-01T00:03:00", {"mean_per_hour": 1e6}),
    "a month of days": busy("2024-02-01", {"mean_per_day": 3e6}),
    "decades": busy("2064-01-01", {"mean_per_hour": 4e4}),
    "fading": busy("2024-02-01", {"mean_per_day": 3e6}, FADING),
    "leaving": busy("2025-01-01", {"mean_per_hour": 2000}, LEAVING),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_check_and_plan_answer_soon_and_in_little_memory(name: str) -> None:
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    check(DOCUMENTS[name])
    with suppress(PlanError):  # too large for a task, which is an answer
        datagen.plan(DOCUMENTS[name])
    assert time.process_time() - begin < 30.0  # minutes before; coverage doubles it
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


def test_a_short_window_has_the_events_of_its_length() -> None:
    """A second at 300,000 an hour, from births spread over it: half of 83 for each parent."""
    plan = datagen.plan(DOCUMENTS["a second"])
    assert abs(plan.tables["c"].rows - 50 * 300_000 / 3600 / 2) < 5 * 45 + 600


def test_a_row_that_no_task_has_memory_for_is_refused_by_check_with_advice_that_helps() -> None:
    (problem,) = check(case("one_large_parent.yaml"))
    assert problem.keys[:2] == ("tables", "ev")
    assert "more rows with fewer below each" in problem.hint + problem.message


@pytest.mark.parametrize("name, place", [("decay.json", "after"), ("dispersion.json", "dispersion")])
def test_numbers_too_small_to_matter_are_a_problem_at_their_place(name: str, place: str) -> None:
    (problem,) = check(case(name))
    assert problem.keys[-1] == place
