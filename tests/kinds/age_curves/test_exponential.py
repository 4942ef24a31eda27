import math

import pytest

from tests.kinds.age_curves.curves import at, wrong


def test_half_of_the_way_to_the_floor_is_gone_after_a_half_life():
    assert at({"type": "exponential", "half_life": 4, "floor": 0.2}, 0, 4, 8) == pytest.approx([1.0, 0.6, 0.4])


def test_a_rate_is_continuous():
    assert at({"type": "exponential", "rate": 0.3}, 2) == pytest.approx([math.exp(-0.6)])


@pytest.mark.parametrize("message", [{}, {"rate": 1, "half_life": 1}])
def test_either_a_rate_or_a_half_life(message):
    assert "needs either a half_life or a rate" in wrong({"type": "exponential", **message})[0]


def test_a_floor_of_1_has_no_effect():
    assert "same at every age" in wrong({"type": "exponential", "rate": 1, "floor": 1})[0]
