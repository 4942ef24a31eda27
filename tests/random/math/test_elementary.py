from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.random.math import elementary

RNG = np.random.default_rng(5)
N = 40_000
SPECIAL = np.array(
    [0.0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 2.5, np.inf, -np.inf, np.nan, 1e308, -1e308, 5e-324, 1e-300]
)
NUMPY_NAMES = {"atan": "arctan"}


def units(got, exact):
    """The largest error in units in the last place."""
    nearest = exact.astype(np.float64)
    return float(np.max(np.abs(got.astype(np.longdouble) - exact) / np.spacing(np.abs(nearest))))


def reference(name):
    return getattr(np, NUMPY_NAMES.get(name, name))


def spread(low, high):
    """Either sign, over many orders of magnitude."""
    return RNG.normal(size=N) * 10.0 ** RNG.uniform(low, high, N)


@pytest.mark.parametrize(
    "name, x, most",
    [
        ("exp", RNG.uniform(-700, 700, N), 2),
        ("exp", RNG.uniform(-1, 1, N), 2),
        ("expm1", RNG.uniform(-40, 40, N), 2.5),
        ("expm1", spread(-20, 0), 2.5),
        ("tanh", spread(-10, 2), 3.5),
        ("log", 10.0 ** RNG.uniform(-320, 308, N), 1.5),
        ("log", RNG.uniform(0.5, 2, N), 1.5),
        ("log1p", 10.0 ** RNG.uniform(-20, 20, N), 2),
        ("log1p", RNG.uniform(-1, 1, N), 2),
        ("log2", 10.0 ** RNG.uniform(-320, 308, N), 1),
        ("log10", RNG.uniform(0.5, 2, N), 1),
        ("sin", RNG.uniform(-1e6, 1e6, N), 4),
        ("cos", RNG.uniform(-1e6, 1e6, N), 4),
        ("tan", RNG.uniform(-100, 100, N), 5),
        ("atan", spread(-10, 6), 5),
        ("sqrt", 10.0 ** RNG.uniform(-300, 300, N), 0.51),
    ],
)
def test_error_is_a_few_units_in_the_last_place(name, x, most):
    if np.finfo(np.longdouble).nmant < 60:
        pytest.skip("no longer float to compare with")
    assert units(getattr(elementary, name)(x), reference(name)(x.astype(np.longdouble))) < most


@pytest.mark.parametrize(
    "x, y",
    [
        (10.0 ** RNG.uniform(-3, 3, N), RNG.uniform(-100, 100, N)),
        (1 + RNG.normal(size=N) * 1e-3, RNG.uniform(-1.5e5, 1.5e5, N)),
        (10.0 ** RNG.uniform(-300, 300, N), RNG.uniform(-1, 1, N)),
    ],
)
def test_power_errs_by_a_few_units_in_the_last_place(x, y):
    if np.finfo(np.longdouble).nmant < 60:
        pytest.skip("no longer float to compare with")
    assert units(elementary.power(x, y), np.power(x.astype(np.longdouble), y.astype(np.longdouble))) < 4


def alike(got, expected):
    with np.errstate(all="ignore"):
        close = np.abs(got - expected) <= 4 * np.spacing(np.abs(expected))
    return close | (got == expected) | (np.isnan(got) & np.isnan(expected))


def test_power_follows_ieee_754_at_the_ends():
    x, y = (grid.ravel() for grid in np.meshgrid(SPECIAL, SPECIAL))
    with np.errstate(all="ignore"):
        expected = np.power(x, y)
    assert alike(elementary.power(x, y), expected).all()


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p", "log2", "log10", "tanh", "atan", "sqrt"])
def test_ends_are_right_and_silent(name):
    x = np.append(SPECIAL, [709.7, 710.2, -745.1, -745.2, 800, -800])
    with np.errstate(all="ignore"):
        expected = reference(name)(x)
    assert alike(getattr(elementary, name)(x), expected).all()


def pi_of(digits: int) -> Decimal:
    """Pi by the recipe of the decimal module's documentation."""
    with localcontext(prec=digits + 5):
        three = Decimal(3)
        last, term, total, n, plus, divisor, more = Decimal(0), three, three, 1, 0, 0, 24
        while total != last:
            last = total
            n, plus = n + plus, plus + 8
            divisor, more = divisor + more, more + 32
            term = (term * n) / divisor
            total += term
        return total


