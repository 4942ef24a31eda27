"""Cells are missing as often as a schema says, whatever makes them so: what is lost beyond that is not recovered."""

from __future__ import annotations

import numpy as np
import pytest

from tests.validation.planted import about, document, foreign, judged, wrong

LATER = {"type": "after", "column": "visited_at", "delay": {"type": "lognormal", "median": "20d", "sigma": 1}}
COLUMNS = {
    "friend_id": {"type": "reference", "table": "users", "null_share": 0.4},
    "seen_by": {"type": "reference", "table": "users", "existing_at": "visited_at", "null_share": 0.2},
    "next_to": {"type": "reference", "table": "visits"},
    "paid_at": LATER,
    "rare_at": {**LATER, "when": "user_id % 3 = 0"},
}


@pytest.fixture
def schema():
    return document(users={"rows": {"type": "arrivals", "count": 1500}}, **COLUMNS)


def lost(column):
    """A fifth of the cells of a column lost."""

    def change(tables):
        visits = tables["visits"]
        kept = np.random.default_rng(3).random(len(visits)) >= 0.2
        return {**tables, "visits": visits.assign(**{column: visits[column].where(kept)})}

    return change


def test_unbroken_data_lacks_as_many_cells_as_said(schema, tmp_path):
    report = judged(schema, tmp_path)
    assert report.passed
    assert wrong(report) == []
    for column in COLUMNS:
        assert [f.verdict for f in about(report, f"visits.{column} ", "MissingShare")] == ["recovered"], column


@pytest.mark.parametrize("column", COLUMNS)
def test_cells_lost_beyond_that_are_named(schema, column, tmp_path):
    report = foreign(schema, tmp_path, lost(column))
    assert [f.verdict for f in about(report, f"visits.{column} ", "MissingShare")] == ["not recovered"]


def test_a_delay_that_is_always_the_same_is_held_to_the_instant(tmp_path):
    schema = document(due_at={"type": "after", "column": "visited_at", "delay": "14d"})
    assert judged(schema, tmp_path).passed

    def moved(tables):
        visits = tables["visits"]
        first = visits.index == 0
        return {
            **tables,
            "visits": visits.assign(
                due_at=visits["due_at"] + np.where(first, np.timedelta64(1, "h"), np.timedelta64(0, "h"))
            ),
        }

    [failed] = foreign(schema, tmp_path, moved).failed
    assert (failed.column, failed.count) == ("due_at", 1)
    assert failed.message.endswith("not 'visited_at' and 14d")
