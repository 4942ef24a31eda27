from __future__ import annotations

import pytest
from scipy import stats

from datagen.errors import PlanError
from tests.fakes import column, problems

DECLARED = {"type": "pareto", "minimum": 3, "alpha": 1.3}


def test_the_numbers_follow_the_distribution():
    assert stats.kstest(column(DECLARED, 100_000).data, stats.pareto(1.3, scale=3).cdf).statistic < 0.006


def test_huge_numbers_stay_within_integers():
    """The heaviest tail there is does not overflow int64: it is refused, or cut where the document says so."""
    with pytest.raises(PlanError, match="beyond the 9e18 smallest steps"):
        column({"type": "pareto", "minimum": 1e15, "alpha": 0.2, "decimals": 0}, 100)
    values = column({"type": "pareto", "minimum": 1e15, "alpha": 0.2, "decimals": 0, "max": 1e18}, 100_000)
    assert values.data.min() >= 10**15
    assert values.data.max() == 10**18
    assert problems({**DECLARED, "max": 1, "min": 2}) == ["$.min: min 2 is above max 1; swap them [range]"]
