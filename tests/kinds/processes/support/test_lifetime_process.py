"""What behaviors draw of lives can be seen as a process of two states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import datagen
from tests.kinds.processes.worlds import micros
from tests.promises.documents import tables

RETENTION: dict[str, Any] = {
    "type": "retention",
    "lifetime": {"type": "exponential", "mean": 8},
    "never_active_share": 0.1,
    "reactivation": {"share": 0.4, "after": {"type": "exponential", "mean": 3}, "most": 2},
    "truth_column": "alive_until",
}


def world(behavior: dict[str, Any], *views: str) -> dict[str, Any]:
    """Customers with orders, whose lives these views show."""
    customers = {
        "rows": {"type": "arrivals", "count": 1500, "before_window": 0.3},
        "columns": {"customer_id": {"type": "key"}, "created_at": {"type": "arrival_time"}},
        "behaviors": [behavior],
    }
    attributes = {"stays": ("state", "entered_at", "left_at", "next_state"), "transitions": ("from", "to", "at")}
    made = {
        name: {
            "parent": "customers",
            "rows": {"type": name, "process": behavior["type"]},
            "columns": {
                "customer_id": {"type": "parent_key"},
                **{one: {"type": "row_attribute", "attribute": one} for one in attributes[name]},
            },
        }
        for name in views
    }
    orders = {
        "parent": "customers",
        "rows": {"type": "events", "mean_per_month": 1.5},
        "columns": {"customer_id": {"type": "parent_key"}, "ordered_at": {"type": "event_time"}},
    }
    window = {"start": "2023-01-01", "end": "2025-01-01"}
    return {
        "datagen": 1,
        "name": "lives",
        "window": window,
        "tables": {"customers": customers, "orders": orders, **made},
    }


@pytest.mark.parametrize(
    "behavior",
    [RETENTION, {"type": "pareto_nbd", "of": "orders", "r": 0.8, "s": 1.2, "beta": 9.0}],
    ids=["retention", "pareto_nbd"],
)
def test_events_come_in_active_stays_only_and_no_value_changes(behavior: dict[str, Any]) -> None:
    plain, shown = world(behavior), world(behavior, "stays", "transitions")
    before, after = datagen.fingerprint(plain), datagen.fingerprint(shown)
    assert {name: after[name] for name in before} == before
    made = tables(shown)
    stays, orders = made["stays"], made["orders"]
    active = np.array(stays["state"].cast("string").to_pylist()) == "active"
    owner, entered, left = (
        values[active]
        for values in (stays["customer_id"].to_numpy(), micros(stays["entered_at"]), micros(stays["left_at"]))
    )
    spells: dict[int, list[tuple[int, int]]] = {}
    for who, begin, end in zip(owner.tolist(), entered.tolist(), left.tolist(), strict=True):
        spells.setdefault(who, []).append((begin, end))
    times = zip(orders["customer_id"].to_pylist(), micros(orders["ordered_at"]).tolist(), strict=True)
    assert all(any(begin <= at < end for begin, end in spells[who]) for who, at in times)
    assert orders.num_rows > 1000


def test_the_views_of_lives_are_sound(tmp_path: Any) -> None:
    document = world(RETENTION, "stays", "transitions")
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    assert report.score >= 95
    found = {(f.table, f.measure): f.verdict for f in report.findings}
    assert found["stays", "ContiguousStays"] == found["transitions", "ViewsAgree"] == "pass"


def test_a_process_of_that_name_goes_first() -> None:
    document = world(RETENTION, "stays")
    states = {"in": {"exits": {"out": {"type": "exponential", "mean": 3}}}, "out": {}}
    document["tables"]["customers"]["processes"] = {"retention": {"type": "lifecycle", "start": "in", "states": states}}
    assert set(tables(document)["stays"]["state"].cast("string").to_pylist()) == {"in", "out"}
