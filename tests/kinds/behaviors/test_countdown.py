from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import datagen
from datagen.kinds.processes.support.examples import LIFECYCLE
from tests.kinds.processes.worlds import END, micros, world
from tests.promises.documents import tables

WEEKS = 4 * 7 * 86_400_000_000
ACTIVE = {"process": "subscription", "states": ["active"]}


def with_tickets(multiplier: float = 3.0, rows: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Customers with tickets, of which more come in the four weeks before a cancellation."""
    count = changes.pop("count", 3000)
    countdown = {
        "type": "countdown",
        "before": "subscription.active>cancelled",
        "within": "4w",
        "multiply": {"tickets": multiplier},
        **changes,
    }
    document = world(LIFECYCLE, countdown, count=count)
    columns = {
        "ticket_id": {"type": "key"},
        "customer_id": {"type": "parent_key"},
        "opened_at": {"type": "event_time"},
    }
    rows = {"type": "events", "mean_per_month": 0.8, **(rows or {})}
    document["tables"]["tickets"] = {"parent": "customers", "rows": rows, "columns": columns}
    return document


def per_month(document: dict[str, Any], low: int, high: int, seed: int = 1) -> tuple[float, float]:
    """Tickets per month from `low` to `high` microseconds before a cancellation, while active, and the
    standard error.
    """
    made = tables(document, seed=seed)
    stays = made["stays"]
    state, after = (stays[name].cast("string").to_pylist() for name in ("state", "next_state"))
    at = np.flatnonzero([s == "active" and n == "cancelled" for s, n in zip(state, after, strict=True)])
    customer, left = stays["customer_id"].to_numpy()[at], micros(stays["left_at"])[at]
    begin = np.maximum(np.maximum(left - high, micros(stays["entered_at"])[at]), END - 3 * 365 * 86_400_000_000)
    stop = np.maximum(left - low, begin)
    opened, owner = micros(made["tickets"]["opened_at"]), made["tickets"]["customer_id"].to_numpy()
    events = sum(
        np.count_nonzero((owner == who) & (opened >= b) & (opened < e))
        for who, b, e in zip(customer.tolist(), begin.tolist(), stop.tolist(), strict=True)
    )
    months = (stop - begin).sum() / (730.5 * 3_600_000_000)
    return events / months, events**0.5 / months


@pytest.mark.parametrize(
    ("multiplier", "shape", "mean"), [(3.0, "level", 3.0), (0.3, "level", 0.3), (3.0, "ramp", 2.0)]
)
def test_rates_change_before_the_transition_and_only_then(multiplier: float, shape: str, mean: float) -> None:
    document = with_tickets(multiplier, shape=shape, rows={"during": ACTIVE})
    found, error = per_month(document, 0, WEEKS)
    assert abs(found - 0.8 * mean) < 3.5 * error
    found, error = per_month(document, WEEKS, 2 * WEEKS)
    assert abs(found - 0.8) < 3.5 * error


def test_tickets_that_come_anyway_keep_their_times() -> None:
    """More only adds tickets, less only takes some away."""
    plain = with_tickets(count=400)
    del plain["tables"]["customers"]["behaviors"][0]
    usual = {tuple(row.values())[1:] for row in tables(plain)["tickets"].to_pylist()}
    more = {tuple(row.values())[1:] for row in tables(with_tickets(3.0, count=400))["tickets"].to_pylist()}
    fewer = {tuple(row.values())[1:] for row in tables(with_tickets(0.2, count=400))["tickets"].to_pylist()}
    assert fewer < usual < more


def test_a_transition_after_the_window_counts_down_as_well() -> None:
    """So a longer window changes no ticket that there was."""
    document = with_tickets(count=300)
    document["tables"]["customers"]["rows"]["end"] = "2025-06-01"
    longer = {**document, "window": {"start": "2023-01-01", "end": "2026-06-01"}}
    before, after = (
        {(row["customer_id"], row["opened_at"]) for row in tables(one)["tickets"].to_pylist()}
        for one in (document, longer)
    )
    end = np.datetime64("2026-01-01", "us").astype(object)
    assert before == {row for row in after if row[1] < end}


def machines(**countdown: Any) -> dict[str, Any]:
    """Machines of many years, which fail every three months and are repaired within days."""
    return {
        "datagen": 1,
        "name": "plant",
        "window": {"start": "2025-01-01", "end": "2026-01-01"},
        "tables": {
            "machines": {
                "rows": {"type": "arrivals", "count": 400, "before_window": 1.0, "history": "8y"},
                "columns": {"machine_id": {"type": "key"}, "built_at": {"type": "arrival_time"}},
                "processes": {
                    "condition": {
                        "type": "lifecycle",
                        "start": "runs",
                        "states": {
                            "runs": {"exits": {"broken": {"type": "exponential", "mean": 3}}},
                            "broken": {"next": "runs", "stay": "3d"},
                        },
                    }
                },
                "behaviors": [
                    {"type": "countdown", "before": "condition.runs>broken", "within": "2w",
                     "multiply": {"alarms": 4.0}, **countdown}
                ],
            },
            "alarms": {
                "parent": "machines",
                "rows": {"type": "events", "mean_per_month": 2},
                "columns": {"alarm_id": {"type": "key"}, "machine_id": {"type": "parent_key"},
                            "at": {"type": "event_time"}},
            },
            "stays": {
                "parent": "machines",
                "rows": {"type": "stays", "process": "condition"},
                "columns": {
                    "machine_id": {"type": "parent_key"},
                    **{name: {"type": "row_attribute", "attribute": name}
                       for name in ("state", "entered_at", "left_at", "next_state")},
                },
            },
        },
    }  # fmt: skip


@pytest.mark.parametrize("most", [1, 3])
def test_transitions_in_the_window_count_down_however_many_there_were_before(most: int) -> None:
    made = tables(machines(most=most))
    stays, start = made["stays"], int(np.datetime64("2025-01-01", "us").astype(np.int64))
    broken = np.array([one == "broken" for one in stays["next_state"].to_pylist()])
    left, owner = micros(stays["left_at"]), stays["machine_id"].to_numpy()
    opened, machine = micros(made["alarms"]["at"]), made["alarms"]["machine_id"].to_numpy()
    alarms: dict[bool, int] = {True: 0, False: 0}
    days: dict[bool, float] = {True: 0.0, False: 0.0}
    for who in range(1, 401):
        times = np.sort(left[broken & (owner == who) & (left > start)])
        own = opened[machine == who]
        for number, at in enumerate(times.tolist()):
            if number + 1 < len(times) and times[number + 1] - at < WEEKS // 2:
                continue  # the countdown of the next one has begun as well
            before = times[number - 1] if number else 0
            begin = max(start, before, at - WEEKS // 2)
            alarms[number < most] += int(np.count_nonzero((own >= begin) & (own < at)))
            days[number < most] += (at - begin) / 86_400_000_000
    for counted, factor in ((True, 4.0), (False, 1.0)):
        rate = alarms[counted] / days[counted] * 30.4375
        assert abs(rate - 2 * factor) < 4 * rate / alarms[counted] ** 0.5


def test_validation_recovers_it_among_old_entities(tmp_path: Any) -> None:
    document = machines()
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    assert report.score >= 95
    (found,) = (f for f in report.findings if "within it" in f.subject)
    assert (found.verdict, found.planted) == ("recovered", 4.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_validation_recovers_it(seed: int, tmp_path: Any) -> None:
    document = {**with_tickets(), "seed": seed}
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    assert report.score >= 95
    (found,) = (f for f in report.findings if "within it" in f.subject)
    assert (found.verdict, found.planted) == ("recovered", 3.0)


def test_lives_that_retention_draws_count_down_too() -> None:
    document = with_tickets(count=300)
    customers = document["tables"]["customers"]
    customers["behaviors"] = [
        {"type": "retention", "of": ["tickets"], "lifetime": {"type": "exponential", "mean": 8}},
        {"type": "countdown", "before": "retention.active>inactive", "within": "4w", "multiply": {"tickets": 0.0}},
    ]
    columns = {name: {"type": "row_attribute", "attribute": name} for name in ("state", "left_at")}
    columns["customer_id"] = {"type": "parent_key"}
    document["tables"]["lives"] = {
        "parent": "customers",
        "rows": {"type": "stays", "process": "retention", "in": "active"},
        "columns": columns,
    }
    made = tables(document)
    ends = dict(zip(made["lives"]["customer_id"].to_pylist(), micros(made["lives"]["left_at"]).tolist(), strict=True))
    owners = made["tickets"]["customer_id"].to_pylist()
    opened = micros(made["tickets"]["opened_at"]).tolist()
    assert all(at < ends[who] - WEEKS for who, at in zip(owners, opened, strict=True))
    assert len(opened) > 100


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"before": "subscription.active>trial"}, "unknown-process", "before"),
        ({"before": "member.active>gone"}, "unknown-process", "before"),
        ({"multiply": {"customers": 2}}, "unrelated-table", "multiply.customers"),
        ({"multiply": {"tickets.ticket_id": 2}}, "unrelated-table", "multiply"),
        ({"multiply": {"stays": 2}}, "unrelated-table", "multiply.stays"),
        ({"multiply": {"tickets": 1}}, "no-effect", "multiply"),
    ],
)
def test_invalid_values_are_reported_at_their_place(change: dict[str, Any], code: str, place: str) -> None:
    problems = datagen.check(with_tickets(**change))
    behavior = "$.tables.customers.behaviors[0]"
    assert (code, f"{behavior}.{place}".rstrip(".")) in [(p.code, p.place) for p in problems]
