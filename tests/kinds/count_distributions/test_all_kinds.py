"""Every count law has the mean and variance it declares, multiplied or not, and any slice equals the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import datagen
from datagen.kinds.count_distributions.base import CountDistribution
from datagen.random.streams import Stream
from datagen.registry import load

N = 200_000
IDS = np.arange(N, dtype=np.uint64)
DISTRIBUTIONS: list[tuple[dict[str, Any], float, float]] = [
    ({"type": "constant", "value": 3}, 3, 0),
    ({"type": "poisson", "mean": 2.5}, 2.5, 2.5),
    ({"type": "geometric", "mean": 2.2, "min": 1}, 2.2, 1.2 * 2.2),
    ({"type": "negative_binomial", "mean": 4, "dispersion": 0.8}, 4, 4 + 0.8 * 16),
    ({"type": "uniform", "min": 1, "max": 4}, 2.5, 1.25),
]


def distribution(declared: Any) -> CountDistribution:
    load()
    return CountDistribution.parse(declared)


@pytest.mark.parametrize("declared, mean, variance", DISTRIBUTIONS)
def test_mean_and_variance_are_as_declared(declared: dict[str, Any], mean: float, variance: float) -> None:
    counts = distribution(declared).counts(Stream.named(1, "t"), IDS, None)
    assert counts.mean() == pytest.approx(mean, rel=0.01)
    assert counts.var() == pytest.approx(variance, rel=0.03, abs=1e-9)


@pytest.mark.parametrize("declared, mean, variance", DISTRIBUTIONS)
def test_a_factor_multiplies_the_mean(declared: dict[str, Any], mean: float, variance: float) -> None:
    factor = np.where(IDS % 2 == 0, 1.0, 1.7)
    counts = distribution(declared).counts(Stream.named(1, "t"), IDS, factor)
    assert counts[1::2].mean() == pytest.approx(1.7 * mean, rel=0.015)
    assert counts[::2].mean() == pytest.approx(mean, rel=0.015)


@pytest.mark.parametrize("declared", [d for d, _, _ in DISTRIBUTIONS])
def test_a_slice_equals_the_whole(declared: dict[str, Any]) -> None:
    made, stream = distribution(declared), Stream.named(3, "t")
    whole = made.counts(stream, IDS[:5000], None)
    assert np.array_equal(made.counts(stream, IDS[1234:2345], None), whole[1234:2345])


@pytest.mark.parametrize("declared", [d for d, _, _ in DISTRIBUTIONS[1:4]])
def test_larger_numbers_than_max_become_it(declared: dict[str, Any]) -> None:
    stream = Stream.named(1, "t")
    whole, capped = (distribution(declared | more).counts(stream, IDS, None) for more in ({}, {"max": 3}))
    assert np.array_equal(capped, np.minimum(whole, 3)) and whole.max() > 3
    assert distribution(declared | {"max": 3}).limits(multiplied=True)[1] == 3


def test_a_bare_number_is_a_constant() -> None:
    assert distribution(7).fixed == 7


def test_a_bernoulli_share_has_one_child_and_a_factor_multiplies_its_odds() -> None:
    made, stream = distribution({"type": "bernoulli", "share": 0.3}), Stream.named(1, "t")
    plain, more = (made.counts(stream, IDS, factor) for factor in (None, np.full(len(IDS), 3.0)))
    assert plain.mean() == pytest.approx(0.3, abs=0.005) and more.mean() == pytest.approx(0.9 / 1.6, abs=0.005)
    assert (more >= plain).all() and more.max() == 1, "a multiplier keeps who had one already"
    sure = distribution({"type": "bernoulli", "share": 1})
    assert sure.counts(stream, IDS[:3], np.array([0.0, 0.1, 9.0])).tolist() == [0, 1, 1]


def test_a_dispersion_that_no_data_can_show_is_refused() -> None:
    count = {"type": "negative_binomial", "mean": 3, "dispersion": 1e-17}
    tables = {
        "a": {"rows": 5, "columns": {"id": {"type": "key"}}},
        "b": {"parent": "a", "rows": {"type": "per_parent", "count": count}, "columns": {"id": {"type": "key"}}},
    }
    (problem,) = datagen.check({"datagen": 1, "name": "tiny", "tables": tables})
    assert problem.keys[-1] == "dispersion"