def exact_sine_and_cosine(x: float) -> tuple[float, float]:
    """By Taylor series in 350 decimal digits."""
    with localcontext(prec=350):
        quarter = pi_of(350) / 2
        turns = int(Decimal(x) / quarter)
        rest = Decimal(x) - turns * quarter
        terms = [Decimal(1)]
        for n in range(1, 80):
            terms.append(terms[-1] * rest / n)
        cosine = sum(term if n % 4 == 0 else -term for n, term in enumerate(terms) if n % 2 == 0)
        sine = sum(term if n % 4 == 1 else -term for n, term in enumerate(terms) if n % 2)
        rotated = {0: (sine, cosine), 1: (cosine, -sine), 2: (-sine, -cosine), 3: (-cosine, sine)}
        first, second = rotated[turns % 4]
        return float(first), float(second)


FAR = [2.0**20 + 0.5, -3e6, 4.0**11 + 1, 1e15, -1e15, 9007199254740993.0, 1e22, -1e100, 5.319372648326541e255]
FAR += [float(sign * 2.0**power) for sign, power in zip([1, -1] * 20, range(21, 700, 17), strict=False)]


def test_large_angles_are_reduced_exactly():
    x = np.array(FAR)
    truth = np.array([exact_sine_and_cosine(angle) for angle in FAR])
    for name, expected in (("sin", truth[:, 0]), ("cos", truth[:, 1]), ("tan", truth[:, 0] / truth[:, 1])):
        assert np.abs(getattr(elementary, name)(x) / expected - 1).max() < 1e-15, name


def test_large_angles_are_reduced_the_same_wherever_they_stand():
    x = np.array([0.5, 1e15, -2.0, 1e300, 3e6, 7.0])
    assert [elementary.sin(float(angle)) for angle in x] == elementary.sin(x).tolist()
    assert (elementary.sin(-x) == -elementary.sin(x)).all() and (elementary.cos(-x) == elementary.cos(x)).all()


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_angles_without_an_end_stay_numbers_within_range(name):
    out = getattr(elementary, name)(np.array([1e15, -1e300, 1.7e308]))
    assert np.isfinite(out).all()
    assert np.isnan(getattr(elementary, name)(np.array([np.inf, -np.inf, np.nan]))).all()


def test_logarithms_and_powers_of_whole_numbers_are_exact():
    assert np.array_equal(elementary.log10(np.array([float(10**k) for k in range(23)])), np.arange(23))
    assert np.array_equal(elementary.log2(np.ldexp(1.0, np.arange(-1074, 1024))), np.arange(-1074, 1024))
    whole = [(b, k) for b in range(2, 40) for k in range(30) if b**k < 2**53]
    base, exponent = (np.array(part, float) for part in zip(*whole, strict=True))
    assert elementary.power(base, exponent).tolist() == [float(b**k) for b, k in whole]


def test_numbers_give_numbers_and_arrays_keep_their_shape():
    assert type(elementary.exp(0)) is float and elementary.exp(0) == 1.0
    assert type(elementary.power(3, 4)) is float and elementary.power(3, 4) == 81.0
    assert elementary.log(np.ones((2, 3))).shape == elementary.power(np.ones((2, 3)), 2.0).shape == (2, 3)
    assert elementary.power(2.0, np.arange(4.0)).tolist() == [1, 2, 4, 8]
    assert elementary.exp(np.empty(0)).shape == (0,)


@given(st.integers(1, 12_000), st.data())
@settings(max_examples=20, deadline=None)
def test_a_value_depends_on_nothing_but_its_argument(n, data):
    at = data.draw(st.integers(0, n - 1))
    x = np.linspace(0.01, 30, n)
    for name in ("exp", "log", "log1p", "expm1", "sin", "tanh"):
        function = getattr(elementary, name)
        assert function(x)[at] == function(float(x[at]))
    assert elementary.power(x, 1.7)[at] == elementary.power(float(x[at]), 1.7)
