"""The intervals that may hold a moment are few, and a choice among them is that among all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.columnar.block import TIMESTAMP, Column
from datagen.kinds.choosers.support.distributions import Span
from datagen.kinds.choosers.support.exponential_race import first_of
from datagen.kinds.choosers.support.intervals import SortedIntervals
from datagen.kinds.choosers.support.matching import MatchedDistribution
from datagen.random.streams import Stream, root_identities

RACE = Stream.named(1, "race")


def case(seed, longest, missing, weighted, members=400, rows=60):
    """Intervals in three groups, rows that choose among those of one group, and which of these hold their moment."""
    random = np.random.default_rng(seed)
    sizes = random.multinomial(members, [0.2, 0.5, 0.3])
    low, length = random.integers(0, 1000, members), random.integers(0, longest, members)
    ends = Column(TIMESTAMP, low + length, random.random(members) >= missing)
    starts = Column(TIMESTAMP, low, random.random(members) >= missing)
    weights = random.integers(0, 3, members).astype(np.float64) if weighted else None
    group = random.integers(-1, 3, rows)
    moment = random.integers(-10, 1010, rows)
    edges = np.concatenate(([0], np.cumsum(sizes)))
    span = Span(edges[group * (group >= 0)], np.where(group >= 0, sizes[group], 0), fixed=False)

    def able(at, one):
        closed = np.where(ends.valid[one], ends.data[one], 10**6)
        return starts.valid[one] & (low[one] <= moment[at]) & (moment[at] < closed)

    sums = None if weights is None else np.concatenate(([0.0], np.cumsum(weights)))
    found = SortedIntervals.of(np.repeat(np.arange(3), sizes), [starts, ends], weights)
    whole = MatchedDistribution(span, sums, able)
    return whole, found.shortlist(whole, group, Column(TIMESTAMP, moment)), root_identities(np.arange(rows))


@given(st.integers(0, 10**6), st.sampled_from([1, 5, 50, 2000]), st.sampled_from([0.0, 0.1, 1.0]), st.booleans())
def test_the_first_of_the_shortlist_is_the_first_of_all(seed, longest, missing, weighted):
    whole, few, ids = case(seed, longest, missing, weighted)
    at = np.arange(len(ids))
    assert (first_of(few, at, ids, RACE) == first_of(whole, at, ids, RACE)).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_it_has_few_candidates(weighted):
    whole, few, ids = case(7, 10, 0.0, weighted, members=100_000, rows=5000)
    at = np.arange(len(ids))
    assert few.spans(at)[1].sum() < 0.02 * whole.spans(at)[1].sum()
    assert (first_of(few, at[:50], ids, RACE) >= 0).any()
