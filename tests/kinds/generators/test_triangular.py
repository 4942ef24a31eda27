from __future__ import annotations

import pytest

from tests.fakes import column, problems

DECLARED = {"type": "triangular", "min": 2, "mode": 5, "max": 20}


def test_the_bounds_hold_and_the_mode_may_be_one_of_them():
    for mode in (2, 5, 20):
        cells = column({**DECLARED, "mode": mode}, 20_000).data
        assert 2 <= cells.min() < cells.max() <= 20
        assert abs(cells.mean() - (22 + mode) / 3) < 0.1


@pytest.mark.parametrize("changed, problem", [
    ({"mode": 30}, "$.mode: mode 30 is not between 2 and 20; write it between them [range]"),
    ({"min": 30}, "$.min: min 30 is above max 20; swap them [range]"),
    ({"min": 20, "mode": 20}, "$.max: min and max are the same; use 'constant' [range]"),
])  # fmt: skip
def test_problems(changed, problem):
    assert problems({**DECLARED, **changed}) == [problem]
