"""The correlation matrix of a table, built from its `correlations`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datagen.schema.correlation import Correlation


@dataclass(frozen=True)
class CorrelationMatrix:
    """`rho` of every declared pair; any other pair has 0.

    `columns` are in the order in which they are first named, so an entry added at the end changes only the columns that
    it names.
    """

    columns: tuple[str, ...]
    rho: dict[frozenset[str], float]

    @classmethod
    def of(cls, declared: Iterable[Correlation]) -> CorrelationMatrix:
        """The matrix of the entries. The first entry that names a pair applies."""
        columns: dict[str, None] = {}
        rho: dict[frozenset[str], float] = {}
        for correlation in declared:
            columns |= dict.fromkeys(correlation.columns)
            for one, other, value in correlation.pairs():
                rho.setdefault(frozenset((one, other)), value)
        return cls(tuple(columns), rho)

    @property
    def rows(self) -> list[list[float]]:
        """The matrix, row by row."""
        return [
            [1.0 if one == other else self.rho.get(frozenset((one, other)), 0.0) for other in self.columns]
            for one in self.columns
        ]

    def partners(self, column: str) -> frozenset[str]:
        """The columns that a column is correlated with."""
        return frozenset(name for pair, rho in self.rho.items() if rho and column in pair for name in pair - {column})
