"""A schema that passes `check` can be planned: what no machine could make is a problem of the
document, at its place.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

import datagen
from datagen.engine import dry_run
from datagen.engine.planner import CountedAtOnce
from datagen.errors import PlanError
from datagen.kinds.processes.support.simulation import StateSimulation
from tests.promises.test_odd_documents import KEY, YEAR, windowed

Json = dict[str, Any]
GRADE = {"type": "choice", "values": ["a", "b"]}
ROOT: Json = {"rows": 3, "columns": {"id": KEY, "grade": GRADE}}


def below(count: Any, parent: str = "a", **columns: Json) -> Json:
    return {"parent": parent, "rows": {"type": "per_parent", "count": count}, "columns": {"id": KEY, **columns}}


def multiplied(times: int, **factors: float) -> Json:
    """The root with so many behaviors that each multiply what is named."""
    behaviors = [{"type": "segments", "column": "grade", "multiply": {"a": factors, "b": factors}}] * times
    return ROOT | {"behaviors": behaviors}


def timed(rows: Json, **more: Any) -> Json:
    return {
        "parent": "a",
        "rows": {"type": "events", **rows},
        "columns": {"id": KEY, "at": {"type": "event_time"}},
        **more,
    }


def problems(window: tuple[str, str] = YEAR, **tables: Json) -> list[tuple[str, str]]:
    found = datagen.check(windowed(window, **tables))
    assert all(problem.hint for problem in found)
    return [(problem.code, problem.place) for problem in found]


@pytest.mark.parametrize(
    "tables",
    [
        {"a": ROOT, "b": below(10**9)},
        {"a": ROOT, "b": below({"type": "poisson", "mean": 1e9}), "c": below(1, "b")},
        {"a": ROOT, "b": below({"type": "geometric", "mean": 1e4}), "c": below(10**6, "b")},
        {"a": multiplied(3, b=1e6), "b": below(7)},
        {"a": multiplied(3, b=1e6), "b": below({"type": "uniform", "min": 1, "max": 3})},
        {"a": multiplied(3, b=1e6), "b": below({"type": "negative_binomial", "mean": 3, "dispersion": 2})},
        {"a": multiplied(60, b=1e6), "b": timed({"mean_per_year": 1})},
        {"a": ROOT, "b": timed({"mean_per_hour": 1e7})},
        {"a": ROOT, "b": timed({"mean_per_hour": 1e7, "gaps": {"type": "hawkes", "branching": 0.5, "decay": "1h"}})},
    ],
)  # fmt: skip
def test_more_rows_below_one_than_can_be_made_together_are_a_problem(tables: Json) -> None:
    """At the table that is too large, told once, and planning refuses the document too."""
    found = problems(**copy.deepcopy(tables))
    assert len(found) == 1
    assert found[0][0] == "unplannable"
    assert found[0][1] in ("$.tables.b.rows", "$.tables.c.rows")
    with pytest.raises(PlanError):
        datagen.plan(windowed(YEAR, **tables))


def test_large_tables_are_no_problem_of_the_document_unless_one_row_has_too_many_below_it() -> None:
    def nested(mean: float) -> dict[str, Json]:
        return {
            "a": ROOT,
            "b": below({"type": "poisson", "mean": mean}),
            "c": below({"type": "poisson", "mean": 2}, "b"),
        }

    assert problems(**nested(3e6)) == []
    assert problems(**nested(1e7)) == [("unplannable", "$.tables.c.rows")]
    datagen.plan(windowed(YEAR, **nested(1e7)), memory=8_000_000_000)
    assert problems(a=ROOT | {"rows": 10**13}) == []
    with pytest.raises(PlanError, match="raise --memory"):
        datagen.plan(windowed(YEAR, **nested(5e7)))


def test_every_runaway_is_reported_at_once() -> None:
    found = problems(a=ROOT, b=timed({"mean_per_hour": 1e7}), c=ROOT, d=below(10**9, "c"))
    assert found == [("unplannable", "$.tables.b.rows"), ("unplannable", "$.tables.d.rows")]


def test_what_would_need_all_rows_of_a_huge_table_is_a_problem() -> None:
    huge = ROOT | {"rows": 10**9}
    lines = below({"type": "poisson", "mean": 3}, amount={"type": "uniform", "min": 0, "max": 1})
    look = {
        "line_id": {"type": "reference", "table": "b"},
        "amount": {"type": "lookup", "through": "line_id", "column": "amount"},
    }
    assert problems(a=huge, b=lines, c={"rows": 5, "columns": {"id": KEY, **look}}) == [
        ("unplannable", "$.tables.c.columns.amount")
    ]
    chosen = {
        "rows": {"type": "arrivals", "count": 9},
        "columns": {"id": KEY, "a_id": {"type": "reference", "table": "a"}},
    }
    weighed = multiplied(1, c=2) | {"rows": 10**9}
    weighed["behaviors"][0]["multiply"].pop("b")
    assert problems(a=weighed, c=chosen) == [("unplannable", "$.tables.c.columns.a_id")]


def test_a_window_is_looked_at_hour_by_hour_for_three_hundred_years_at_most() -> None:
    always = ("0001-01-01", "9999-12-31")
    assert problems(always, a=ROOT) == []
    assert problems(always, a=ROOT, b=timed({"mean_per_year": 1})) == [("range", "$.window")]
    rows = {"type": "arrivals", "count": 9, "before_window": 0.5, "history": "9000y"}
    assert problems(a={"rows": rows, "columns": {"id": KEY}}) == [("range", "$.tables.a.rows.history")]


def test_multipliers_of_values_that_run_away_together_are_a_problem() -> None:
    growth = [{"type": "trend", "of": "x", "shape": "exponential", "growth_per_year": 1e6}] * 6
    table = timed({"mean_per_year": 1}, behaviors=growth)
    table["columns"]["x"] = {"type": "uniform", "min": 0, "max": 1}
    assert problems(a=ROOT, b=table) == [("unplannable", "$.tables.b.columns.x")]


def test_a_cell_that_cannot_be_computed_while_rows_are_counted_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datagen.kinds.processes.support.simulation.MOST_STEPS", 30)
    hour = {"type": "exponential", "mean": 10, "unit": "day"}
    run = {
        "type": "lifecycle",
        "start": "on",
        "states": {"on": {"exits": {"off": hour}}, "off": {"exits": {"on": hour}}},
    }
    faster = {"type": "segments", "column": "grade", "multiply": {"a": {"run.on>off": 3, "run.off>on": 3}}}
    machines = {
        "rows": {"type": "arrivals", "count": 40},
        "columns": {"id": KEY, "grade": GRADE, "born": {"type": "arrival_time"}},
        "processes": {"run": run},
        "behaviors": [faster],
    }
    stays = {"parent": "a", "rows": {"type": "stays", "process": "run"}, "columns": {"a_id": {"type": "parent_key"}}}
    assert problems(a=machines, s=stays) == [("unplannable", "$.tables.s.rows")]


@pytest.mark.parametrize("machines", [300, 20_000])
def test_check_simulates_long_trajectories_a_few_times_only(machines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of a simulation takes about as long for one entity as for a thousand."""
    steps, simulated = [], StateSimulation._step

    def counted(*args: Any) -> Any:
        steps.append(args)
        return simulated(*args)

    monkeypatch.setattr(StateSimulation, "_step", counted)
    daily = {"type": "exponential", "mean": 0.25, "unit": "day"}
    states = {"on": {"exits": {"off": daily}}, "off": {"exits": {"on": daily}}}
    columns = {"id": KEY, "born": {"type": "arrival_time"}}
    rows = {"type": "arrivals", "count": machines}
    run = {"run": {"type": "lifecycle", "start": "on", "states": states}}
    stays = {"parent": "a", "rows": {"type": "stays", "process": "run"}, "columns": {"a_id": {"type": "parent_key"}}}
    assert problems(a={"rows": rows, "columns": columns, "processes": run}, s=stays) == []
    assert len(steps) < 10 * 365 * 4


