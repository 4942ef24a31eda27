import pytest

from tests.kinds.age_curves.curves import at


def test_a_power_of_age():
    assert at({"type": "power", "exponent": -0.5}, 0, 3, 8) == pytest.approx([1, 1 / 2, 1 / 3])
    assert at({"type": "power", "exponent": 2, "scale": 10, "ceiling": 4}, 5, 1000) == pytest.approx([2.25, 4])
