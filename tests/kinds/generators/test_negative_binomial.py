from __future__ import annotations

import pytest

from tests.fakes import column


@pytest.mark.parametrize("mean, dispersion", [(0.5, 3.0), (20, 0.4), (2000, 0.01), (3, 100)])
def test_the_variance_is_the_declared_one(mean, dispersion):
    cells = column({"type": "negative_binomial", "mean": mean, "dispersion": dispersion}, 200_000).data
    assert abs(cells.mean() / mean - 1) < 0.06
    assert abs(cells.var() / (mean + dispersion * mean**2) - 1) < 0.15