def test_a_row_that_is_too_wide_is_no_matter_of_the_rows_below_it() -> None:
    wide = {"type": "list", "of": {"type": "pattern", "pattern": "?" * 200}, "length": 4000}
    columns = {f"c{number}": wide for number in range(1500)}
    (problem,) = datagen.check(windowed(YEAR, a={"rows": 3, "columns": {"id": KEY, **columns}}))
    assert problem.place == "$.tables.a.rows"
    assert problem.message.startswith("a row of 'a' takes about ") and "below" not in problem.message


AMOUNT: Json = {"type": "lognormal", "median": 400, "sigma": 0.5, "decimals": 2}


@pytest.mark.parametrize(
    "place, total, precision, column",
    [
        ("a.total", {"type": "sum_of", "table": "b", "expression": "amount"}, 6, {}),
        ("b.level", None, 5, {"type": "random_walk", "start": 500, "sd": 80, "drift": 100, "decimals": 2}),
        ("b.so_far", None, 6, {"type": "expression", "expression": "SUM(amount) OVER ()", "decimals": 2}),
    ],
)
def test_digits_that_the_first_rows_exceed_are_a_problem(
    place: str, total: Json | None, precision: int, column: Json
) -> None:
    """Sums and walks have no largest number, so rows are made to see. With room for all digits there is no problem."""
    table, _, name = place.partition(".")

    def document(precision: int) -> Json:
        parent = {"rows": 40, "columns": {"id": KEY} | ({name: {**total, "precision": precision}} if total else {})}
        own = {} if total else {name: {**column, "precision": precision}}
        return windowed(YEAR, a=parent, b=below({"type": "poisson", "mean": 20}, amount=AMOUNT, **own))

    (problem,) = datagen.check(document(precision))
    assert (problem.code, problem.place) == ("range", f"$.tables.{table}.columns.{name}.precision")
    assert "cells of the first rows have up to" in problem.message
    assert datagen.check(document(12)) == ()


