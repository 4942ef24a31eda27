"""What excitation adds to pairs is what a Hawkes process has, from its first event on and on days of any kind."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from datagen.validation.metrics.hawkes.moments import Days, excess_pairs


@pytest.mark.parametrize(("branching", "scale"), [(0.5, 3.0), (0.9, 40.0), (0.05, 0.2), (0.5, 12.0)])
def test_long_after_the_beginning_it_is_hawkes_covariance(branching, scale):
    """Hawkes (1971): a (2 b - a) / 2 (b - a) exp(-(b - a) u) for the kernel a exp(-b u)."""
    decay = 6.0
    a, b = branching / decay, 1 / decay
    expected = integrate.quad(lambda u: a * (2 * b - a) / (2 * (b - a)) * np.exp(-(b - a) * u - u / scale), 0, 2000)[0]
    assert excess_pairs(branching, decay, scale, np.array([1e5])) == pytest.approx(expected)


@pytest.mark.parametrize("scale", [2.0, 12.0])
def test_at_the_beginning_clusters_from_before_are_not_yet_there(scale):
    """At an even rate of 1 from time 0: the covariance of the rates at x and y is what all events before x brought on
    at both.
    """
    branching, decay, now = 0.5, 6.0, 9.0
    a, g = branching / decay, (1 - branching) / decay

    def covariance(x):
        shared = integrate.quad(lambda z: a * a * np.exp(-g * (x - z) - g * (now - z)), 0, x)[0]
        return a * np.exp(-g * (now - x)) + shared

    expected = integrate.quad(lambda x: covariance(x) * np.exp(-(now - x) / scale), 0, now)[0]
    assert excess_pairs(branching, decay, scale, np.array([now])) == pytest.approx(expected)
    assert excess_pairs(branching, decay, scale, np.array([0.0])) == 0


@pytest.mark.parametrize("scale", [1.0, 10.0, 60.0])
def test_days_that_differ_make_more_pairs_and_faster_ones(scale):
    """On a clock that runs as fast as the days are good; the covariance falls off within a few days."""
    rng, sd, rho, fading = np.random.default_rng(5), 0.15, 0.5, 1 / 8
    noise = np.empty(200_000)
    noise[0] = rng.normal()
    for k, shock in enumerate(rng.normal(size=len(noise) - 1)):
        noise[k + 1] = rho * noise[k] + np.sqrt(1 - rho**2) * shock
    sigma = np.sqrt(np.log(1 + sd**2))
    hourly = np.repeat(np.exp(sigma * noise - sigma**2 / 2), 24)
    clock = np.concatenate(([0.0], np.cumsum(hourly)))
    at = np.sort(rng.random(2_000_000) * clock[-2000])
    begin = np.interp(at, clock, np.arange(len(clock)))
    lag = np.interp(at + rng.exponential(1 / fading, len(at)), clock, np.arange(len(clock))) - begin
    found = np.exp(-lag / scale).mean() * clock[-1] / len(hourly)
    days = Days(np.expm1(sigma**2 * rho ** np.arange(400.0)), 1 / 24)
    both = 1 / scale + fading
    assert found * both / fading == pytest.approx(float(days.clustered(np.array([scale]), fading)[0]), abs=0.003)
