from __future__ import annotations

import numpy as np

from tests.fakes import column, listed

KIND = {"type": "choice", "values": {"a": 1, "b": 2, "c": 1}}
DISTRIBUTIONS = {
    "a": {"type": "lognormal", "median": 12, "sigma": 0.3, "decimals": 2},
    "b": {"type": "normal", "mean": 50, "sd": 4, "decimals": 2},
    "c": {"type": "weibull", "shape": 0.7, "scale": 9, "decimals": 2},
}


def test_cases_drawn_in_one_go_are_those_drawn_apart() -> None:
    """A range of its own keeps a case from being drawn with the others; this one cuts nothing off."""
    apart = {**DISTRIBUTIONS, "b": {**DISTRIBUTIONS["b"], "max": 1e9}}
    together, split = (
        column({"type": "case", "column": "kind", "cases": cases}, kind=KIND) for cases in (DISTRIBUTIONS, apart)
    )
    assert np.array_equal(together.data, split.data)


def test_rows_without_a_case_are_missing_still() -> None:
    kind = {**KIND, "modifiers": [{"type": "nulls", "share": 0.3}]}
    values = column({"type": "case", "column": "kind", "cases": DISTRIBUTIONS}, kind=kind)
    assert 0 < values.missing < len(listed(values))