PARTS: Json = {"type": "poisson", "mean": 3}
LARGE: Json = {"type": "uniform", "min": 0, "max": 8e15, "decimals": 0}


@pytest.mark.parametrize(
    "total, amount, place",
    [
        ({"type": "sum_of", "expression": "amount", "precision": 7}, {}, "a.columns.total.precision"),
        ({"type": "sum_of", "expression": "amount", "precision": 9}, {}, None),
        ({"type": "count_of", "precision": 1}, {}, "a.columns.total.precision"),
        ({"type": "count_of", "precision": 3}, {}, None),
        ({"type": "max_of", "expression": "amount", "precision": 6}, {}, "a.columns.total.precision"),
        ({"type": "sum_of", "expression": "amount * 1000"}, LARGE, "a.columns.total"),
        ({"type": "sum_of", "expression": "amount"}, LARGE, None),
    ],
)
def test_digits_that_only_later_rows_can_exceed_are_a_problem(total: Json, amount: Json, place: str | None) -> None:
    """By the largest parts that are ever drawn and the most rows of a parent, so with any seed. The first rows fit."""
    parents = {"rows": 4000, "columns": {"id": KEY, "total": {**total, "table": "b"}}}
    document = windowed(YEAR, a=parents, b=below(PARTS, amount=amount or AMOUNT))
    assert [problem.place for problem in datagen.check(document)] == ([f"$.tables.{place}"] if place else [])


def refused(document: Json, memory: int = 2_000_000_000) -> tuple[bool, bool]:
    """Whether `check` and `plan` refuse a document."""
    try:
        datagen.plan(document, memory=memory)
    except PlanError:
        return bool(datagen.check(document)), True
    return bool(datagen.check(document)), False


def spending(limit: str, **cost: Any) -> Json:
    """Rows of 3,000 people that refer to campaigns: a figure of each campaign adds them up, or its budget ends them."""
    rows, most = {"budget": {"through": "campaign", "cost": "cost", "limit": "most"}}, {"type": "constant", "value": 5}
    if limit != "budget":
        rows, most = {}, {"type": "sum_of", "table": "touches", "expression": "cost", "through": "campaign"}
    touches = timed({"mean_per_year": 1.1, **rows})
    touches["columns"]["campaign"] = {"type": "reference", "table": "campaigns"}
    touches["columns"]["cost"] = {"type": "uniform", "min": 0, "max": 2, "decimals": 2} | cost
    campaigns = {"rows": 3, "columns": {"id": KEY, "most": most}}
    return windowed(YEAR, a=ROOT | {"rows": 3000}, touches=touches, campaigns=campaigns)


