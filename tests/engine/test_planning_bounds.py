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
    "leaving": busy("2025-01-01", {"mean_per_hour": 300}, LEAVING),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_check_and_plan_answer_soon_and_in_little_memory(name: str) -> None:
    assert_answers(DOCUMENTS[name], 20)


@pytest.mark.slow
def test_check_and_plan_answer_soon_if_many_events_decide_who_leaves() -> None:
    assert_answers(busy("2025-01-01", {"mean_per_hour": 2000}, LEAVING), 60)


def assert_answers(document: dict[str, Any], seconds: float) -> None:
    """Within this processor time, which coverage doubles, and 500 MB."""
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    check(document)
    with suppress(PlanError):  # too large for a task, which is an answer
        datagen.plan(document)
    assert time.process_time() - begin < seconds
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


KEY = {"type": "key"}
AT = {"type": "arrival_time"}


def world(people: int, rows: dict[str, Any], *behaviors: dict[str, Any], **columns: Any) -> dict[str, Any]:
    kind = {"type": "choice", "values": {"small": 999, "big": 1}}
    root = {"rows": {"type": "arrivals", "count": people}, "columns": {"id": KEY, "at": AT, "kind": kind}}
    below = {"parent": "p", "rows": rows, "columns": {"id": KEY, **columns}}
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    tables = {"p": {**root, "behaviors": list(behaviors)}, "c": below}
    return {"datagen": 1, "name": "limits", "window": window, "tables": tables}


WIDE = {f"token_{number}": {"type": "uuid"} for number in range(40)}
SHORT = {"type": "pattern", "pattern": "####", "unique": True}
RARE = {"type": "segments", "column": "kind", "multiply": {"big": {"c": 100_000}}}
LIMITS = {
    "values": (world(1000, {"type": "events", "mean_per_month": 9}, code=SHORT), ("tables", "c", "columns", "code")),
    "values of a root": (
        {"datagen": 1, "name": "limits", "tables": {"r": {"rows": 20_000, "columns": {"id": KEY, "code": SHORT}}}},
        ("tables", "r", "columns", "code"),
    ),
    "memory of one parent": (world(20_000, {"type": "events", "mean_per_month": 50}, RARE), ("tables", "c", "rows")),
    "memory of wide rows": (world(50, {"type": "per_parent", "count": 1_200_000}, **WIDE), ("tables", "c", "rows")),
}


@pytest.mark.parametrize("name", LIMITS)
def test_what_the_plan_refuses_is_a_problem_of_check_at_its_place(name: str) -> None:
    document, place = LIMITS[name]
    (problem,) = check(document)
    assert (problem.code, problem.keys) == ("unplannable", place)
    with pytest.raises(PlanError):
        datagen.plan(document, memory=2_000_000_000)


def test_blocks_are_cut_until_the_heaviest_parents_fit() -> None:
    """Heavy-tailed rows per parent: few parents hold most rows, in blocks as small as a single one where it must be."""
    frailty = {"type": "frailty", "of": ["c"], "dispersion": 90}
    document = world(20_000, {"type": "events", "mean_per_month": 300}, frailty)
    assert check(document) == ()
    plan = datagen.plan(document, memory=500_000_000)
    assert plan.counted
    assert plan.memory <= plan.budget


def test_partitions_of_a_huge_table_are_larger_unless_their_size_is_asked_for() -> None:
    document = {"datagen": 1, "name": "limits", "tables": {"r": {"rows": 10**12, "columns": {"id": KEY}}}}
    assert check(document) == ()
    plan = datagen.plan(document)
    assert sum(partition.stop - partition.start for partition in plan.partitions) == 10**12
    with pytest.raises(PlanError, match="more than 200,000; ask for larger ones"):
        datagen.plan(document, partition_rows=1_000_000)
