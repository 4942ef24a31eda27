import numpy as np
import pytest
from scipy import special as reference

from datagen.random.math.beta import beta_cdf, beta_ppf
from datagen.random.math.gamma import gamma_cdf, gamma_ppf, log_gamma
from datagen.random.math.normal import erf, erfc, normal_cdf, normal_ppf

RNG = np.random.default_rng(9)
TAILS = np.concatenate([np.ldexp(1.0, -np.arange(1, 63)), RNG.uniform(0, 0.5, 300)])
SHAPES = [0.01, 0.1, 0.3, 1, 1.5, 2, 10, 99, 100, 1e3, 1e5]
PAIRS = [(0.05, 3), (0.5, 0.5), (1, 1), (2, 5), (0.3, 200), (2, 1e4), (50, 50), (1500, 4000), (1e5, 1e6)]


def worst(got, expected):
    usable = np.isfinite(expected) & (np.abs(expected) > 1e-290)
    return float(np.max(np.abs(got[usable] / expected[usable] - 1)))


def test_error_functions_keep_their_relative_precision():
    x = np.concatenate([RNG.uniform(-6, 20, 20_000), RNG.normal(size=20_000) * 10.0 ** RNG.uniform(-10, 0, 20_000)])
    assert worst(erf(x), reference.erf(x)) < 2e-15
    assert worst(erfc(x), reference.erfc(x)) < 2e-13  # scipy's error, far out
    assert worst(normal_cdf(x[x < 8]), reference.ndtr(x[x < 8])) < 1e-14


def test_normal_quantiles_are_right_to_1e_12_in_the_middle_and_in_both_tails():
    near_half = 0.5 + RNG.uniform(-1, 1, 500) * 1e-9
    p = np.concatenate([TAILS, RNG.uniform(0, 1, 5000), near_half[near_half != 0.5], [0.25, 0.75, 2.0**-1040]])
    assert worst(normal_ppf(p), reference.ndtri(p)) < 1e-12
    assert np.array_equal(normal_ppf(p, upper=True), -normal_ppf(p))
    assert worst(normal_cdf(normal_ppf(TAILS)), TAILS) < 1e-12


def test_log_gamma_is_right():
    x = 10.0 ** RNG.uniform(-8, 8, 20_000)
    assert np.all(np.abs(log_gamma(x) - reference.gammaln(x)) < 1e-14 * (10 + np.abs(reference.gammaln(x))))
    assert log_gamma(0.0) == np.inf and np.isnan(log_gamma(-1.5)) and log_gamma(1.0) == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("upper", [False, True])
def test_gamma_quantiles_are_right_in_both_tails(shape, upper):
    x = gamma_ppf(TAILS, shape, upper)
    inverse = reference.gammainccinv if upper else reference.gammaincinv
    cdf = reference.gammaincc if upper else reference.gammainc
    assert np.allclose(cdf(shape, x)[x > 1e-290], TAILS[x > 1e-290], rtol=1e-10, atol=0)
    assert worst(gamma_cdf(x, shape, upper)[x > 1e-290], TAILS[x > 1e-290]) < 1e-9
    assert gamma_ppf(0.3, shape, upper) == pytest.approx(inverse(shape, 0.3), rel=1e-11)
    assert gamma_ppf(0.7, shape, upper) == pytest.approx(inverse(shape, 0.7), rel=1e-11)


@pytest.mark.parametrize("a, b", PAIRS)
@pytest.mark.parametrize("upper", [False, True])
def test_beta_quantiles_are_right_in_both_tails(a, b, upper):
    x = beta_ppf(TAILS, a, b, upper)
    inside = (x > 1e-290) & (x < 1 - 1e-3)
    cdf = reference.betaincc if upper else reference.betainc
    assert np.allclose(cdf(a, b, x)[inside], TAILS[inside], rtol=1e-8, atol=0)
    assert worst(beta_cdf(x, a, b, upper)[inside], TAILS[inside]) < 1e-8
    assert beta_ppf(0.7, a, b) == pytest.approx(reference.betaincinv(a, b, 0.7), rel=1e-8)


def test_ends_are_quantiles_too():
    assert normal_ppf(np.array([0, 0.5, 1])).tolist() == [-np.inf, 0, np.inf]
    assert gamma_ppf(np.array([0.0, 1.0]), 2.0).tolist() == [0, np.inf]
    assert gamma_ppf(np.array([0.0, 1.0]), 2.0, upper=True).tolist() == [np.inf, 0]
    assert beta_ppf(np.array([0.0, 1.0]), 2.0, 3.0).tolist() == [0, 1]
    assert beta_ppf(np.array([0.0, 1.0]), 2.0, 3.0, upper=True).tolist() == [1, 0]
    assert gamma_cdf(np.array([-1, 0, np.inf]), 2.0).tolist() == [0, 0, 1]
    assert beta_cdf(np.array([-1, 0, 1, 2.0]), 2.0, 3.0, upper=True).tolist() == [1, 1, 0, 0]
    for out in (normal_ppf(np.nan), normal_ppf(1.5), gamma_ppf(np.nan, 2.0), beta_ppf(-0.1, 2.0, 3.0), erfc(np.nan)):
        assert np.isnan(out)


@pytest.mark.parametrize("shape", [0.0, -1.0, np.inf, np.nan])
def test_parameters_outside_the_distribution_are_refused(shape):
    with pytest.raises(ValueError, match="must be positive"):
        gamma_ppf(0.5, shape)
    with pytest.raises(ValueError, match="must be positive"):
        beta_ppf(0.5, shape, 1.0)
