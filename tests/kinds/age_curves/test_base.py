import numpy as np
import pytest

from datagen.kinds.age_curves.base import AgeCurve
from datagen.kinds.age_curves.support.step_approximation import MOST
from datagen.point_process.rate import age_factor
from datagen.time_units import HOUR, MONTH_HOURS
from tests.kinds.age_curves.curves import steps, wrong

CURVES = [
    {"type": "linear", "slope": 0.05},
    {"type": "linear", "slope": -0.05, "floor": 0.2},
    {"type": "exponential", "half_life": 4, "floor": 0.2},
    {"type": "exponential", "rate": 3},
    {"type": "logarithmic", "slope": -0.25, "floor": 0.2},
    {"type": "weibull", "scale": 9, "shape": 0.7},
    {"type": "weibull", "scale": 9, "shape": 4, "floor": 3},
    {"type": "power", "exponent": -0.5},
    {"type": "power", "exponent": 1.5, "ceiling": 20},
    {"type": "seasoning"},
    {"type": "decay_by", "less": 0.75, "after": 6},
]
named = pytest.mark.parametrize("curve", CURVES, ids=lambda curve: "-".join(map(str, curve.values())))


@named
def test_few_steps_of_whole_hours(curve):
    found = steps(curve)
    assert found.edges[0] == 0 and (np.diff(found.edges) >= 1).all() and (found.edges == np.rint(found.edges)).all()
    assert 1 < len(found.edges) <= MOST and (found.values >= 0).all()


@named
def test_steps_keep_the_integral_of_the_curve(curve):
    """Over the first years of a life a rate in steps brings as many events as the curve itself."""
    found, smooth = steps(curve), AgeCurve.parse(curve)
    hours = np.arange(0, 5 * 8766) + 0.5
    exact = smooth.at(hours / MONTH_HOURS)
    stepped = pieces(found, hours)
    scale = exact.cumsum().max()
    assert np.abs(np.cumsum(stepped - exact)).max() < 3e-4 * scale + 2e-4


@named
def test_pieces_are_within_a_thousandth_of_the_curve_from_the_third_day_on(curve):
    found, smooth = steps(curve), AgeCurve.parse(curve)
    hours = np.geomspace(48, 350_000, 20_000)
    exact = smooth.at(hours / MONTH_HOURS)
    near = np.maximum(exact, 1e-3 * smooth.at(np.linspace(0, 480, 1000)).max())
    assert np.abs((pieces(found, hours) - exact) / near).max() < 6e-3  # at a kink; everywhere else:
    assert np.quantile(np.abs((pieces(found, hours) - exact) / near), 0.995) < 1.1e-3


def pieces(found, hours):
    k = np.searchsorted(found.edges, hours, side="right") - 1
    return found.values[k] + (0.0 if found.slopes is None else found.slopes[k]) * (hours - found.edges[k])


@named
def test_values_follow_the_exact_curve(curve):
    effect = AgeCurve.parse(curve).aging(lambda entity: entity.ids, "month")
    ages = np.array([0, 30, 400]) * 24 * HOUR
    exact = AgeCurve.parse(curve).at(ages / HOUR / MONTH_HOURS)
    assert age_factor(effect, ages) == pytest.approx(exact, rel=1e-12)


@named
def test_curves_are_sound(curve):
    assert not wrong(curve)


def test_a_list_is_short_for_points():
    assert AgeCurve.parse([1, 0.5]) == AgeCurve.parse({"type": "points", "values": [1, 0.5]})
