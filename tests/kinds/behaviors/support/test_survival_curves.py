"""The chance to be alive comes from the code that draws lives, and is that of the textbook."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.kinds.behaviors.support.survival_curves import (
    MOST_STEPS,
    SurvivalCurve,
    common_edges,
    drawn_lives,
    labels_of,
    life_hours,
    tenure_edges,
)
from datagen.kinds.lifetimes.exponential import ExponentialLife
from datagen.kinds.lifetimes.sbg import ShiftedBetaGeometric
from datagen.kinds.lifetimes.weibull import WeibullLife
from datagen.random.streams import Stream
from datagen.time_units import MONTH_HOURS

HORIZON = 48 * MONTH_HOURS


def test_the_shifted_beta_geometric_keeps_its_retention_curve():
    """S(1) = b / (a + b), S(2) = S(1) (b + 1) / (a + b + 1)."""
    alive = SurvivalCurve.of(life_hours(ShiftedBetaGeometric(alpha=0.8, beta=4.0)))
    edges = alive.edges(HORIZON)
    chance = alive.between(edges, HORIZON)
    month = [np.searchsorted(edges, (k + 0.5) * MONTH_HOURS) - 1 for k in range(3)]
    assert chance[month] == pytest.approx([1.0, 4 / 4.8, 4 / 4.8 * 5 / 5.8], abs=1e-3)


def test_a_weibull_life_with_those_who_never_leave_and_never_start():
    lifetime = WeibullLife(shape=0.7, scale=10, cure_share=0.25)
    alive = SurvivalCurve.of(life_hours(lifetime), share=0.9)
    at = np.array([3.0, 12.0, 40.0]) * MONTH_HOURS
    expected = 0.9 * (0.25 + 0.75 * np.exp(-((at / MONTH_HOURS / 10) ** 0.7)))
    found = [alive.between(np.array([0.0, a - 1, a + 1]), HORIZON)[1] for a in at]
    assert found == pytest.approx(expected, abs=1e-3)


def test_drawn_lives_follow_the_chance_of_their_case():
    short, long = (
        SurvivalCurve.of(life_hours(ExponentialLife(mean=mean)), share) for mean, share in ((3, 0.7), (12, 1.0))
    )
    case = np.repeat([0, 1], 20_000)
    ((start, end),) = drawn_lives(
        [short, long], case, Stream.named(1, "lives").words(np.arange(40_000, dtype=np.uint64))
    )
    lived = (start <= 6 * MONTH_HOURS) & (end > 6 * MONTH_HOURS)
    assert lived[case == 0].mean() == pytest.approx(0.7 * np.exp(-2), abs=0.01)
    assert lived[case == 1].mean() == pytest.approx(np.exp(-0.5), abs=0.015)


def test_edges_stay_few_whatever_the_distribution():
    every = [SurvivalCurve.of(life_hours(WeibullLife(shape=s, scale=9))) for s in (0.5, 1.0, 2.0, 4.0)]
    edges = common_edges(every, HORIZON)
    assert edges[0] == 0
    assert 20 < len(edges) <= MOST_STEPS
    assert edges[-1] < HORIZON


def test_tenure_is_cut_where_the_chance_falls():
    alive = SurvivalCurve.of(life_hours(ExponentialLife(mean=12)))
    edges = tenure_edges(alive, HORIZON)
    falls = -np.diff(alive.between(edges, HORIZON))
    assert len(edges) == 8
    assert falls.max() < 3 * falls.min()


def test_ages_are_shown_in_their_unit():
    assert labels_of([0.0, 730.5, 2191.5], 730.5, "month") == ("0 to 1 months", "1 to 3 months", "3 months and more")
