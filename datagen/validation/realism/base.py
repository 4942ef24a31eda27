"""The base class of realism tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datagen.validation.metrics.base import Finding

_FINEST = 12
"""The most decimals of a number in a message."""


@dataclass(frozen=True, slots=True)
class RealismTest:
    """One test on one table or column. `name` is its name in reports; `says` explains it."""

    name: str
    table: str
    column: str | None = None
    subject: str = ""

    def finding(
        self, fake: bool, statistic: float, threshold: float, message: str, details: Mapping[str, Any] | None = None
    ) -> Finding:
        """The finding; bad if the data looks made up by this test."""
        return Finding(
            "realism", self.name, self.table, self.column, "fail" if fake else "pass", message, subject=self.subject,
            score=0.0 if fake else 1.0, statistic=float(statistic), threshold=float(threshold),
            details=dict(details or {}),
        )  # fmt: skip

    def not_applicable(self, why: str, details: Mapping[str, Any] | None = None) -> Finding:
        """The finding if the test is not applicable."""
        return Finding(
            "realism",
            self.name,
            self.table,
            self.column,
            "not applicable",
            why,
            subject=self.subject,
            weight=0.0,
            details=dict(details or {}),
        )


def apart(number: float, limit: float, places: int) -> str:
    """A number with enough decimals to distinguish it from `limit`, at least `places`.

    >>> apart(0.5197, 0.52, 2)
    '0.5197'
    """
    while places < _FINEST and number != limit and float(f"{number:.{places}f}") == limit:
        places += 1
    return f"{number:.{places}f}"
