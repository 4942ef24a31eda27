"""Every failure lowers the score, nothing makes up for one, and realism is a number of its own."""

from __future__ import annotations

import pytest

from datagen.validation.metrics.base import Finding
from datagen.validation.score import CAP, DEAREST, FURTHER, LEAST, realism_of, score_of


def finding(group, score, verdict="pass", weight=1.0):
    return Finding(group, "Measure", "t", None, verdict, "message", score=score, weight=weight)


SOUND = [finding(group, 1.0) for group in ("recovery", "distribution", "cardinality", "dependence", "time")]
FAILED = finding("recovery", 0.4, "not recovered")


def test_losses_and_score_come_to_100():
    found = [
        finding("recovery", 0.3),
        finding("realism", 0.0, "fail"),
        finding("time", 0.9),
        finding("constraint", 0.9, "fail"),
    ]
    score, losses = score_of(found)
    assert score + sum(loss.points for loss in losses) == pytest.approx(100)


def test_what_is_as_declared_has_100_however_little_applies():
    assert score_of(SOUND)[0] == score_of(SOUND[:1])[0] == score_of([])[0] == 100


@pytest.mark.parametrize("good", [0, 1, 1000])
def test_a_failure_costs_the_same_beside_any_number_of_successes(good):
    assert score_of([FAILED, *SOUND * good])[0] == pytest.approx(100 * (1 - DEAREST * 0.6))


def test_a_close_failure_costs_points_all_the_same():
    assert score_of([*SOUND, finding("time", 0.999, "fail")])[0] == pytest.approx(100 * (1 - DEAREST * LEAST))


@pytest.mark.parametrize("group", ["recovery", "distribution", "cardinality", "dependence", "time", "constraint"])
@pytest.mark.parametrize("before", [[], [FAILED], [FAILED] * 40, [finding("constraint", 0.5, "fail", 0.0)] * 3])
def test_one_more_failure_always_lowers_the_score(group, before):
    more = finding(group, 0.99, "fail", 0.0 if group == "constraint" else 1.0)
    assert score_of([*SOUND, *before, more])[0] < score_of([*SOUND, *before])[0]


def test_findings_that_are_not_applicable_do_not_change_the_score():
    found = [FAILED, finding("time", None, "not applicable"), finding("time", 0.0, weight=0.0)]
    assert score_of(found)[0] == score_of([FAILED])[0]


def test_a_failed_constraint_caps_the_score_and_says_so():
    constraint = finding("constraint", 0.999, "fail", 0.0)
    score, losses = score_of([*SOUND, constraint])
    assert score == pytest.approx(CAP)
    assert [(loss.finding, loss.points) for loss in losses] == [(len(SOUND), pytest.approx(100 - CAP))]
    assert score_of([*SOUND, constraint, constraint])[0] == pytest.approx(CAP * (1 - FURTHER))


def test_realism_is_the_share_of_signs_that_hold_and_no_part_of_the_score():
    signs = [finding("realism", 1.0), *[finding("realism", 0.0, "fail")] * 3]
    assert realism_of([*SOUND, *signs]) == 25
    assert score_of([*SOUND, *signs])[0] == 100
    assert realism_of([*SOUND, finding("realism", None, "not applicable", 0.0)]) is None
