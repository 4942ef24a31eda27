"""What is expected of parents is the integral of the planted rate over their exposure, cut in any way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from datagen.columnar.block import Block, Rows
from datagen.point_process.effects import Aging, Calendar, Grid
from datagen.point_process.expected_counts import Exposure, Spans, at_risk
from datagen.point_process.factors import Aged, Daily, Spread, SurvivalFactor, by_level
from datagen.point_process.ground_truth import GroundTruth, KnownFactor
from datagen.point_process.rate import Rate
from datagen.time_units import HOUR

HOURS = 2000
BORN = np.array([-300, 0, 55, 700, 1999], np.int64) * HOUR + 1_234_567


def planted(**more):
    rng = np.random.default_rng(1)
    aging = Aging(lambda e: BORN, np.array([0.0, 100.0, 450.0]), np.array([2.0, 1.0, 0.5]))
    calendar = Calendar(rng.random((2, HOURS)) + 0.5, lambda e: np.array([0, 1, 0, 1, 1]))
    survival = SurvivalFactor(lambda e: BORN, np.array([0.0, 200.0, 450.0]), np.array([[1.0, 0.6, 0.3]]))
    factor = Aged("age", ("a", "b"), np.ones(2), born=lambda e: BORN, edges=np.array([0.0, 300.0]))
    same = lambda rows: rows  # noqa: E731 - the entity is the row itself
    rate = Rate("events", Grid(0, HOURS), ((same, aging), (same, calendar)))
    return GroundTruth(rate, ((same, survival),), (KnownFactor(same, factor, "vintage"),), **more)


@pytest.fixture
def exposure():
    rows = Rows(Block("users", 0, np.arange(5, dtype=np.uint64)))
    start = np.maximum(BORN, 0)
    return Exposure(planted(), rows, start, np.full(5, HOURS * HOUR), np.array([1.0, 2.0, 0.5, 1.0, 3.0]))


def brute(exposure, step=HOUR // 10):
    """The rate added up in steps of six minutes."""
    total = np.zeros(5)
    chance = exposure.planted.survival_factors[0][1]
    for t in range(step // 2, HOURS * HOUR, step):
        times = np.full(5, t)
        age = np.maximum(times - chance.born(None), 0) / HOUR
        alive = chance.alive[0][np.searchsorted(chance.edges, age, side="right") - 1]
        total += (times >= exposure.start) * exposure.planted.at(exposure.rows, times) * alive * (step / HOUR)
    return total * exposure.base


def test_cells_add_up_to_the_integral(exposure):
    total = sum(exposure.expected(cell) for cell in exposure.cells())
    assert total == pytest.approx(brute(exposure), rel=2e-3, abs=0.2)


def test_effects_of_entities_of_other_ages_cut_each_their_own_cells(exposure):
    """A user's age and that of the shop he goes to act side by side."""
    later = SurvivalFactor(lambda e: BORN + 350 * HOUR, np.array([0.0, 200.0, 450.0]), np.array([[1.0, 0.6, 0.3]]))
    mixed = replace(exposure, planted=replace(exposure.planted, survival_factors=((lambda rows: rows, later),)))
    total = sum(mixed.expected(cell) for cell in mixed.cells())
    assert total == pytest.approx(brute(mixed), rel=2e-3, abs=0.2)


def test_who_is_at_risk_by_the_hour_adds_up_to_the_same(exposure):
    present = at_risk(exposure, exposure.cells(), exposure.group, 2)
    by_hour = present * np.stack(exposure.planted.rate.calendars)
    total = sum(exposure.expected(cell) for cell in exposure.cells())
    assert by_hour.sum() == pytest.approx(total.sum())
    assert by_hour[0].sum() == pytest.approx(total[[0, 2]].sum())
    assert (present[:, :1] >= 0).all()


def test_spans_add_up_to_about_the_same_and_know_the_second_moment(exposure):
    spans = Spans.of(exposure, np.arange(0, HOURS + 1, 20) * HOUR)
    total = sum(exposure.expected(cell) for cell in exposure.cells())
    assert np.add.reduce(spans.mean, axis=1)[:4] == pytest.approx(total[:4], rel=0.05)
    # a life ends in one span: the mean square is between that of the mean and that of a coin thrown for the whole
    mean, whole = np.add.reduce(spans.mean, axis=1), np.add.reduce(spans.potential, axis=1)
    assert (spans.second() >= mean**2 * 0.999).all()
    assert (spans.second() <= mean * whole * 1.001).all()


def test_scaled_spans_add_up_to_the_exact_expectation(exposure):
    total = sum(exposure.expected(cell) for cell in exposure.cells())
    spans = Spans.of(exposure, np.array([0, HOURS // 2, HOURS]) * HOUR).scaled(total)
    assert np.add.reduce(spans.mean, axis=1) == pytest.approx(total)


def test_hidden_spreads_multiply_and_noise_is_remembered():
    everything = planted(unobserved=(("users", Spread(0.5)), ("users", Spread(0.2)), ("users", Daily(0.1, 0.5))))
    assert everything.spread() == pytest.approx(1.5 * 1.2 - 1)
    covariance = everything.day_covariance(3)
    assert covariance[0] == pytest.approx(0.01)
    assert covariance[1] == pytest.approx(np.exp(np.log1p(0.01) * 0.5) - 1)


def test_levels_are_few_and_keep_the_mean():
    factor = 1 + 0.5 * np.sin(np.arange(1000) / 50)
    codes, levels, labels = by_level(factor, np.ones(len(factor)))
    assert len(levels) == len(labels) == codes.max() + 1 <= 8
    assert levels[codes].mean() == pytest.approx(factor.mean())
    assert by_level(np.array([1.0, 2.0, 1.0]), np.ones(3))[2] == ("x 1", "x 2")