@pytest.mark.parametrize("limit", ["budgets.MOST_COSTED", "recompute.MOST_SCANNED"])
def test_check_and_plan_refuse_the_same_tables_near_the_limit_of_rows_that_are_gone_through(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exact number of rows is near 3,300; both go by the same estimate of it."""
    document, found = spending("budget" if limit.startswith("budgets") else "sum"), []
    for most in (3000, 3200, 3280, 3300, 3320, 3400, 3600):
        monkeypatch.setattr(f"datagen.engine.{limit}", most)
        found.append(refused(document))
    assert all(check == plan for check, plan in found)
    assert found[0] == (True, True) and found[-1] == (False, False)


def test_check_and_plan_refuse_the_same_heaviest_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where `check` counts rows exactly only if an estimate is near the memory."""
    monkeypatch.setattr(dry_run, "_COUNTED", CountedAtOnce(0, 0, 0, 0))
    document, found = windowed(YEAR, a=ROOT | {"rows": 30}, b=below({"type": "geometric", "mean": 20_000})), []
    for memory in range(221_000_000, 240_000_000, 1_500_000):
        monkeypatch.setattr(dry_run, "USUAL_MEMORY", memory)
        monkeypatch.setattr("datagen.engine.memory_budget.USUAL_MEMORY", memory)
        found.append(refused(document, memory))
    assert all(check == plan for check, plan in found)
    assert {plan for _, plan in found} == {True, False}


def test_sums_of_costs_beyond_64_bits_end_budgets_too() -> None:
    document = spending("budget", min=1e11, max=2e11)
    document["tables"]["campaigns"]["columns"]["most"] = {"type": "constant", "value": 1e13}
    assert refused(document) == (False, False)


BY_DAY = {"type": "business_hours", "column": "of", "hours": {"mon-fri": "09:00-17:00"}}


@pytest.mark.parametrize(
    ("of", "made", "words"),
    [
        ({"type": "pattern", "pattern": "A-##"}, "CAST(of AS INTEGER)", "cannot be read as int"),
        ({"type": "pattern", "pattern": "####################"}, "1 + CAST(of AS INTEGER)", "cannot be read as int"),
        ({"type": "person_name"}, "CASE WHEN of > 'A' THEN CAST(of AS DATE) END", "cannot be read as date"),
        ({"type": "person_name"}, "CASE WHEN of < 'A' THEN CAST(of AS DATE) END", ""),
        ({"type": "person_name"}, "TRY_CAST(of AS DATE)", ""),
        ({"type": "pattern", "pattern": "##"}, "CAST(of AS INTEGER)", ""),
        ({"type": "pattern", "pattern": "Zone/??"}, "TIMESTAMP '2024-01-01' AT TIME ZONE of", "no time zone"),
        ({"type": "uniform", "min": "2030-01-01", "max": "2031-01-01"}, BY_DAY, "a year after the window"),
        ({"type": "uniform", "min": "1950-01-01", "max": "1951-01-01"}, BY_DAY, "before the window"),
        ({"type": "uniform", "min": "2023-01-01", "max": "2024-01-01"}, BY_DAY | {"work": "9000h"}, "a year after"),
        ({"type": "uniform", "min": "2023-01-01", "max": "2024-01-01"}, BY_DAY, ""),
        (
            {"type": "uniform", "min": "2160-01-01", "max": "2360-01-01"},
            {"type": "working_day", "column": "of", "days": 2},
            "beyond the calendar",
        ),
    ],
)
def test_a_failure_of_the_first_rows_is_a_problem(of: Json, made: Any, words: str) -> None:
    made = {"type": "expression", "expression": made} if isinstance(made, str) else made
    child = below(3, of=of, made={"type": "case", "column": "a.grade", "cases": {"a": made}, "default": made})
    for tables in ({"a": {"rows": 30, "columns": {"of": of, "made": made}}}, {"a": ROOT, "b": child}):
        problems = datagen.check(windowed(YEAR, **tables))
        assert [problem.keys[-1] for problem in problems] == (["made"] if words else [])
        assert all(words in problem.message for problem in problems)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("id * 9000000000000000000", "does not fit in 64 bits"),
        ("id * 9000000000000000", "does not fit in 64 bits"),
        ("id * 900000000000000", ""),
        ("CAST(id * 100 AS DECIMAL(5, 0))", "too many digits"),
        ("CAST(id * 100 AS DECIMAL(6, 0))", ""),
    ],
)
def test_a_failure_of_the_last_rows_is_a_problem(expression: str, words: str) -> None:
    columns = {"id": KEY, "made": {"type": "expression", "expression": expression}}
    document = windowed(YEAR, a={"rows": 5_000, "columns": columns})
    problems = datagen.check(document)
    assert [problem.keys[-1] for problem in problems] == (["made"] if words else [])
    assert all(words in problem.message for problem in problems)
