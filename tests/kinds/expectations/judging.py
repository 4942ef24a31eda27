"""A shop in many small files, and what validation says of expectations on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datagen
from datagen.analysis import analyze_or_raise
from datagen.kinds.expectations.support.examples import expecting
from datagen.validation.metrics.base import Finding

PARTITION_ROWS = 500


def shop() -> dict[str, Any]:
    """Customers and orders with a note that is often missing."""
    document = expecting()
    document["tables"]["orders"]["columns"]["note"] = {
        "type": "pattern",
        "pattern": "?#",
        "modifiers": [{"type": "nulls", "share": 0.5}],
    }
    document["tables"]["customers"]["rows"]["count"] = 300
    return document


def judged(folder: Path, *expectations: dict[str, Any]) -> list[Finding]:
    """The findings on expectations of the dataset in `folder`."""
    document = {**shop(), "expectations": [{"table": "orders", **one} for one in expectations]}
    report = datagen.validate(document, folder)
    return [finding for finding in report.findings if finding.measure == "Expectation"]


def problems(**expectation: Any) -> list[tuple[str, str]]:
    """Place and code of what is wrong with one expectation of orders."""
    document = {**shop(), "expectations": [{"table": "orders", **expectation}]}
    return [(problem.place, problem.code) for problem in datagen.check(document)]


def statistic(**expectation: Any) -> Any:
    """The statistic of one expectation of orders."""
    model = analyze_or_raise({**shop(), "expectations": [{"table": "orders", **expectation}]})
    place, declared = next(model.expectations())
    return declared.statistic(place)
