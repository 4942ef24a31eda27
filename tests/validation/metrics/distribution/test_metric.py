"""Numbers that a law repeats are compared with it, however they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datagen
from datagen.validation.metrics.base import Finding
from datagen.validation.metrics.distribution import metric
from datagen.validation.metrics.distribution.metric import _tail_error


def fit(parts: list[dict[str, Any]], out: Path, declared: list[dict[str, Any]]) -> Finding:
    """The finding about the distribution of a mixture of `parts`, where `declared` is declared."""

    def document(parts: list[dict[str, Any]]) -> dict[str, Any]:
        columns = {"id": {"type": "key"}, "amount": {"type": "mixture", "parts": parts}}
        return {"datagen": 1, "name": "atoms", "tables": {"claims": {"rows": 5000, "columns": columns}}}

    datagen.generate(document(parts), out)
    report = datagen.validate(document(declared), out)
    (found,) = (one for one in report.findings if one.measure == "KSComplement" and one.column == "amount")
    return found


LAW = {"type": "lognormal", "median": 10, "sigma": 1}


@pytest.mark.parametrize("atom", [1.0, 0, -7.5, 1e9 / 7])
def test_a_part_that_is_one_number_is_compared_with_its_share(atom: float, tmp_path: Path) -> None:
    declared = [{"weight": 3, "value": atom}, {"weight": 7, "value": LAW}]
    found = fit(declared, tmp_path / "as declared", declared)
    assert found.verdict == "pass", found.message
    more = [{"weight": 4, "value": atom}, {"weight": 6, "value": LAW}]
    assert fit(more, tmp_path / "more of it", declared).verdict == "fail"


def test_the_error_of_a_tail_is_that_of_a_poisson_number() -> None:
    """19 cells where 7 are expected happen once in 8,000 times, 26 once in 10 million: only these are beyond four
    standard errors.
    """
    due, total = 1 / 256, 1792.0
    z = {seen: (seen / total - due) / _tail_error(seen, due, total) for seen in (3, 7, 19, 26)}
    assert z[7] == 0 and z[3] < 0 < z[19] < 4 < z[26]


def test_the_quantiles_of_few_columns_are_kept_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has 64 kB, and a table may have thousands of columns. One that was let go is computed again."""
    monkeypatch.setattr(metric, "_MOST_GRIDS", 10)
    cases = [metric.DistributionCase(lambda number=number: np.arange(number, number + 9.0)) for number in range(30)]
    assert [case.grid[0] for case in cases] == list(range(30))
    assert sum("grid" in vars(case) for case in cases) <= 10
    assert cases[0].grid[0] == 0
