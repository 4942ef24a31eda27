import math

import pytest

from tests.kinds.age_curves.curves import at


def test_fast_at_first_and_ever_slower():
    assert at({"type": "logarithmic", "slope": 0.5}, 0, 1, 9) == pytest.approx(
        [1, 1 + 0.5 * math.log(2), 1 + 0.5 * math.log(10)]
    )
    assert at({"type": "logarithmic", "slope": -0.5, "floor": 0.1}, 1e4) == [0.1]
