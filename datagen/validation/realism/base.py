"""The base class of signs of made-up data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datagen.validation.metrics.base import Finding

_FINEST = 12
"""Decimals of a number in a message at most."""


@dataclass(frozen=True, slots=True)
class RealismTest:
    """One sign on one table or column. `name` is what reports call it; `says` what it means to a person."""

    name: str
    table: str
    column: str | None = None
    subject: str = ""

    def judged(
        self, fake: bool, statistic: float, threshold: float, message: str, details: Mapping[str, Any] | None = None
    ) -> Finding:
        """Whether the data looks made up by this sign."""
        return Finding(
            "realism", self.name, self.table, self.column, "fail" if fake else "pass", message, subject=self.subject,
            score=0.0 if fake else 1.0, statistic=float(statistic), threshold=float(threshold), details=dict(details or {}),
        )  # fmt: skip

    def silent(self, why: str, details: Mapping[str, Any] | None = None) -> Finding:
        """The sign says nothing about this data: neither for nor against it."""
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
    """A number with as many decimals as it takes to tell it from `limit`, and `places` at least.

    >>> apart(0.5197, 0.52, 2)
    '0.5197'
    """
    while places < _FINEST and number != limit and float(f"{number:.{places}f}") == limit:
        places += 1
    return f"{number:.{places}f}"
