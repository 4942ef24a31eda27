import numpy as np
import pytest
from scipy import stats

from datagen.random import distributions
from datagen.random.streams import Stream

CASES = [
    (distributions.normal(3, 2), stats.norm(3, 2)),
    (distributions.lognormal(10, 0.3), stats.lognorm(0.3, scale=10)),
    (distributions.lognormal(1, 2), stats.lognorm(2)),
    (distributions.exponential(3), stats.expon(scale=3)),
    (distributions.gamma(0.3, 2), stats.gamma(0.3, scale=2 / 0.3)),
    (distributions.gamma(2, 2), stats.gamma(2)),
    (distributions.gamma(500, 2), stats.gamma(500, scale=2 / 500)),
    (distributions.beta(2, 5), stats.beta(2, 5)),
    (distributions.beta(0.5, 0.5), stats.beta(0.5, 0.5)),
    (distributions.weibull(0.6, 2), stats.weibull_min(0.6, scale=2)),
    (distributions.pareto(1, 3), stats.pareto(3)),
    (distributions.log_logistic(3, 2), stats.fisk(3, scale=2)),
    (distributions.gompertz(0.01, 0.1), stats.gompertz(0.1, scale=10)),
]


def moments(table):
    """Mean and standard deviation of the tabulated law itself, not of a sample: pieces are uniform."""
    octaves = np.repeat(2.0 ** (np.arange(53) - 60.0), 64) / 64
    middle, lower, upper = table.pieces
    parts = [(middle[:, 32:-32], np.full(4032, 1 / 4096)), (lower, octaves), (upper, octaves)]
    mean = sum((weight * (start + rise / 2)).sum() for (start, rise), weight in parts)
    square = sum((weight * (start**2 + start * rise + rise**2 / 3)).sum() for (start, rise), weight in parts)
    return mean, (square - mean**2) ** 0.5


@pytest.mark.parametrize("table, distribution", CASES)
def test_mean_and_deviation_of_the_table_are_those_of_the_distribution_to_1e_4(table, distribution):
    mean, deviation = moments(table)
    assert mean == pytest.approx(distribution.mean(), rel=1e-4)
    assert deviation == pytest.approx(distribution.std(), rel=1e-4)


@pytest.mark.parametrize("table, distribution", CASES)
def test_quantiles_are_right_to_1e_3_far_into_the_tails(table, distribution):
    p = np.array([1e-7, 1e-5, 0.001, 0.01, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 0.99999, 1 - 1e-7])
    words = (p * 2.0**64).astype(np.uint64)
    assert np.allclose(table.at(words), distribution.ppf(p), rtol=1e-3)


@pytest.mark.parametrize("table, distribution", CASES)
def test_a_sample_follows_the_distribution(table, distribution):
    sample = table.sample(Stream.named(3, "laws"), np.arange(100_000, dtype=np.uint64))
    assert stats.kstest(sample, distribution.cdf).statistic < 0.005


@pytest.mark.parametrize(
    "distribution, arguments",
    [
        (distributions.normal, (0, -1)),
        (distributions.lognormal, (0, 1)),
        (distributions.exponential, (np.inf,)),
        (distributions.gamma, (np.nan, 1)),
        (distributions.beta, (0, 1)),
        (distributions.weibull, (1, 0)),
        (distributions.pareto, (1, -2)),
        (distributions.log_logistic, (0, 1)),
        (distributions.gompertz, (1, 0)),
    ],
)
def test_parameters_outside_the_distribution_are_refused(distribution, arguments):
    with pytest.raises(ValueError, match="must be positive and finite"):
        distribution(*arguments)


def test_the_same_distribution_is_tabulated_once():
    assert distributions.gamma(2.5, 1.0) is distributions.gamma(2.5, 1.0)
