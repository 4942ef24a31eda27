"""Correlations of columns of one table: a Gaussian copula on the normal scores of their random streams."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Annotated

from pydantic import Field

from datagen.names import ColumnName
from datagen.random.gaussian_copula import rho_of_tau
from datagen.registry import Strict

MOST = 64
"""The most columns of one entry."""

Strength = Annotated[float, Field(gt=-1, lt=1)]


class Correlation(Strict):
    """Two columns with `rho` or `tau`, or several with a `matrix` of rho.

    `rho` is the correlation of the columns' normal scores. For normal columns, and for the logarithms of lognormal
    ones, it is Pearson's correlation. `tau` is Kendall's. Each column keeps its distribution.
    """

    columns: Annotated[tuple[ColumnName, ...], Field(min_length=2, max_length=MOST)] = Field(
        description="columns of this table that are drawn by inversion"
    )
    rho: Strength | None = Field(default=None, description="the correlation of the normal scores of two columns")
    tau: Strength | None = Field(default=None, description="Kendall's rank correlation of two columns, instead of rho")
    matrix: tuple[tuple[float, ...], ...] | None = Field(
        default=None, description="rho of every two columns, row by row in the order of 'columns'; 1 on the diagonal"
    )

    @property
    def given(self) -> tuple[str, ...]:
        """The fields that are given: rho, tau, matrix."""
        return tuple(name for name in ("rho", "tau", "matrix") if getattr(self, name) is not None)

    def pairs(self) -> Iterator[tuple[str, str, float]]:
        """Every pair of columns, in order, with its rho."""
        if self.matrix is not None:
            for i, j in combinations(range(len(self.columns)), 2):
                yield self.columns[i], self.columns[j], self.matrix[i][j]
        elif self.columns:
            rho = self.rho if self.rho is not None else rho_of_tau(self.tau or 0.0)
            yield self.columns[0], self.columns[1], rho
