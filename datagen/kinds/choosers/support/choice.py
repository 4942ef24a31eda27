"""A choice: domain x distribution x replacement, bound to a place of the document. All combinations are supported.

Domain: all rows of a table, those that existed at a time, the earlier rows of the own table, those below the same
ancestor, or several of these at once. Distribution: a chooser's, times the rates of the rows if behaviors act on them.
Replacement: with, or without among the rows of one parent or of one ancestor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints, Rows, Words
from datagen.columnar.row_time import moments
from datagen.kinds.choosers.base import Chooser
from datagen.kinds.choosers.support.distributions import (
    ChoiceDistribution,
    PopularityDistribution,
    Ranks,
    Span,
    Sums,
    UniformDistribution,
)
from datagen.kinds.choosers.support.groups import Groups
from datagen.kinds.choosers.support.rate_thinning import Pool, Rated, ThinnedDistribution
from datagen.kinds.choosers.support.successive_sampling import AttemptDraws, with_replacement, without_replacement
from datagen.kinds.choosers.support.time_order import disordered
from datagen.point_process.peaks import EntityRate
from datagen.random.integers import Permutation
from datagen.random.math.elementary import log
from datagen.scope import Scope

Chosen = Callable[[Rows], tuple[Ints, Bools]]
"""From rows to the indices of the rows they choose, int64 (n,), and which of them choose one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The declaration of a choice: the table, the popularity of its rows, the domain, and whether rows of one parent
    choose different rows; with `unique`, all rows below the same ancestor `within`.
    """

    table: str
    popularity: Chooser
    existing_at: str | None = None
    within: str | None = None
    distinct: bool = False
    lookback: int | None = None
    """How long before the time of the choice a row came at most, microseconds."""
    unique: bool = False
    order_by: str | None = None
    """The column of the own table by which rows are earlier than others; None for the time of rows."""

    def bind(self, scope: Scope) -> Chosen:
        """The function that makes the choices."""
        streams = [scope.stream(name) for name in ("pick", "retry", "keep", "race")]
        domain = _BelowAncestor(self, scope) if self.within else _WholeTable(self, scope)

        def choose(rows: Rows) -> tuple[Ints, Bools]:
            distribution, able, index = domain.distribution(rows)
            draws, at = AttemptDraws(rows.ids, *streams), np.flatnonzero(able)
            owners = self.owners(rows, at)
            found = (
                without_replacement(distribution, draws, at, owners)
                if owners
                else with_replacement(distribution, draws, at)
            )
            valid = found >= 0
            return index(np.where(valid, found, 0)), valid

        return choose

    def owners(self, rows: Rows, at: Ints) -> tuple[Ints, Words] | None:
        """The row of another table below which each row of `at` chooses differently, numbered without gaps, and the
        identities of these rows; None if rows choose with replacement.
        """
        if rows.block.parent is None or not (self.distinct or self.unique):
            return None
        shared = rows.above(self.within or "") if self.unique else rows.up()
        distinct, number = np.unique(positions_above(rows, shared.block.table)[at], return_inverse=True)
        return number.astype(np.int64), shared.block.ids[distinct]

    def by_time(self, scope: Scope) -> bool:
        """Whether earlier rows of the own table are those of an earlier time, because their order is another one."""
        if self.order_by is not None or self.table != scope.table.name:
            return self.order_by is not None
        return self.within is not None and disordered(self.table, self.within, scope.tables()) is not None

    def known(self, scope: Scope) -> tuple[Callable[[], Floats], Callable[[Rows], Ints]]:
        """The popularity of rows as validation sees it: the logarithm of each row's shifted rank, and the number of
        first rows that each row chooses among (0 if that depends on other choices).
        """
        size, own = scope.rows_in(self.table), self.table == scope.table.name
        existing = scope.existing(self.table) if self.existing_at else None
        ranks = Ranks.of(self.popularity, scope.stream("order"), size)

        @cache
        def logs() -> Floats:
            rows = np.arange(size, dtype=np.int64)
            placed = rows if ranks.order is None else ranks.order.inverse(rows)
            return log(placed.astype(np.float64) + 1.0 + self.popularity.zipf[1])

        def limits(rows: Rows) -> Ints:
            count = np.full(len(rows), size, np.int64)
            times, valid = self.times(rows) if existing else (None, None)
            if own:
                count = np.minimum(count, numbers_of(scope, rows))
            if existing and times is not None:
                count = np.minimum(count, existing(times))
            if valid is not None:
                count = np.where(valid, count, 0)
            return np.where(first_of_parent(scope, rows), count, 0) if self.distinct else count

        return logs, limits

    def weights(self, scope: Scope) -> tuple[Ints, Floats]:
        """All rows of the table and their permanent weights, for validation."""
        rows = np.arange(scope.rows_in(self.table), dtype=np.int64)
        return rows, Ranks.of(self.popularity, scope.stream("order"), len(rows)).weights(rows)

    def times(self, rows: Rows) -> tuple[Ints | None, Bools | None]:
        """The time of each choice, and the rows for which it is known (None: all)."""
        if self.existing_at is None:
            return moments(rows), None
        column = rows.column(self.existing_at)
        return column.data, column.valid


def numbers_of(scope: Scope, rows: Rows) -> Ints:
    """The index in the table of rows that were read, int64 (n,): by their key, in whatever order and slice they are; 0
    where it is missing or does not show it.
    """
    key = scope.table.key or ""
    start = scope.table.columns[key].first_key if key else None
    if start is None:
        return np.zeros(len(rows), np.int64)
    cells = rows.column(key)
    return cells.data - start if cells.valid is None else np.where(cells.valid, cells.data - start, 0)


def positions_above(rows: Rows, table: str) -> Ints:
    """The position in its block of each row's ancestor in `table`, int64 (n,)."""
    above = rows.above(table)
    return np.arange(len(above), dtype=np.int64) if above.at is None else above.at


