"""The score adds up, a gate is never averaged away, and one break shows however wide the schema is."""

from __future__ import annotations

import pytest

from datagen.measures.base import Finding
from datagen.quality.score import CAP, LEAST, WEIGHTS, score_of


def finding(group, score, verdict="pass", weight=1.0):
    return Finding(group, "Measure", "t", None, verdict, "said", score=score, weight=weight)


def test_the_points_of_all_groups_are_100():
    assert sum(WEIGHTS.values()) == 100


def test_losses_and_score_come_to_100():
    found = [finding("recovery", 0.3), finding("realism", 0.0, "fail"), finding("time", 0.9), finding("gate", 1.0)]
    score, losses = score_of(found)
    assert score + sum(loss.points for loss in losses) == pytest.approx(100)


def test_one_failure_among_a_thousand_costs_points_all_the_same():
    found = [finding("realism", 1.0)] * 999 + [finding("realism", 0.0, "fail"), finding("recovery", 1.0)]
    assert score_of(found)[0] == pytest.approx(100 - LEAST)


def test_a_group_never_loses_more_than_it_has():
    found = [finding("realism", 0.0, "fail")] * 500 + [finding("recovery", 1.0)]
    realism, recovery = WEIGHTS["realism"], WEIGHTS["recovery"]
    assert score_of(found)[0] == pytest.approx(100 * recovery / (realism + recovery))


def test_what_says_nothing_neither_adds_nor_takes():
    found = [finding("recovery", 0.5), finding("time", None, "not applicable"), finding("realism", 1.0, weight=0.0)]
    assert score_of(found)[0] == pytest.approx(50)


def test_a_failed_gate_caps_the_score_and_says_so():
    score, losses = score_of([finding("recovery", 1.0), finding("gate", 0.999, "fail", 0.0)])
    assert score == CAP
    assert [(loss.finding, loss.points) for loss in losses] == [(1, 100 - CAP)]
    low, _ = score_of([finding("recovery", 0.1), finding("gate", 0.999, "fail", 0.0)])
    assert low == pytest.approx(10)
