"""Attributes that change along a process: their hazards, what they multiply, and what views show of them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import datagen
from datagen.kinds.processes.support.examples import PLANS
from tests.kinds.processes.test_funnel import asked
from tests.kinds.processes.worlds import END, MONTH, micros, shown, world
from tests.promises.documents import tables

SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3)))
WITHIN = 3.5


def planned(process: dict[str, Any] = PLANS, *behaviors: dict[str, Any], count: int = 3000) -> dict[str, Any]:
    """Customers whose plan changes, with every view of it."""
    document = world(process, *behaviors, count=count)
    for name in ("stays", "invoices", "journeys"):
        document["tables"][name]["columns"]["held"] = {"type": "row_attribute", "attribute": "plan"}
    more = {name: {"type": "row_attribute", "attribute": name} for name in ("from_plan", "to_plan")}
    document["tables"]["changes"]["columns"] |= more
    return document


def hazards(document: dict[str, Any], seed: int) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Transitions per month at risk by plan, next state and next plan, each with the standard error of
    its logarithm.
    """
    stays = tables(document, seed=seed)["stays"]
    held, after = (
        stays[name].cast(pa.string()).fill_null("").to_numpy(zero_copy_only=False) for name in ("held", "next_state")
    )
    owner, state = stays["customer_id"].to_numpy(), stays["state"].cast(pa.string()).to_numpy(zero_copy_only=False)
    months = (np.minimum(micros(stays["left_at"]), END) - micros(stays["entered_at"])) / MONTH
    follows = np.append(held[1:], "")
    assert np.all((owner[1:] == owner[:-1]) | (after[:-1] == ""))
    found = {}
    for plan in ("basic", "pro"):
        at = (held == plan) & (state == "active")
        for to, next_plan in (("cancelled", plan), ("active", "pro" if plan == "basic" else "basic")):
            seen = np.count_nonzero(at & (after == to) & (follows == next_plan))
            found[plan, to, next_plan] = seen / months[at].sum(), seen**-0.5
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_hazards_of_changes_and_factors_of_values_are_recovered(seed: int) -> None:
    found = hazards(planned(), seed)
    for edge, mean in {
        ("basic", "active", "pro"): 12,
        ("pro", "active", "basic"): 30,
        ("basic", "cancelled", "basic"): 20,
        ("pro", "cancelled", "pro"): 40,
    }.items():
        rate, error = found[edge]
        assert abs(np.log(rate * mean)) < WITHIN * error, edge


@pytest.mark.parametrize("seed", SEEDS)
def test_behaviors_multiply_a_change(seed: int) -> None:
    segments = {
        "type": "segments",
        "column": "plan",
        "multiply": {"pro": {"subscription.plan.basic>pro": 3.0}, "basic": {"subscription.plan.basic>pro": 3.0}},
    }
    rate, error = hazards(planned(PLANS, segments), seed)["basic", "active", "pro"]
    assert abs(np.log(rate * 4)) < WITHIN * error


def test_stays_without_the_attribute_leave_the_process_unjudged(tmp_path: Path) -> None:
    document = planned(count=300)
    del document["tables"]["stays"]["columns"]["held"]
    datagen.generate(document, tmp_path)
    found = datagen.validate(document, tmp_path).findings
    judged = [f for f in found if f.measure in ("TransitionRecovery", "DwellTimes") and f.table == "stays"]
    assert {f.verdict for f in judged} == {"not identifiable"}
    assert {"the stays do not show every attribute" in f.message for f in judged} == {True}


def test_the_first_value_can_be_that_of_a_column() -> None:
    process = copy.deepcopy(PLANS)
    plan = process["attributes"]["plan"]
    plan["column"] = "plan"
    del plan["start"]
    made = tables(planned(process, count=500))
    first = (
        "select distinct c.plan = s.held from customers c join stays s using (customer_id) where s.id in (select "
        "min(id) from stays group by customer_id)"
    )
    assert asked(made, first) == [(True,)]


