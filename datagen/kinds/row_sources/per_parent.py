"""A number of rows below each parent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import INT, Block, Column, Floats, Ints, Rows
from datagen.columnar.row_time import moments
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import ChildCountDeclaration, DerivedColumnDeclaration
from datagen.declarations.rates import ChildCountDistributionDeclaration
from datagen.errors import PlanError, Problem
from datagen.kinds.count_distributions.base import CountDistribution
from datagen.kinds.row_sources.base import Children, Expansion
from datagen.kinds.row_sources.support.filterable import FilterableRows
from datagen.point_process.multiplier_range import by_whom, multiplier_range
from datagen.point_process.rate import Rate
from datagen.random.stratified_stream import StratifiedStream, golden_ratio_sequence
from datagen.random.streams import Stream, affordable, repeat_child_identities
from datagen.scope import ColumnRef, Scope

_NO_LIMIT = 2**62


class PerParent(FilterableRows):
    """A number of rows below every parent, drawn from a distribution.

    Behaviors multiply its mean, evaluated at the parent's time. With `none_share` a multiplier first raises the share
    of parents with rows, up to all of them. The remaining factor multiplies the distribution of those with rows, unless
    it has fixed bounds (`constant`, `uniform`).
    """

    root: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "baskets",
            "tables": {
                "baskets": {"rows": 10, "columns": {"basket_id": {"type": "key"}}},
                "lines": {
                    "parent": "baskets",
                    "rows": {"type": "per_parent", "count": {"type": "geometric", "mean": 2, "min": 1}},
                    "columns": {"line_id": {"type": "key"}, "basket_id": {"type": "parent_key"}},
                },
            },
        },
        {
            "datagen": 1,
            "name": "gifts",
            "tables": {
                "baskets": {"rows": 10, "columns": {"basket_id": {"type": "key"}, "gift": {"type": "boolean"}}},
                "ribbons": {
                    "parent": "baskets",
                    "rows": {"type": "per_parent", "count": 3, "where": "baskets.gift AND colour <> 'red'"},
                    "columns": {
                        "ribbon_id": {"type": "key"},
                        "colour": {"type": "choice", "values": ["red", "blue", "green"]},
                    },
                },
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "children",
        "one_to_many",
        "cardinality",
        "per_row",
        "child_count",
    )
    type: Literal["per_parent"] = "per_parent"
    count: CountDistribution = Field(description="number of rows below each parent; a bare number is the same for all")
    none_share: float = Field(default=0.0, ge=0, le=1, description="share of parents without rows")

    @property
    def none(self) -> bool:
        return self.count.fixed == 0 or self.none_share == 1

    def most_below(self, *, multiplied: bool) -> int | None:
        return self.count.limits(multiplied=multiplied)[1]

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return self.count.needs(scope)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from self.count.problems(scope.at("count"))
        if self.none_share and self.count.decides_zeros:
            message = f"a count of type {self.count.type} already sets the share of parents without rows"
            yield scope.problem(
                "conflict", message, "leave 'none_share' out, or count 1 for those that have one", "none_share"
            )

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        low, high = self.count.limits(multiplied=bool(scope.rate()))
        low = min([low, *map(scope.rows_in, _chosen_from(scope))])
        if (low or high is not None) and scope.table.parent:
            or_none = self.none_share > 0
            yield ChildCountDeclaration(scope.table.parent, child=scope.table.name, low=low, high=high, or_none=or_none)
        planted = scope.planted()
        if self.count.reads is not None:
            yield from self._as_given(scope, self.count.reads)
        elif self.count.fixed is None or self.none_share or planted.rate:
            yield ChildCountDistributionDeclaration(
                scope.table.name, lambda factor: self._could_be(factor, scope), planted
            )

    def _as_given(self, scope: Scope, column: str) -> Iterator[Declaration]:
        """The column of the parent equals the number of rows; cells beyond the bounds give the bound."""
        parent, own, count = scope.table.parent, scope.table.name, self.count
        generator = scope.tables()[parent or ""].columns[column]
        if scope.rate() or self.filtered or _chosen_from(scope) or not generator.intact or parent is None:
            return

        def due(rows: Rows) -> Column:
            cells, found = rows.column(column), rows.block.children[own].counts
            assert found is not None
            found = found if rows.at is None else found[rows.at]
            agree = count.counts_of(scope.stream("count"), rows, None) == found
            valid = None if cells.valid is None else cells.valid | ~agree
            return Column(INT, np.where(agree, cells.data, found), valid)

        yield DerivedColumnDeclaration(parent, column, fill=due, what=f"the number of their rows in '{own}'")

    def _could_be(self, factor: Floats, scope: Scope) -> Floats:
        """Quantiles of the number of children."""
        even, ids = StratifiedStream(len(factor)), np.arange(len(factor), dtype=np.uint64)
        share, left = self.split(None if (factor == 1.0).all() else factor)
        counts = self.count.counts(even, ids, left)
        counts = np.minimum(counts, min(map(scope.rows_in, _chosen_from(scope)), default=_NO_LIMIT))
        return np.where(golden_ratio_sequence(len(ids)) < 1.0 - share, 0.0, counts)

    def split(self, factor: Floats | None) -> tuple[Floats | float, Floats | None]:
        """The share of parents with rows, and the factor on the distribution of those. Their product is the
        multiplier's.
        """
        own = 1.0 - self.none_share
        if factor is None or not self.none_share:
            return own, factor
        share = np.minimum(own * factor, 1.0)
        if self.count.bounded:
            return share, None
        return share, np.maximum(own * factor, 1.0)

    def _reachable(self, scope: Scope) -> None:
        """Raises PlanError where declared multipliers together ask for more parents with rows than there are."""
        most = 1.0 / (1.0 - self.none_share) if self.none_share < 1.0 else np.inf
        together = multiplier_range(scope.planted())
        if together.high > most * (1.0 + 1e-9):
            raise PlanError(
                f"{by_whom(together.raising)} the number of rows by {together.high:.4g}, but with a none_share of "
                f"{self.none_share:g} there is room for x {most:.4g} only: then every parent has rows; lower the "
                f"multiplier, or use a count distribution of any mean such as poisson or geometric"
            )

    def bind(self, scope: Scope, scale: float) -> Children:
        rate, most = scope.rate(), min(map(scope.rows_in, _chosen_from(scope)), default=None)
        fixed = None if rate or self.none_share else self.count.fixed
        if fixed is not None and most is not None:
            fixed = min(fixed, most)
        if rate and self.none_share and self.count.bounded:
            self._reachable(scope)
        return _PerParent(self, rate, (scope.stream("count"), scope.stream("none")), fixed, most)


def _chosen_from(scope: Scope) -> list[str]:
    """The tables from which rows under one parent choose different rows. They limit the number of rows."""
    own = scope.table.name
    tables = (column.exhausts for column in scope.table.columns.values())
    return [table for table in tables if table is not None and table != own]


_SAMPLE = 4096


@dataclass(frozen=True, slots=True, eq=False)
class _PerParent:
    declared: PerParent
    rate: Rate
    streams: tuple[Stream, Stream]
    fixed: int | None
    most: int | None

    @property
    def typical(self) -> float:
        """The mean number of rows below a parent without multipliers."""
        even, ids = StratifiedStream(_SAMPLE), np.arange(_SAMPLE, dtype=np.uint64)
        distribution, none = self.declared.count, self.declared.none_share
        mean = float(distribution.counts(even, ids, None).sum()) / _SAMPLE * (1.0 - none)
        return mean if self.most is None else min(mean, float(self.most))

    def counts(self, parents: Block) -> Ints:
        share, factor = self.declared.split(self._factor(parents))
        counts = self.declared.count.counts_of(self.streams[0], Rows(parents), factor)
        if self.declared.none_share:
            counts *= self.streams[1].uniforms(parents.ids) >= 1.0 - share
        return counts if self.most is None else np.minimum(counts, self.most)

    def expand(self, parents: Block) -> Expansion:
        counts = self.counts(parents)
        return Expansion(counts, repeat_child_identities(parents.ids, counts))

    def _factor(self, parents: Block) -> np.ndarray[Any, np.dtype[np.float64]] | None:
        if not self.rate:
            return None
        rows = Rows(parents)
        factor = self.rate.at(rows, moments(rows))
        affordable(self.declared.count.size * float(factor.max(initial=0.0)))
        return factor
