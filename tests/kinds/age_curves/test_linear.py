import pytest

from tests.kinds.age_curves.curves import at, wrong


def test_the_same_amount_with_each_unit_within_the_bounds():
    assert at({"type": "linear", "slope": 0.5, "ceiling": 2}, 0, 1, 2, 3) == [1.0, 1.5, 2.0, 2.0]
    assert at({"type": "linear", "slope": -0.5, "floor": 0.25}, 0, 1, 2) == pytest.approx([1.0, 0.5, 0.25])
    assert at({"type": "linear", "slope": -0.5}, 3) == [0.0]


@pytest.mark.parametrize(
    "bounds, message",
    [
        ({"floor": 2}, "floor 2 is above 1"),
        ({"ceiling": 0.5}, "ceiling 0.5 is below 1"),
        ({"slope": 0}, "same at every age"),
    ],
)
def test_it_starts_at_1_and_changes(bounds, message):
    assert message in wrong({"type": "linear", "slope": 0.1, **bounds})[0]
