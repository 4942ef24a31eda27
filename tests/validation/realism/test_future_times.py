"""A time of what has happened is not after the window; plans and promises may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datagen
from datagen.columnar.block import TIMESTAMP, Block, Column
from datagen.time_names import happened
from datagen.validation.realism.future_times import FutureTimes
from tests.validation.realism.slices import DAY, END, START

R = np.random.default_rng(8)
PAST = (
    "paid_at refunded_at joined_at left_at order_shipped_at unsubscribed_on created_timestamp sent_at REPAIRED_AT "
    "re_opened_at rebuilt_at requested_at"
)
AHEAD = (
    "due_at expires_at ends_at valid_to scheduled_at planned_start promised_delivery_at estimated_at at until "
    "expected_delivered_at next_invoiced_at needed_at period_end feed_at speed_at due_paid_at appointment_at starts_on"
)


class OneTable:
    def __init__(self, times, valid=None):
        column = Column(TIMESTAMP, np.asarray(times, np.int64), valid)
        self._block = Block("rows", 0, np.arange(len(times), dtype=np.uint64), columns={"paid_at": column})

    def block(self, table):
        return self._block if table == "rows" else None


MEASURE = FutureTimes("rows", "paid_at", END)


def verdict(*parts):
    state = MEASURE.observe(parts[0])
    for part in parts[1:]:
        state = MEASURE.merge(state, MEASURE.observe(part))
    [found] = MEASURE.findings(state)
    return found.verdict, found.message


@pytest.mark.parametrize("name", PAST.split())
def test_a_name_says_that_something_has_happened(name):
    assert happened(name)


@pytest.mark.parametrize("name", AHEAD.split())
def test_times_of_plans_are_not_judged(name):
    assert not happened(name)


def test_one_time_after_the_window_fails_in_any_part():
    inside = OneTable(R.integers(START - 900 * DAY, END, 400))
    late = OneTable(np.append(R.integers(START, END, 99), END))
    assert verdict(inside) == ("pass", "0 of 400 times are after the window's end")
    assert verdict(inside, late) == ("fail", "1 of 500 times are after the window's end")


def test_missing_times_are_not_judged():
    times, valid = np.full(5, END + DAY), np.zeros(5, np.bool_)
    assert verdict(OneTable(times, valid))[0] == "not applicable"
    assert MEASURE.findings(None)[0].verdict == "not applicable"


def document(kept: str, **columns: Any) -> dict[str, Any]:
    """Orders of a year, each refunded some weeks later."""
    delay = {"type": "exponential", "mean": "30d"}
    after = {"type": "after", "column": "orders.ordered_at", "delay": delay, "after_window": kept}
    refunds = {"refund_id": {"type": "key"}, "order_id": {"type": "parent_key"}, "refunded_at": after, **columns}
    return {
        "datagen": 1, "name": "refunded", "seed": 3, "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "people": {"rows": 50, "columns": {"person_id": {"type": "key"}}},
            "orders": {
                "parent": "people", "rows": {"type": "events", "mean_per_month": 2},
                "columns": {"order_id": {"type": "key"}, "person_id": {"type": "parent_key"},
                            "ordered_at": {"type": "event_time"}},
            },
            "refunds": {"parent": "orders", "rows": {"type": "per_parent", "count": 1}, "columns": refunds},
        },
    }  # fmt: skip


def signs(schema: dict[str, Any], folder: Path) -> dict[str, str]:
    datagen.generate(schema, folder)
    report = datagen.validate(schema, folder)
    return {f"{f.table}.{f.column}": f.verdict for f in report.findings if f.measure == "FutureTimes"}


def test_refunds_that_are_kept_beyond_the_window_are_named_and_their_deadline_is_not(tmp_path: Path) -> None:
    due = {"type": "after", "column": "refunded_at", "delay": "90d", "after_window": "keep"}
    day = {"type": "expression", "expression": "CAST(refunded_at AS DATE)"}
    found = signs(document("keep", due_at=due, booked_on=day), tmp_path / "out")
    assert found == {"refunds.refunded_at": "fail"}  # a date can be a value date of a ledger


def test_times_that_the_declaration_keeps_within_the_window_are_no_test(tmp_path: Path) -> None:
    assert signs(document("null"), tmp_path / "out") == {}


def test_rows_that_have_not_happened_are_left_out_by_where(tmp_path: Path) -> None:
    schema = document("keep")
    schema["tables"]["refunds"]["rows"]["where"] = "refunded_at < TIMESTAMP '2025-01-01'"
    assert signs(schema, tmp_path / "out") == {"refunds.refunded_at": "pass"}


def test_times_of_a_document_without_a_window_are_not_judged(tmp_path: Path) -> None:
    paid = {"type": "uniform", "min": "2024-01-01", "max": "2030-01-01"}
    schema = {
        "datagen": 1, "name": "bills", "seed": 3,
        "tables": {"bills": {"rows": 300, "columns": {"bill_id": {"type": "key"}, "paid_at": paid}}},
    }  # fmt: skip
    assert signs(schema, tmp_path / "out") == {}