def test_views_agree_about_the_plan() -> None:
    made = tables(planned(count=800))
    at_period = """
        select count(*) from invoices i join stays s on s.customer_id = i.customer_id and s.entered_at <= i.starts_at
            and (i.starts_at < s.left_at or s.left_at is null) where s.held <> i.held"""
    assert asked(made, at_period) == [(0,)]
    changes = """select customer_id, "at", from_plan, to_plan from changes order by all"""
    pairs = """
        select customer_id, left_at, held, after from (select *, lead(held) over (partition by customer_id
            order by id) as after
            from stays) where left_at is not null order by all"""
    assert asked(made, changes) == asked(made, pairs)
    last = (
        "select count(*) from journeys j join (select customer_id, arg_max(held, id) as held from stays group by "
        "1) s using (customer_id) where s.held <> j.held"
    )
    assert asked(made, last) == [(0,)]


@pytest.mark.parametrize("seed", SEEDS)
def test_validation_recovers_each_hazard_by_value(seed: int, tmp_path: Any) -> None:
    document = {**planned(), "seed": seed}
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    assert report.score >= 95
    found = {f.subject: f.verdict for f in report.findings if f.measure == "TransitionRecovery"}
    assert found == dict.fromkeys(
        [
            "active basic to cancelled (hazard per month)",
            "active pro to cancelled (hazard per month)",
            "active basic to active pro (hazard per month)",
            "active pro to active basic (hazard per month)",
        ],
        "recovered",
    )


def test_no_partitioning_changes_a_row() -> None:
    document = planned(count=200)
    assert datagen.fingerprint(document, partition_rows=80) == datagen.fingerprint(document)


def attribute(**changes: Any) -> dict[str, Any]:
    process = copy.deepcopy(PLANS)
    plan = process["attributes"]["plan"] | changes
    process["attributes"] = {"plan": {key: value for key, value in plan.items() if value is not None}}
    return process


@pytest.mark.parametrize(
    ("process", "code", "place"),
    [
        (attribute(start=None), "conflict", ""),
        (attribute(start={"basic": 0}), "range", ".start"),
        (attribute(start=None, column="created_at"), "type", ".column"),
        (attribute(start=None, column="plann"), "unknown-column", ".column"),
        (attribute(**{"in": ["cancelled"]}), "conflict", ".in"),
        (attribute(**{"in": ["gone"]}), "unknown-process", ".in"),
        (
            attribute(changes={"basic": {"basic": {"type": "exponential", "mean": 3}}}),
            "no-effect",
            ".changes.basic.basic",
        ),
        (attribute(multiply={"pro": {"active>gone": 2}}), "unknown-process", ".multiply.pro.active>gone"),
        (attribute(multiply={"pro": {"active>cancelled": 1}}), "no-effect", ".multiply.pro.active>cancelled"),
    ],
)
def test_invalid_values_are_reported_at_their_place(process: dict[str, Any], code: str, place: str) -> None:
    problem = datagen.check(world(process))[0]
    at = problem.place.replace('["', ".").replace('"]', "")
    assert (problem.code, at) == (code, f"$.tables.customers.processes.subscription.attributes.plan{place}")


def test_an_attribute_cannot_be_called_as_views_call_something_else() -> None:
    process = {**PLANS, "attributes": {"state": PLANS["attributes"]["plan"]}}
    assert [problem.code for problem in datagen.check(world(process))] == ["invalid-name"]


# --- parts of periods ----------------------------------------------------------------------------------------------


def charged(**rows: Any) -> dict[str, Any]:
    document = planned(count=600)
    part = {"type": "periods", "in": ["active"], "every": "month", "split": True, **rows}
    attributes = ("starts_at", "ends_at", "number", "part_from", "part_to", "share", "elapsed", "plan")
    document["tables"]["charges"] = shown(part, *attributes)
    document["tables"]["whole"] = shown({**part, "split": False}, "starts_at", "ends_at", "number", "share")
    return document