def first_of_parent(scope: Scope, rows: Rows) -> Bools:
    """Which rows are the first ones below their parent: by their key if it counts them, else as they were read."""
    block = rows.block
    if block.parent_row is None:
        return np.ones(len(rows), np.bool_)
    order = np.lexsort((numbers_of(scope, Rows(block)), block.parent_row))
    first = np.zeros(len(block), np.bool_)
    first[order[np.diff(block.parent_row[order], prepend=-1) != 0]] = True
    return first if rows.at is None else first[rows.at]


def one_to_one(scope: Scope, table: str) -> Chosen:
    """Each row takes a different row of `table`, by a keyed permutation of all of them. Rows beyond their number take
    none.
    """
    size = scope.rows_in(table)
    order = Permutation.of(scope.stream("order"), max(size, 1))

    def choose(rows: Rows) -> tuple[Ints, Bools]:
        able = rows.index < size
        return order(np.where(able, rows.index, 0)), able

    return choose


Bound = tuple[ChoiceDistribution, Bools, Callable[[Ints], Ints]]
"""The distribution of the choices, the rows that have candidates, and the row index of a member."""


class _WholeTable:
    """Rows of a whole table, by their index: all, those that had arrived, or those before the own row."""

    def __init__(self, choice: Choice, scope: Scope) -> None:
        self.choice, self.scope = choice, scope
        self.size = scope.rows_in(choice.table)
        self.own = choice.table == scope.table.name
        self.existing = scope.existing(choice.table) if choice.existing_at else None
        self.ranks = Ranks.of(choice.popularity, scope.stream("order"), self.size)
        rate = scope.choice_rate(choice.table, everyone=True)
        self.pool = None if rate is None or not self.size else self._pool(rate)
        self.sums = Sums.of(self.size, self.ranks.weights if self.pool is None else self._based)

    def _pool(self, rate: EntityRate) -> Pool:
        window = self.scope.window
        span = (window.start, window.end) if window else (0, 1)
        entities = self.scope.entities(self.choice.table)
        return Pool(self.size, self.ranks.weights, rate, entities, span, self.existing)

    def _based(self, rows: Ints) -> Floats:
        assert self.pool is not None
        return self.pool.base[rows]

    def distribution(self, rows: Rows) -> Bound:
        times, known = self.choice.times(rows)
        count = np.full(len(rows), self.size, np.int64)
        if self.own:
            count = np.minimum(count, rows.index)
        if self.existing is not None and times is not None:
            count = np.minimum(count, self.existing(times))
        first = np.zeros(len(rows), np.int64)
        if self.choice.lookback is not None and self.existing is not None and times is not None:
            first = np.minimum(self.existing(times - self.choice.lookback), count)
            count -= first
        able = count > 0 if known is None else (count > 0) & known
        whole = not self.own and self.existing is None
        span = Span(first, count, whole, times)
        return self._distribution(span, whole), able, lambda members: members

    def _distribution(self, span: Span, whole: bool) -> ChoiceDistribution:
        if self.pool is not None:
            timed = self.pool.rate.timed and span.times is not None
            return Rated(span, self.pool) if timed else PopularityDistribution(span, self.ranks, self.sums)
        if self.choice.popularity.uniform:
            return UniformDistribution(span)
        return PopularityDistribution(span, self.ranks, None if whole else self.sums)


class _BelowAncestor:
    """Rows below the same row of a common ancestor. They are in memory."""

    def __init__(self, choice: Choice, scope: Scope) -> None:
        self.choice, self.own = choice, choice.table == scope.table.name
        self.by_time = choice.by_time(scope)
        self.order, self.rate = scope.stream("order"), scope.choice_rate(choice.table, everyone=False)

    def distribution(self, rows: Rows) -> Bound:
        choice = self.choice
        times, known = choice.times(rows)
        by_time = choice.existing_at is not None or self.by_time
        groups = Groups.of(rows.above(choice.within or ""), choice.table, by_time=by_time)
        distribution: ChoiceDistribution = groups.distribution(
            rows, times if choice.existing_at else None, (choice.popularity, self.order), self.own
        )
        able = distribution.spans(np.arange(len(rows)))[1] > 0
        if self.rate is not None:
            distribution = self._rated(distribution, groups, times, self.rate)
        return distribution, able if known is None else able & known, groups.index

    def _rated(
        self, distribution: ChoiceDistribution, groups: Groups, times: Ints | None, rate: EntityRate
    ) -> ChoiceDistribution:
        timed = rate.timed and times is not None
        bound = groups.greatest(rate.kept(Rows(groups.block)))

        def at(rows: Ints, members: Ints) -> Floats:
            entities = Rows(groups.block, groups.natural(members))
            return rate.at(entities, times[rows]) if timed and times is not None else rate.kept(entities)

        if timed and times is not None and len(groups.block):
            anyone = Rows(groups.block, np.zeros(len(times), np.int64))
            bound = bound * rate.oldest_peak * rate.calendar_peak(anyone, times)
        return ThinnedDistribution(distribution, at, bound, distribution.fixed and not timed)
