"""Signs in who refers to what, in arrivals, and in what is still open at the end."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.columnar.block import INT, TIMESTAMP, Block, Column
from datagen.validation.realism.child_counts import KEPT, ChildrenPerParent, ReferencesPerRow
from datagen.validation.realism.event_times import EventTimeTests
from datagen.validation.realism.open_ends import OpenEnds
from tests.validation.realism.slices import DAY, END, START, TwoTables, poisson

R = np.random.default_rng(6)


class OneTable:
    def __init__(self, **columns):
        size = len(next(iter(columns.values())))
        self._block = Block("rows", 0, np.arange(size, dtype=np.uint64), columns=columns)

    def block(self, table):
        return self._block


def keys(numbers):
    return OneTable(ref=Column(INT, np.asarray(numbers, np.int64)))


def verdict(measure, *parts):
    state = measure.observe(parts[0])
    for part in parts[1:]:
        state = measure.merge(state, measure.observe(part))
    return {f.measure: f.verdict for f in measure.findings(state)}


def test_children_of_a_parent_assigned_at_random():
    found = verdict(ChildrenPerParent("events", "users"), TwoTables(3000, *poisson(mean=8)))
    assert (found["UnequalParents"], found["Concentration"]) == ("fail", "fail")


@pytest.mark.parametrize("size", [500, 3 * KEPT])
def test_references_at_random_are_distinguished_from_popular_ones(size):
    measure = ReferencesPerRow("rows", "ref", "products", size)
    even = R.integers(1, size + 1, size * 6)
    popular = np.minimum((size ** R.random(size * 6)).astype(np.int64), size)
    assert verdict(measure, keys(even))["UnequalReferences"] == "fail"
    assert verdict(measure, keys(popular[: size * 3]), keys(popular[size * 3 :]))["UnequalReferences"] == "pass"


def test_parts_with_more_keys_than_are_kept_come_to_the_whole():
    measure = ReferencesPerRow("rows", "ref", "products", 3 * KEPT)
    numbers = R.integers(1, 3 * KEPT + 1, 10 * KEPT)
    whole, parts = measure.observe(keys(numbers)), [measure.observe(keys(n)) for n in np.array_split(numbers, 3)]
    merged = measure.merge(measure.merge(*parts[:2]), parts[2])
    times = dict(zip(whole.keys.tolist(), whole.times.tolist(), strict=True))
    assert len(merged.keys) > 0.9 * KEPT
    assert all(times[k] == n for k, n in zip(merged.keys.tolist(), merged.times.tolist(), strict=True))
    assert measure.findings(merged)[0].statistic == pytest.approx(measure.findings(whole)[0].statistic, abs=0.1)


def arrivals(times):
    return OneTable(at=Column(TIMESTAMP, np.asarray(times, np.int64)))


def test_everybody_new_and_everybody_at_once():
    measure = EventTimeTests("rows", "at", START, END, events=False)
    lately = R.integers(START, END, 5000)
    assert verdict(measure, arrivals(lately))["NoPast"] == "fail"
    assert verdict(measure, arrivals(lately - 200 * DAY))["NoPast"] == "pass"
    at_once = np.where(R.random(5000) < 0.3, START, lately)
    assert verdict(measure, arrivals(at_once))["AllBornAtTheStart"] == "fail"
    assert verdict(measure, arrivals(lately))["AllBornAtTheStart"] == "pass"


def test_newcomers_at_even_distances():
    measure = EventTimeTests("rows", "at", START, END, events=False)
    even = START + ((np.arange(5000) + R.random(5000)) * ((END - START) / 5000)).astype(np.int64)
    assert verdict(measure, arrivals(even))["EvenArrivals"] == "fail"
    assert verdict(measure, arrivals(R.integers(START, END, 5000)))["EvenArrivals"] == "pass"
    assert verdict(measure, arrivals(R.integers(START, END, 500)))["EvenArrivals"] == "not applicable"


@pytest.mark.parametrize(
    ("delay", "closed", "verdict_"), [(3.0, False, "pass"), (3.0, True, "fail"), (0.001, True, "not applicable")]
)
def test_something_is_open_at_the_end(delay, closed, verdict_):
    begun = R.integers(START, END, 20_000)
    ended = begun + (R.exponential(delay, 20_000) * DAY).astype(np.int64)
    valid = None if closed else ended < END
    part = OneTable(begun=Column(TIMESTAMP, begun), ended=Column(TIMESTAMP, np.minimum(ended, END - 1), valid))
    measure = OpenEnds("rows", "ended", "begun", END, lambda rows: None)
    assert verdict(measure, part)["AllClosed"] == verdict_