@pytest.mark.parametrize("rows", [{}, {"anchor": "birth"}, {"anchor": 31}, {"every": "year"}, {"every": "week"}])
def test_parts_of_a_period_make_up_what_was_lived_of_it(rows: dict[str, Any]) -> None:
    made = tables(charged(**rows))
    same = """
        select count(*), count(*) filter (abs(w.share - p.share) > 1e-9 or w.starts_at <> p.part_from)
            from whole w join (
            select customer_id, starts_at, min(part_from) as part_from, sum(share) as share,
                count(*) filter (share is null) as open
            from charges group by all) p using (customer_id, starts_at) where p.open = 0"""
    known, wrong = asked(made, same)[0]
    assert known > 100
    assert wrong == 0
    assert asked(made, "select count(distinct (customer_id, starts_at)) from charges") == [(made["whole"].num_rows,)]
    assert made["charges"].num_rows > made["whole"].num_rows
    gaps = """
        select count(*) from (select part_from, lag(part_to) over w as before from charges
            window w as (partition by customer_id, starts_at order by part_from)) where before <> part_from"""
    assert asked(made, gaps) == [(0,)]
    held = """
        select count(*) from charges c join stays s on s.customer_id = c.customer_id and s.entered_at <= c.part_from
            and (c.part_from < s.left_at or s.left_at is null) where s.held <> c.plan or c.part_to > s.left_at"""
    assert asked(made, held) == [(0,)]


def test_charges_in_minor_units_of_parts_at_one_price_come_to_the_price() -> None:
    """What is due up to the end of a part less what is due up to its beginning, each rounded to the cent."""
    document = charged()
    due = (
        "ROUND(CAST(19.99 AS DECIMAL(10, 2)) * (elapsed + share), 2) - ROUND(CAST(19.99 AS DECIMAL(10, 2)) * "
        "elapsed, 2)"
    )
    made = tables(document)
    totals = f"""
        select distinct total from (select sum({due}) as total, sum(share) as lived from charges
            group by customer_id, starts_at)
        where abs(lived - 1) < 1e-9"""
    assert {round(float(total), 6) for (total,) in asked(made, totals)} == {19.99}


# --- lengths of periods by value -----------------------------------------------------------------------------------


def billed(**every: Any) -> dict[str, Any]:
    """Customers who are billed by month or by year, as a column says; nothing changes that."""
    process = copy.deepcopy(PLANS)
    process["attributes"]["billed"] = {"column": "billing", "values": ["monthly", "annual"]}
    document = world(process, count=600)
    document["tables"]["customers"]["columns"]["billing"] = {"type": "choice", "values": {"monthly": 1, "annual": 1}}
    message = {"attribute": "billed", "cases": {"monthly": "month", "annual": "year"}, **every}
    document["tables"]["invoices"]["rows"]["every"] = message
    return document


def test_periods_are_as_long_as_the_value_of_an_attribute_says() -> None:
    made = tables(billed())
    lengths = """
        select billing, min(date_diff('month', starts_at, ends_at)), max(date_diff('month', starts_at, ends_at)),
            count(*) > 300
        from invoices join customers using (customer_id) group by billing order by billing"""
    assert asked(made, lengths) == [("annual", 12, 12, True), ("monthly", 1, 1, True)]


@pytest.mark.parametrize(
    ("every", "code", "place"),
    [
        ({"attribute": "bill"}, "unknown-process", "attribute"),
        ({"cases": {"monthly": "month"}}, "missing-case", "cases"),
        ({"cases": {"monthly": "month", "annual": "year", "daily": "month"}}, "no-effect", "cases.daily"),
    ],
)
def test_lengths_that_cannot_be_are_reported(every: dict[str, Any], code: str, place: str) -> None:
    problem = datagen.check(billed(**every))[0]
    assert (problem.code, problem.place) == (code, f"$.tables.invoices.rows.every.{place}")


def test_values_of_the_column_that_nothing_names_are_reported() -> None:
    document = billed()
    del document["tables"]["customers"]["processes"]["subscription"]["attributes"]["billed"]["values"]
    assert "missing-case" in [problem.code for problem in datagen.check(document)]
