"""A column that shows when lives ended is held against everything that it says: births, the rows below, and the planted
law.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.validation.planted import about, document, foreign, judged, wrong

WEIBULL = {"type": "weibull", "shape": 0.8, "scale": 12, "unit": "month"}
LIVES = {
    "retention": {"type": "retention", "lifetime": WEIBULL, "never_active_share": 0.05},
    "coming back": {"type": "retention", "lifetime": WEIBULL, "reactivation": {"share": 0.3, "after": WEIBULL}},
    "pareto/nbd": {"type": "pareto_nbd", "of": "visits", "unit": "month", "r": 1, "s": 0.7, "beta": 6},
}


def shown(behavior):
    return document(
        [behavior],
        {"rows": {"type": "events", "mean_per_month": 1}},
        {"columns": {"left_at": {"type": "lifetime_end"}}},
    )


def shuffled(column):
    def change(tables):
        users = tables["users"]
        order = np.random.default_rng(3).permutation(len(users))
        return {**tables, "users": users.assign(**{column: users[column].to_numpy()[order]})}

    return change


@pytest.mark.parametrize("name", LIVES)
def test_lives_as_generated_hold(name, tmp_path):
    report = judged(shown(LIVES[name]), tmp_path)
    assert report.passed
    assert wrong(report) == []


def test_lives_exchanged_between_entities_break_their_order(tmp_path):
    """Some then end before they began, and go on after they ended."""
    report = foreign(shown(LIVES["retention"]), tmp_path, shuffled("left_at"))
    failed = {(f.table, f.column, f.subject) for f in report.failed}
    assert {("users", "left_at", "the birth"), ("visits", "visited_at", "the end of life in 'users.left_at'")} <= failed


def test_lives_of_another_length_are_not_recovered(tmp_path):
    """An end put off breaks no order; the share still alive at an age tells."""

    def longer(tables):
        users = tables["users"]
        ends = users["joined_at"] + (users["left_at"] - users["joined_at"]) * 1.5
        return {**tables, "users": users.assign(left_at=ends.where(ends < "2025-01-01"))}

    report = foreign(shown(LIVES["retention"]), tmp_path, longer)
    assert report.passed
    assert "not recovered" in {f.verdict for f in about(report, "left_at", "SurvivalRecovery")}
