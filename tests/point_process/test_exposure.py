"""Operational time of cells with slopes: an event lies where as much is expected before it as its target says."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.effects import Aging
from datagen.point_process.exposure import Stretch, cells, whole
from datagen.time_units import HOUR

HOURS = 4 * 8766
DAYS = np.arange(HOURS) // 24
EVEN = np.ones(HOURS)
UNEVEN = (np.arange(HOURS) % 24 >= 9) * (DAYS % 7 != 6) * (1.0 + 0.9 * np.cos(2 * np.pi * DAYS / 365.25))
TARGETS = np.linspace(0.0, 1.0, 1001)[:-1]


def stretch(clock: CumulativeIntensity, *lines: tuple[float, float]) -> Stretch:
    """One parent, exposed from the clock's begin to its end, at the product of lines of age: a value at birth, and a
    rise per hour.
    """
    born = np.array([clock.start * HOUR])
    agings = [
        (born, Aging(lambda _: born, np.zeros(1), np.array([value]), None, np.array([slope]))) for value, slope in lines
    ]
    found = whole(cells(clock, [(born, born + HOURS * HOUR)], agings))
    assert found is not None
    return found


@pytest.mark.parametrize("weights", [EVEN, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize(
    "lines",
    [[(0.0, 1e-3)], [(0.2, 1e-3)], [(1.0, 3.4e-5)], [(1.0, -1.0 / HOURS)], [(1.0, -2e-5)], [(0.5, 1e-4), (2.0, -5e-5)]],
    ids=str,
)
def test_events_lie_where_so_much_is_expected(weights: np.ndarray, lines: list[tuple[float, float]]) -> None:
    clock = CumulativeIntensity.of(0, weights)
    exposed = stretch(clock, *lines)
    targets = TARGETS * float(exposed.total[0])
    places = exposed.locate(targets, np.zeros(len(targets), np.int64), clock)
    times = clock.inverse(places)
    reached = [
        float(exposed.cut(*pair, np.arange(1))[0]) for pair in zip(clock.at(times), clock.moment(times), strict=True)
    ]
    assert (np.diff(places) >= 0).all()
    np.testing.assert_allclose(reached, targets, atol=1e-6 * float(exposed.total[0]))
