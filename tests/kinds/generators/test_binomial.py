from __future__ import annotations

from tests.fakes import column


def test_there_are_never_more_successes_than_trials():
    cells = column({"type": "binomial", "trials": 5, "share": 0.9}, 20_000).data
    assert set(cells.tolist()) == {0, 1, 2, 3, 4, 5} - ({0} if 0 not in cells else set())
    assert abs(cells.mean() - 4.5) < 0.03
