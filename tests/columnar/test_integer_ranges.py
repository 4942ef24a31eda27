"""Sets of numbers as runs: what stands there twice is counted exactly, however the numbers are divided and merged."""

from __future__ import annotations

from collections import Counter
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.columnar import integer_ranges
from datagen.columnar.integer_ranges import runs_of, united

parts = st.lists(st.lists(st.integers(-30, 60), max_size=40), min_size=1, max_size=5)


@given(parts)
@settings(max_examples=300, deadline=None)
def test_duplicates_are_counted_whatever_the_parts(lists):
    together = reduce(united, (runs_of(np.array(part, np.int64)) for part in lists))
    numbers = [number for part in lists for number in part]
    assert together.count == len(numbers)
    assert together.twice == len(numbers) - len(set(numbers))
    assert covered(together) == set(numbers)
    assert all(Counter(numbers)[number] > 1 for number in together.sample)
    assert bool(together.sample) == (together.twice > 0)


def covered(found):
    return {
        n for low, high in zip(found.first.tolist(), found.last.tolist(), strict=True) for n in range(low, high + 1)
    }


def test_dense_keys_take_no_memory():
    """A billion keys in any number of parts are one run."""
    size = 1 << 16
    together = reduce(united, (runs_of(np.arange(i * size, (i + 1) * size)) for i in (3, 0, 2, 1)))
    assert len(together.first) == 1
    assert (together.count, together.twice) == (4 * size, 0)


def test_parts_may_come_in_any_order():
    keys = np.arange(0, 90_000, 3)
    halves = [runs_of(keys[::2]), runs_of(keys[1::2])]
    assert len(united(*halves).first) == len(united(*reversed(halves)).first) == len(keys)


def test_beyond_the_limit_a_share_is_compared_and_said(monkeypatch):
    monkeypatch.setattr(integer_ranges, "MOST", 1000)
    generator = np.random.default_rng(1)
    scattered = generator.integers(0, 2**62, 4000)
    found = reduce(united, (runs_of(part) for part in np.split(np.concatenate([scattered, scattered]), 8)))
    assert len(found.first) <= 1000
    assert found.level > 0
    assert found.count == 8000
    assert 0 < found.twice <= 4000


def test_an_empty_part_changes_nothing():
    nothing = runs_of(np.zeros(0, np.int64))
    assert united(nothing, nothing).count == 0
    assert united(nothing, runs_of(np.array([4, 4]))).twice == 1


@pytest.mark.parametrize("extreme", [-(2**63), 2**63 - 1])
def test_the_extremes_are_numbers_like_others(extreme):
    assert united(runs_of(np.array([extreme])), runs_of(np.array([extreme]))).twice == 1


def test_numbers_as_far_apart_as_hashes_are(monkeypatch):
    """Differences beyond 64 bits do not confuse neighbours."""
    hashes = np.random.default_rng(2).integers(-(2**63), 2**63 - 1, 999)
    together = reduce(united, (runs_of(part) for part in np.split(np.append(hashes, hashes[7]), 4)))
    assert (together.count, together.twice, together.sample) == (1000, 1, (int(hashes[7]),))
