import numpy as np
import pytest

from tests.kinds.behaviors.calendars import Planned, at, hours, problems, weights

YEAR = 8766.0
SHAPES = [
    {"shape": "linear", "growth_per_year": 0.5},
    {"shape": "exponential", "growth_per_year": -0.3},
    {"shape": "logarithmic", "scale": 0.4},
    {"shape": "logistic", "midpoint": "2025-01-01", "steepness_per_year": 5, "ceiling": 8},
    {"shape": "piecewise", "growth_per_year": 0.2, "points": [{"at": "2024-07-01", "growth_per_year": -0.5}]},
    {"shape": "piecewise", "levels": [{"at": "2024-07-01", "level": 1.7}]},
]


def of(declared, scope):
    return weights({"type": "trend", **declared}, scope)


def years(scope):
    return (hours(scope) - np.datetime64(scope.start, "h")).astype(float) / YEAR + 0.5 / YEAR


def test_a_trend_follows_its_formula():
    scope = Planned(end="2028-01-01", history_hours=4000)
    t = years(scope)
    late = np.maximum(t, 0)
    middle = (np.datetime64("2025-01-01", "h") - np.datetime64("2024-01-01", "h")).astype(float) / YEAR
    change = (np.datetime64("2024-07-01", "h") - np.datetime64("2024-01-01", "h")).astype(float) / YEAR

    def logistic(x):
        return 1 + 7 / (1 + np.exp(-5 * (x - middle)))

    pieces = 1.2 ** np.minimum(t, change) * 0.5 ** np.maximum(t - change, 0)
    required = [
        1 + 0.5 * t,
        0.7**t,
        1 + 0.4 * np.log(1 + late),
        logistic(t) / logistic(0.0),
        pieces,
        np.where(t < change, 1, 1.7),
    ]
    for declared, expected in zip(SHAPES, required, strict=True):
        np.testing.assert_allclose(of(declared, scope), expected, rtol=1e-12)


@pytest.mark.parametrize("declared", SHAPES)
def test_a_trend_is_one_at_the_start_of_the_window(declared):
    scope = Planned()
    assert of(declared, scope)[0] == pytest.approx(1, abs=3e-4)


@pytest.mark.parametrize("declared", SHAPES)
def test_more_hours_on_either_side_change_none(declared):
    short, long = Planned(), Planned(end="2027-01-01", history_hours=1000)
    np.testing.assert_array_equal(of(declared, short), of(declared, long)[1000 : 1000 + short.grid().hours])


def test_a_linear_decline_stops_at_nothing_and_huge_growth_stays_finite():
    scope = Planned(end="2030-01-01")
    assert of({"shape": "linear", "growth_per_year": -1}, scope)[-1] == 0
    wild = {"shape": "logistic", "midpoint": "2029-01-01", "steepness_per_year": 1000, "ceiling": 9}
    assert at(of(wild, scope), "2029-12-01", scope) == pytest.approx(9)
    assert np.isfinite(of({"shape": "exponential", "growth_per_year": 1e6}, Planned(end="2100-01-01"))).all()


@pytest.mark.parametrize(
    "declared, expected",
    [
        ({"shape": "linear"}, ["missing"]),
        ({"shape": "linear", "growth_per_year": 0}, ["no-effect growth_per_year"]),
        ({"shape": "linear", "growth_per_year": 0.1, "ceiling": 2}, ["no-effect ceiling"]),
        ({"shape": "exponential", "growth_per_year": -1}, ["range growth_per_year"]),
        ({"shape": "logistic", "ceiling": 1, "steepness_per_year": 1, "midpoint": "2024-01-01"}, ["no-effect ceiling"]),
        ({"shape": "piecewise"}, ["missing"]),
        (
            {"shape": "piecewise", "points": [{"at": "2029-01-01", "growth_per_year": 0}]},
            ["no-effect points.0", "no-effect points.0"],
        ),
        (
            {
                "shape": "piecewise",
                "levels": [{"at": "2024-03-01", "level": 2}, {"at": "2024-02-01", "level": 3}],
            },
            ["range levels.1"],
        ),
        ({"shape": "linear", "growth_per_year": 1, "of": ["rows", "orders"]}, ["duplicate of.1"]),
        ({"shape": "linear", "growth_per_year": 1, "of": ["amount", "rows"]}, []),
    ],
)
def test_declarations_without_effect_are_problems(declared, expected):
    assert problems({"type": "trend", **declared}) == expected
