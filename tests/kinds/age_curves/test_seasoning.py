import pytest

from tests.kinds.age_curves.curves import at, wrong


def test_the_default_is_the_standard_default_assumption():
    """0.02 % more each month up to 0.60 % at 30, level until 60, down to 0.03 % at 120, in shares of the peak."""
    rates = [0.6 * multiplier for multiplier in at({"type": "seasoning"}, 1, 15, 30, 60, 61, 90, 120, 300)]
    assert rates == pytest.approx([0.02, 0.3, 0.6, 0.6, 0.5905, 0.315, 0.03, 0.03])


def test_ages_ascend():
    assert "do not ascend" in wrong({"type": "seasoning", "rise": 70})[0]
