"""The promises that every law of gaps keeps, tried on one law."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from datagen.point_process.effects import Aging
from datagen.time_units import HOUR
from tests.kinds.interarrival.parents import FIRST, YEAR, by_parent, exposed, process

AGES = Aging(born=lambda entity: entity.ids, edges=np.array([0.0, 500.0, 2000.0]), values=np.array([3.0, 0.0, 0.5]))


def busy_nights(hours: int) -> np.ndarray:
    """A calendar with an outage, quiet days and busy nights."""
    weights = np.where(np.arange(hours) % 24 < 8, 2.0, 0.5)
    weights[3000:3100] = 0.0
    return weights


def assert_every_promise(declared: dict[str, Any]) -> None:
    counts_are_those_of_the_events(declared)
    a_longer_window_adds_events_and_changes_none(declared)
    parents_do_not_depend_on_each_other(declared)
    nothing_happens_while_the_rate_is_nothing(declared)
    the_mean_is_that_of_the_rate(declared)
    a_quota_keeps_the_first_events(declared)


def _crowd(distribution: Any, parents: int = 300) -> Any:
    born = (FIRST + np.arange(parents) * 25 - 2000) * HOUR
    return exposed(distribution, parents, 0.001 + 0.0001 * (np.arange(parents) % 200), born, AGES)


def counts_are_those_of_the_events(declared: dict[str, Any]) -> None:
    distribution = process(declared, weights=busy_nights(YEAR))
    crowd = _crowd(distribution)
    events = distribution.events(crowd)
    np.testing.assert_array_equal(distribution.counts(crowd), events.counts)
    assert events.counts.sum() == len(events.ids) == len(events.times) == len(set(events.ids.tolist()))
    for times in by_parent(events):
        assert (np.diff(times) >= 0).all()


def a_longer_window_adds_events_and_changes_none(declared: dict[str, Any]) -> None:
    weights = busy_nights(2 * YEAR)
    short, long = (process(declared, hours, weights) for hours in (YEAR // 2 + 7, 2 * YEAR))
    few, many = short.events(_crowd(short)), long.events(_crowd(long))
    kept = many.times < short.end
    np.testing.assert_array_equal(many.ids[kept], few.ids)
    np.testing.assert_array_equal(many.times[kept], few.times)


def parents_do_not_depend_on_each_other(declared: dict[str, Any]) -> None:
    distribution = process(declared)
    crowd = exposed(distribution, 50, np.linspace(0.001, 0.5, 50))
    whole, part = distribution.events(crowd), slice(20, 23)
    cells = tuple(replace(cell, lower=cell.lower[part], upper=cell.upper[part]) for cell in crowd.cells)
    few = distribution.events(replace(crowd, ids=crowd.ids[part], base=crowd.base[part], cells=cells))
    before = int(whole.counts[:20].sum())
    np.testing.assert_array_equal(few.times, whole.times[before : before + len(few.times)])
    np.testing.assert_array_equal(few.counts, whole.counts[part])


def nothing_happens_while_the_rate_is_nothing(declared: dict[str, Any]) -> None:
    distribution = process(declared, weights=busy_nights(YEAR))
    events = distribution.events(_crowd(distribution))
    since = events.times / HOUR - FIRST
    age = since - np.repeat(np.arange(300) * 25 - 2000, events.counts)
    assert not ((since > 3000) & (since < 3100)).any()
    assert not ((age > 500.001) & (age < 1999.999)).any()
    assert (age >= 0).all() and (since >= 0).all() and (since < YEAR).all()
    nobody = exposed(distribution, 4, 0.0)
    assert distribution.counts(nobody).sum() == 0 and len(distribution.events(nobody).ids) == 0
    unborn = exposed(distribution, 4, 1.0, np.full(4, distribution.end))
    assert distribution.counts(unborn).sum() == 0 and len(distribution.events(unborn).ids) == 0


def the_mean_is_that_of_the_rate(declared: dict[str, Any]) -> None:
    """Within four standard errors, in the first day, the first weeks and the rest of a life; the first
    hours included.
    """
    distribution = process(declared)
    born = (FIRST + np.arange(6000)) * HOUR
    events = distribution.events(exposed(distribution, 6000, 0.02, born))
    age = events.times / HOUR - FIRST - np.repeat(np.arange(6000), events.counts)
    owner = np.repeat(np.arange(6000), events.counts)
    for low, high in ((0, 24), (24, 500), (500, 2700)):
        counts = np.bincount(owner[(age >= low) & (age < high)], minlength=6000)
        expected = 0.02 * (high - low)
        assert abs(counts.mean() - expected) < 4 * counts.std() / np.sqrt(6000)


def a_quota_keeps_the_first_events(declared: dict[str, Any]) -> None:
    distribution = process(declared)
    crowd = exposed(distribution, 100, 0.01)
    quota = np.arange(100) % 7
    whole, few = distribution.events(crowd), distribution.events(replace(crowd, quota=quota))
    np.testing.assert_array_equal(few.counts, np.minimum(whole.counts, quota))
    np.testing.assert_array_equal(distribution.counts(replace(crowd, quota=quota)), few.counts)
    for all_, first in zip(by_parent(whole), by_parent(few), strict=True):
        np.testing.assert_array_equal(all_[: len(first)], first)
