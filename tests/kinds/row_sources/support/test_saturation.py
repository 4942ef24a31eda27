"""Diminishing returns: the load of earlier triggers decays, and is that of the trigger's own parent and kind."""

from __future__ import annotations

import numpy as np

from datagen.kinds.row_sources.support.saturation import Saturation

DAY = 86_400_000_000


def naive(owner, kind, times, saturation):
    factor = np.empty(len(times))
    for i in range(len(times)):
        earlier = (owner == owner[i]) & (kind == kind[i]) & (times < times[i])
        load = (0.5 ** ((times[i] - times[earlier]) / saturation.half_life)).sum()
        factor[i] = 1 / (1 + load / saturation.half_at)
    return factor


def test_it_is_the_sum_over_earlier_triggers_of_the_same_kind():
    rng = np.random.default_rng(1)
    owner, kind = np.sort(rng.integers(0, 20, 600)), rng.integers(0, 3, 600)
    times = rng.integers(0, 90 * DAY, 600)
    saturation = Saturation(half_at=2, half_life="5d")
    assert np.allclose(saturation.factor(owner, kind, times), naive(owner, kind, times, saturation))


def test_it_does_not_depend_on_the_other_parents_of_a_block():
    rng = np.random.default_rng(2)
    owner, times = np.sort(rng.integers(0, 30, 900)), rng.integers(0, 90 * DAY, 900)
    kind, saturation = np.zeros(900, np.int64), Saturation(half_at=2, half_life="5d")
    whole = saturation.factor(owner, kind, times)
    for one in range(30):
        own = owner == one
        assert (saturation.factor(owner[own], kind[own], times[own]) == whole[own]).all()
