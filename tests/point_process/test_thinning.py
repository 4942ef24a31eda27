"""Thinning and superposition give the rate that a treatment asks for from the same candidates."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from datagen.columnar.block import Block, Rows
from datagen.point_process.effects import Treatment
from datagen.point_process.grid import Grid
from datagen.point_process.process import Events
from datagen.point_process.rate import Rate
from datagen.point_process.thinning import Multipliers, treat
from datagen.random.count_distributions import poisson
from datagen.random.streams import Stream, repeat_child_identities, root_identities

N, MEAN, LENGTH = 20_000, 4.0, 1_000_000


def candidates(rows: Rows, ids: np.ndarray) -> Events:
    """A Poisson process of 4 events per parent within a second."""
    counts = poisson(Stream.named(1, "n").words(ids), MEAN)
    own = repeat_child_identities(ids, counts)
    times = (Stream.named(1, "t").uniforms(own) * LENGTH).astype(np.int64)
    return Events(counts, own, times)


def world(factor: float, end: int = LENGTH) -> tuple[Rate, Rows]:
    def span(entity: Rows) -> tuple[np.ndarray, np.ndarray]:
        return np.full(len(entity), LENGTH // 2), np.full(len(entity), end)

    treatment = Treatment(lambda entity: np.full(len(entity), factor), span)
    block = Block("parents", 0, root_identities(np.arange(N)))
    return Rate("events", Grid(0, 1), ((lambda rows: rows, treatment),)), Rows(block)


def treated(rate: Rate, rows: Rows) -> Events:
    return treat(candidates, rate, rows, rows.ids, Stream.named(1, "treatment"))


@pytest.mark.parametrize("factor", [0.0, 0.4, 1.0, 1.7, 3.2])
def test_the_rate_is_multiplied_from_exposure_on(factor: float) -> None:
    events = treated(*world(factor))
    before = np.count_nonzero(events.times < LENGTH // 2)
    after = len(events.times) - before
    assert abs(before - N * MEAN / 2) < 4 * np.sqrt(N * MEAN / 2)
    assert abs(after - N * MEAN / 2 * factor) <= 4 * np.sqrt(N * MEAN / 2 * factor)


@pytest.mark.parametrize("factor", [1.7, 3.2])
def test_counts_stay_poisson(factor: float) -> None:
    counts = treated(*world(factor)).counts
    assert abs(counts.var() / counts.mean() - 1) < 4 * np.sqrt(2 / N)


def test_a_larger_multiplier_only_adds_events() -> None:
    found = [set(treated(*world(factor)).ids.tolist()) for factor in (0.0, 0.5, 1.0, 1.4, 2.3, 2.9)]
    assert all(less < more for less, more in pairwise(found))


def test_events_stand_in_the_order_of_parent_and_time() -> None:
    events = treated(*world(2.5))
    owner = np.repeat(np.arange(N), events.counts)
    assert len(np.unique(events.ids)) == len(events.ids)
    assert (np.lexsort((events.times, owner)) == np.arange(len(owner))).all()


def test_who_is_never_exposed_is_not_touched() -> None:
    rate, rows = world(2.5, end=0)
    assert len(Multipliers.of(rate, rows).touched) == 0
    plain = candidates(rows, rows.ids)
    assert set(treated(rate, rows).ids.tolist()) == set(plain.ids.tolist())
