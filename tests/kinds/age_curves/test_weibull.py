import math

import pytest

from tests.kinds.age_curves.curves import at


def test_the_survival_curve_of_a_weibull_distribution_above_its_floor():
    expected = [1, 0.1 + 0.9 * math.exp(-1), 0.1 + 0.9 * math.exp(-(2**0.7))]
    assert at({"type": "weibull", "scale": 9, "shape": 0.7, "floor": 0.1}, 0, 9, 18) == pytest.approx(expected)
