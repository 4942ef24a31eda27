"""Captions say what was found in words that need no statistics."""

import pytest

from datagen.validation.metrics.base import Finding
from datagen.validation.report.html.captions import caption

SHAPE = "seasonality: weekday (1: as planted, 0: flat)"


def shape(found, verdict):
    return Finding("time", "FactorRecovery", "t", None, verdict, "x", SHAPE, 0.5, planted=1.0, found=found, error=0.02)


@pytest.mark.parametrize(
    "found, verdict, message",
    [
        (0.99, "recovered", "weekday: as planted."),
        (-1.303, "not recovered", "weekday: the opposite of the declared effect."),
        (0.01, "not recovered", "weekday: almost absent, although it is planted."),
        (0.6, "not recovered", "weekday: weaker than planted, 60\N{NO-BREAK SPACE}% of its strength."),
        (1.9, "not recovered", "weekday: stronger than planted, 1.9 times."),
    ],
)
def test_a_shape_is_as_planted_weaker_stronger_or_turned_round(found, verdict, message):
    assert caption(shape(found, verdict)) == message


def test_a_parameter_tells_both_numbers():
    good = Finding(
        "recovery", "RateRecovery", "t", None, "recovered", "x", "mean per month", planted=2.1, found=2.098, error=0.075
    )
    assert caption(good) == "mean per month: 2.1 planted, 2.098 found."


def test_what_cannot_be_identified_says_why():
    unsure = Finding("distribution", "KSComplement", "t", "x", "not identifiable", "there are 49 of them")
    assert caption(unsure) == "Cannot be estimated: there are 49 of them."


def test_a_distribution_is_as_declared_or_says_how_far_off():
    good = Finding("distribution", "KSComplement", "t", "x", "pass", "distance 0.01")
    bad = Finding("distribution", "KSComplement", "t", "x", "fail", "distance 0.3")
    assert (caption(good), caption(bad)) == ("As declared.", "Not as declared: distance 0.3.")
