"""Estimates the exponent of popularity if only some rows can be chosen (conditional likelihood)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Ints, Rows
from datagen.declarations.values import LastingPopularityDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.metrics.reference_factors import MOST_ROWS
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

_FEWEST = 200
_STEPS = 8


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceCounts:
    """How often each row was chosen, and how many choices there were among the first 0, 1, 2 ... rows, int64 (size +
    1,) each.
    """

    chosen: Ints
    limits: Ints


@judges(LastingPopularityDeclaration)
@dataclass(frozen=True, eq=False)
class LastingPopularity(LastingPopularityDeclaration):
    """References of `column` to rows whose keys begin at `start`, each chosen among the first `limits(rows)` of them.

    A row of rank k has the permanent weight 1 / (k + shift) ** exponent; `logs()` is log(k + shift) of every row. The
    exponent is the maximum of the conditional likelihood (McFadden 1974), by Newton steps.
    """

    name: ClassVar[str] = "PopularityRecovery"
    group: Group = "cardinality"

    def observe(self, part: Slice) -> ChoiceCounts | None:
        block = part.block(self.table)
        if block is None:
            return None
        size, rows = len(self.logs()), Rows(block)
        if not 1 < size <= MOST_ROWS:
            return None
        cells, limits = rows.column(self.column), self.limits(rows)
        index = cells.data - self.start
        seen = present(cells.valid, len(block)) & (index >= 0) & (index < limits) & (limits > 1)
        return ChoiceCounts(*(np.bincount(one[seen], minlength=size + 1).astype(np.int64) for one in (index, limits)))

    def merge(self, one: ChoiceCounts, other: ChoiceCounts) -> ChoiceCounts:
        return ChoiceCounts(one.chosen + other.chosen, one.limits + other.limits)

    def findings(self, state: ChoiceCounts | None) -> list[Finding]:
        planted, size = self.distribution[0], max(self.distribution[0], 0.3)
        message = "popularity exponent"
        parameter = Parameter(self.table, self.column, self.name, message, planted, size, group=self.group)
        total = 0 if state is None else int(state.chosen.sum())
        if state is None or total < _FEWEST:
            return [not_identifiable(parameter, f"{total:,} references with a choice, or too many rows to refer to")]
        found, information = self._fitted(state)
        if not information > 0:
            return [not_identifiable(parameter, "the rows that could be chosen are equally popular")]
        return [compare(parameter, found, float(information**-0.5))]

    def _fitted(self, state: ChoiceCounts) -> tuple[float, float]:
        """The exponent, and its information."""
        logs, found, information = self.logs(), self.distribution[0], 0.0
        own = float((state.chosen[: len(logs)] * logs).sum())
        for _ in range(_STEPS):
            weights = np.exp(-found * logs)
            sums = [np.concatenate(([0.0], np.cumsum(weights * logs**power))) for power in (0, 1, 2)]
            sums[0][0] = 1.0  # no choice without candidates
            mean = sums[1] / sums[0]
            information = float((state.limits * np.maximum(sums[2] / sums[0] - mean**2, 0.0)).sum())
            if not information > 0:
                break
            found = min(max(found + (float((state.limits * mean).sum()) - own) / information, 0.0), 12.0)
        return found, information
