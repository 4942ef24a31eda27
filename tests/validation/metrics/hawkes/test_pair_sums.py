"""Sums over pairs are those that one would get pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from datagen.validation.metrics.hawkes.pair_sums import background, bin_edges, pair_sums, spread_over


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 50)), max_size=60), st.floats(0.01, 100))
@settings(max_examples=100, deadline=None)
def test_the_sums_of_pairs_are_those_of_each_pair(events, scale):
    events = sorted(events)
    owner, times = np.array([o for o, _ in events], np.int64), np.array([t for _, t in events])
    (found,) = pair_sums(owner, np.diff(times), np.array([scale]))
    expected = [
        sum(np.exp(-(times[k] - times[j]) / scale) for j in range(k) if owner[j] == owner[k]) for k in range(len(owner))
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_a_parent_of_many_events_takes_as_few_steps_as_their_logarithm():
    """A hundred thousand events, one an hour: a geometric series."""
    (found,) = pair_sums(np.zeros(100_000, np.int64), np.ones(99_999), np.array([5.0]))
    assert found[-1] == pytest.approx(1 / (np.exp(0.2) - 1), rel=1e-9)


def test_chance_pairs_are_the_integral_over_both_times():
    low, high, rate, scale = 3.0, 11.0, 0.7, 2.0
    found = background((np.array([low]), np.array([high])), np.array([rate**2]), np.array([scale]))
    expected = integrate.dblquad(lambda x, y: rate**2 * np.exp(-(y - x) / scale), low, high, 0, lambda y: y)[0]
    assert found == pytest.approx(expected)


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e4), st.floats(0, 9)), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_what_is_spread_over_bins_lies_where_it_was(pieces):
    low, width, rate = (np.array(part) for part in zip(*pieces, strict=True))
    edges = bin_edges(3.0)
    found = spread_over((low, low + width), rate, edges)
    overlap = np.clip(edges[1:], low[:, None], (low + width)[:, None]) - np.clip(
        edges[:-1], low[:, None], (low + width)[:, None]
    )
    np.testing.assert_allclose(found, rate @ overlap, rtol=1e-6, atol=1e-4)
