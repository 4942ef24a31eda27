"""A verdict weighs a difference by its error and by its size."""

from __future__ import annotations

import math

import pytest

from datagen.validation.metrics.verdict import Parameter, close, compare, not_identifiable

HALF = Parameter("orders", None, "FactorRecovery", "vip", 3.0, size=math.log(3), log=True)


def test_within_its_error_a_parameter_is_recovered():
    found = compare(HALF, 3.2, 0.05)
    assert (found.verdict, found.score) == ("recovered", 1.0)
    assert found.z == pytest.approx(math.log(3.2 / 3) / 0.05)
    assert found.error == pytest.approx(0.16)


def test_a_difference_that_makes_none_is_recovered_whatever_the_sample():
    assert compare(HALF, 3.01, 1e-6).verdict == "recovered"


def test_the_score_falls_with_what_the_error_does_not_explain():
    near, far = compare(HALF, 2.4, 0.02), compare(HALF, 1.0, 0.02)
    assert near.verdict == far.verdict == "not recovered"
    assert 1 > near.score > far.score
    assert far.score < 0.1


def test_a_blurred_estimate_is_not_identifiable():
    found = compare(HALF, 1.0, 0.6)
    assert (found.verdict, found.score, found.weight) == ("not identifiable", None, 0.0)


@pytest.mark.parametrize(("found", "error"), [(math.nan, 0.1), (1.0, math.inf), (1.0, 0.0)])
def test_what_is_no_number_is_not_identifiable(found, error):
    assert compare(HALF, found, error).verdict == "not identifiable"


def test_a_distance_is_allowed_what_sampling_explains():
    distribution = Parameter("orders", "amount", "KSComplement", "values", 1.0)
    assert close(distribution, 0.02, 0.018, 0.005).verdict == "pass"
    assert close(distribution, 0.04, 0.018, 0.005).verdict == "fail"
    assert close(distribution, 0.4, 0.018, 0.005).score == 0.0
    assert not_identifiable(distribution, "nothing").message == "nothing"
