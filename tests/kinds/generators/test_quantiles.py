"""Every distribution has the quantiles of its law, as scipy knows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from datagen.kinds.generators.base import Generator, Numeric
from datagen.kinds.generators.support.discrete import DiscreteGenerator
from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.distribution_declarations import SIZE, quantiles
from datagen.registry import load
from tests.fakes import World, column

load()
P = (np.arange(SIZE) + 0.5) / SIZE
CONTINUOUS = {
    "normal": ({"mean": 3, "sd": 2}, stats.norm(3, 2)),
    "lognormal": ({"median": 25, "sigma": 0.8}, stats.lognorm(0.8, scale=25)),
    "exponential": ({"mean": 4}, stats.expon(scale=4)),
    "gamma": ({"shape": 2.5, "mean": 10}, stats.gamma(2.5, scale=4)),
    "beta": ({"a": 5, "b": 2}, stats.beta(5, 2)),
    "weibull": ({"shape": 1.5, "scale": 3}, stats.weibull_min(1.5, scale=3)),
    "pareto": ({"minimum": 2, "alpha": 3}, stats.pareto(3, scale=2)),
    "triangular": ({"min": 2, "mode": 5, "max": 20}, stats.triang(3 / 18, loc=2, scale=18)),
    "log_uniform": ({"min": 1, "max": 10000}, stats.loguniform(1, 10000)),
    "empirical": (
        {"edges": [0, 1, 3, 10], "counts": [2, 5, 3]},
        stats.rv_histogram((np.array([2.0, 5, 3]), np.array([0.0, 1, 3, 10])), density=False),
    ),
    "uniform": ({"min": -1, "max": 4}, stats.uniform(-1, 5)),
}
DISCRETE = {
    "poisson": ({"mean": 3.5}, stats.poisson(3.5)),
    "binomial": ({"trials": 40, "share": 0.3}, stats.binom(40, 0.3)),
    "geometric": ({"mean": 4, "first": 1}, stats.geom(0.25)),
    "negative_binomial": ({"mean": 6, "dispersion": 0.7}, stats.nbinom(1 / 0.7, 1 / (1 + 6 * 0.7))),
    "zipf": ({"items": 500, "exponent": 1.2}, stats.zipfian(1.2, 500)),
}

ODD = [
    ("normal", {"mean": 1e6, "sd": 0.01}, stats.norm(1e6, 0.01)),
    ("lognormal", {"median": 0.001, "sigma": 4}, stats.lognorm(4, scale=0.001)),
    ("gamma", {"shape": 0.01, "mean": 10}, stats.gamma(0.01, scale=1000)),
    ("gamma", {"shape": 1e5, "mean": 10}, stats.gamma(1e5, scale=1e-4)),
    ("beta", {"a": 0.05, "b": 0.05}, stats.beta(0.05, 0.05)),
    ("beta", {"a": 1e4, "b": 3}, stats.beta(1e4, 3)),
    ("weibull", {"shape": 0.2, "scale": 3}, stats.weibull_min(0.2, scale=3)),
    ("weibull", {"shape": 100, "scale": 3}, stats.weibull_min(100, scale=3)),
    ("pareto", {"minimum": 2, "alpha": 1000}, stats.pareto(1000, scale=2)),
    ("triangular", {"min": -5, "mode": 7, "max": 7}, stats.triang(1, loc=-5, scale=12)),
    ("log_uniform", {"min": 1e-6, "max": 1e6}, stats.loguniform(1e-6, 1e6)),
]
"""Very small and very large shapes and scales."""


def found(kind: str, declared: dict) -> np.ndarray:
    world = World({"tables": {"t": {"columns": {"it": {"type": kind, **declared}}}}})
    generator = world.tables["t"].columns["it"]
    assert isinstance(generator, Numeric)
    return quantiles(generator, world.scope("t", "it"))


def test_every_distribution_is_compared() -> None:
    distributions = {
        name for name, kind in Generator.members.items() if issubclass(kind, DistributionGenerator | DiscreteGenerator)
    }
    assert distributions - {"exponential"} <= {*CONTINUOUS, *DISCRETE}


@pytest.mark.parametrize(
    "kind, declared, distribution", [*((kind, *distribution) for kind, distribution in CONTINUOUS.items()), *ODD]
)
def test_quantiles_are_those_of_the_distribution(kind: str, declared: dict, distribution: Any) -> None:
    """Within 0.1 % of the scale (linear interpolation within a 4096th of the probability), ten times that in the last
    thousandths.
    """
    there, expected = found(kind, declared), distribution.ppf(P)
    scale = distribution.ppf(0.75) - distribution.ppf(0.25)
    near = np.abs(there - expected) <= 1e-3 * np.maximum(scale, np.abs(expected))
    assert near[8:-8].all()
    assert (np.abs(there - expected) <= 1e-2 * np.maximum(scale, np.abs(expected))).all()


@pytest.mark.parametrize("kind", DISCRETE)
def test_counts_have_the_chances_of_the_distribution(kind: str) -> None:
    """Every quantile is exact, save where a word lies within rounding of a step."""
    declared, distribution = DISCRETE[kind]
    assert np.count_nonzero(found(kind, declared) != distribution.ppf(P)) <= 2


@pytest.mark.parametrize("kind", [*CONTINUOUS, *DISCRETE])
def test_cells_follow_the_distribution(kind: str) -> None:
    """The Kolmogorov distance of 40,000 cells is below 0.012, which chance exceeds once in ten thousand times."""
    declared, distribution = {**CONTINUOUS, **DISCRETE}[kind]
    cells = np.sort(column({"type": kind, **declared}, 40_000).as_floats())
    values = np.unique(cells)
    below = np.searchsorted(cells, values, side="right") / len(cells)
    assert np.abs(below - distribution.cdf(values)).max() < 0.012
