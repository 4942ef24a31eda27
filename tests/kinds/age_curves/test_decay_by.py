import pytest

from tests.kinds.age_curves.curves import at


def test_75_percent_less_after_six_months():
    curve = {"type": "decay_by", "less": 0.75, "after": 6}
    assert at(curve, 0, 3, 6, 12) == pytest.approx([1, 0.5, 0.25, 0.0625])
    assert at({**curve, "floor": 0.25}, 6, 12) == pytest.approx([0.25, 0.25])
