"""Shares of categories: total variation distance to the declared shares, by case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from datagen.columnar.block import Floats, Rows
from datagen.declarations.values import SharesDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.row_sampling import row_uniforms
from datagen.validation.metrics.verdict import Parameter, close, not_identifiable, where_most
from datagen.validation.report.chart_data import bars

FEWEST = 50
THRESHOLD = 0.005
EXPECTED = 20.0
"""The expected number of cells from which the share of a value is judged."""
FARTHEST = 5.0
MATTERS = 0.1
"""The smallest deviation of a value in standard errors, and relative to its share: a report has hundreds of values."""
_DRAWN = 40


@judges(SharesDeclaration)
@dataclass(frozen=True, eq=False)
class Shares(SharesDeclaration):
    """The shares of the values of `column`: `planted[case, value]`, rows of sum 1. `case(rows)` numbers the cases, -1
    for none.
    """

    name: ClassVar[str] = "TVComplement"

    @property
    def group(self) -> Group:
        return "dependence" if len(self.cases) > 1 else "distribution"

    def observe(self, part: Slice) -> Floats | None:
        block = part.block(self.table)
        if block is None:
            return None
        rows = Rows(block)
        codes = self.coding(rows.column(self.column))
        case = self.case(rows).astype(np.int64) if self.case else np.zeros(len(rows), np.int64)
        kept, size = (codes >= 0) & (case >= 0), len(self.labels)
        cells = np.bincount(case[kept] * size + codes[kept], minlength=len(self.cases) * size)
        return cells.reshape(len(self.cases), size).astype(np.float64)

    def places(self, rows: Rows, lot: str = "place") -> Floats:
        """Each cell at a random position within the share of its value, values in document order: 0 to 1, shape (n,),
        uniform; nan if missing.
        """
        codes = self.coding(rows.column(self.column))
        case = self.case(rows).astype(np.int64) if self.case else np.zeros(len(rows), np.int64)
        kept = np.flatnonzero((codes >= 0) & (case >= 0))
        ends = np.cumsum(self.planted, axis=1)
        found, planted = np.full(len(rows), np.nan), self.planted[case[kept], codes[kept]]
        found[kept] = ends[case[kept], codes[kept]] - planted * row_uniforms(rows.ids, f"{lot} of {self.column}")[kept]
        return found

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        counts = np.zeros(self.planted.shape) if state is None else state
        return list(self._findings(counts))

    def _findings(self, counts: Floats) -> Iterator[Finding]:
        for number, name in enumerate(self.cases):
            subject = f"shares where {name}" if name else "shares"
            parameter = Parameter(
                self.table, self.column, self.name, subject, 1.0, group=self.group, weight=1.0 / len(self.cases)
            )
            total, planted = float(counts[number].sum()), self.planted[number]
            if total < FEWEST:
                yield not_identifiable(parameter, f"it has {total:.0f} rows")
                continue
            found = counts[number] / total
            distance = 0.5 * float(np.abs(found - planted).sum())
            rare = _rarity(found, planted, total)
            fits = close(parameter, distance, _chance(planted, total), THRESHOLD, self._chart(name, found, planted))
            most = int(np.abs(found - planted).argmax())
            message = f"'{self.labels[most]}' is {found[most]:.1%} of them, planted {planted[most]:.1%}"
            yield where_most(fits, message) if fits.verdict == "fail" or rare is None else self._rare(fits, rare)

    def _rare(self, fits: Finding, rare: tuple[int, float, float]) -> Finding:
        """A finding on a rare value, which hardly changes the distance of the whole."""
        value, share, planted = rare
        message = f"'{self.labels[value]}' is {share:.2%} of them, planted {planted:.2%} ({fits.message})"
        return replace(fits, verdict="fail", message=message, score=max(0.0, 1.0 - abs(share / planted - 1.0)))

    def _chart(self, case: str, found: Floats, planted: Floats) -> dict[str, Any]:
        order = np.argsort(-planted, kind="stable")[:_DRAWN]
        title = f"{self.table}.{self.column}" + (f" where {case}" if case else "")
        return bars(title, [self.labels[k] for k in order], found[order], planted[order], x=self.column, unit="share")


def _rarity(found: Floats, planted: Floats, total: float) -> tuple[int, float, float] | None:
    """The value with the largest deviation beyond chance, with its shares found and planted; None if there is none."""
    known = planted * total >= EXPECTED
    errors = np.sqrt(np.maximum(planted * (1.0 - planted), 1e-12) / total)
    far = known & (np.abs(found - planted) > FARTHEST * errors) & (np.abs(found - planted) > MATTERS * planted)
    if not far.any():
        return None
    most = int(np.argmax(np.where(far, np.abs(found - planted) / errors, 0.0)))
    return most, float(found[most]), float(planted[most])


def _chance(planted: Floats, total: float) -> float:
    """The distance that sampling exceeds once in a thousand: its mean, sqrt(2 / pi) sd / 2 per value, and three sd of
    the sum.
    """
    errors = np.sqrt(planted * (1.0 - planted) / total)
    return float(0.4 * errors.sum() + 1.65 * np.sqrt((errors * errors).sum()))
