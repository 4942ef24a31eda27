"""Whether one category deviates is judged by the error of its difference from the mean of all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from datagen.point_process.factors import Aged
from datagen.validation.metrics.factor_verdicts import FactorLocation, factor_findings
from datagen.validation.metrics.rates.log_ratios import Contrast

EXPECTED = np.array([24700.0, 6100.0, 4300.0, 3800.0, 2800.0])
ERRORS = np.array([0.015, 0.07, 0.07, 0.1, 0.12])
TENURE = Aged(
    "tenure", ("0", "1", "2", "3", "4"), np.array([0.98, 0.89, 0.81, 0.73, 0.65]), shape="curve",
    at=(0.0, 1.0, 2.0, 3.0, 4.0), unit="year", born=lambda entity: entity.ids.astype(np.int64), edges=np.arange(5.0),
)  # fmt: skip


@pytest.mark.parametrize(
    ("ratio", "named"), [((0.0, 0.06, 0.18, 0.22, 0.31), False), ((0.0, 0.0, -0.6, 0.0, 0.0), True)]
)
def test_a_category_of_most_rows_is_not_blamed_for_the_chance_of_the_others(
    ratio: tuple[float, ...], named: bool
) -> None:
    """They are correlated: the mean of the others has a larger error than the category's own."""
    alike = np.where(np.arange(5) == 0, 0.0, 0.07)
    covariance = np.outer(alike, alike) + np.diag(ERRORS**2 - np.minimum(alike, ERRORS) ** 2)
    seen = Contrast(np.array(ratio), covariance, EXPECTED, np.ones(5, np.bool_), EXPECTED * np.exp(ratio))
    (finding,) = factor_findings(FactorLocation("readings", None, "retention"), TENURE, seen)
    assert (finding.verdict, "times the expected value" in finding.message) == (
        ("not recovered", True) if named else ("recovered", False)
    )


@pytest.mark.parametrize(("smallest", "named"), [(1e-6, False), (0.65, True)])
def test_values_that_round_to_zero_are_no_evidence_unless_their_multiplier_is_visible(
    smallest: float, named: bool
) -> None:
    tiny = replace(TENURE, planted=np.append(TENURE.planted[:-1], smallest))
    ratio = np.append(np.zeros(4), np.log(0.05))
    seen = Contrast(ratio, np.diag(ERRORS**2), EXPECTED, np.ones(5, np.bool_), EXPECTED)
    (finding,) = factor_findings(FactorLocation("readings", "count", "vintage"), tiny, seen)
    assert (finding.verdict == "not recovered") == named
