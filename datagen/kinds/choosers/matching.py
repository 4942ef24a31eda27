"""Choices by what columns say: the same value, a weight, another row than that of a column, an interval that holds a
moment.

The rows of the table are sorted by the values that must be the same, so that each row that chooses has a span of them.
Conditions that differ from row to row refuse what is proposed, and the row draws again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, reduce
from operator import and_

import numpy as np
from pydantic import Field

from datagen.columnar import arrow_compute
from datagen.columnar.block import Bools, Column, Floats, Ints, Rows, Words, as_numpy
from datagen.errors import ValueFault
from datagen.kinds.choosers.choice import Choice, Chosen, first_of_parent, numbers_of
from datagen.kinds.choosers.laws import Able, Law, Ranks, Span
from datagen.kinds.choosers.rated import ThinnedLaw
from datagen.kinds.choosers.rounds import AttemptDraws, with_replacement, without_replacement
from datagen.point_process.effects import Entity
from datagen.point_process.peaks import EntityRate
from datagen.random.integers import uniform_below
from datagen.registry import Strict
from datagen.scope import Scope


class Validity(Strict):
    """An interval of the table that is chosen from, half open, and the moment that it must hold."""

    from_: str = Field(alias="from", description="the column with its start", examples=["starts_at"])
    to: str = Field(description="the column with its end; a missing one is open", examples=["ends_at"])
    at: str = Field(description="a timestamp or date of this table or of one above", examples=["ordered_at"])


@dataclass(frozen=True, slots=True, eq=False)
class MatchedLaw:
    """A law over positions in a sorted table: `span` of each row, cumulative weights from 0 (None: all alike), and a
    condition.
    """

    span: Span
    sums: Floats | None
    able: Able | None

    @property
    def fixed(self) -> bool:
        return False

    @property
    def nested(self) -> bool:
        return self.able is None

    def propose(self, at: Ints, words: Words) -> Ints:
        first, count = self.span.first[at], self.span.count[at]
        if self.sums is None:
            chosen: Ints = first + uniform_below(words, np.maximum(count, 1))
            return chosen
        low = self.sums[first]
        aim = low + (words >> np.uint64(11)).astype(np.float64) * 2.0**-53 * (self.sums[first + count] - low)
        placed = np.searchsorted(self.sums, aim, side="right") - 1
        found: Ints = np.clip(placed, first, first + np.maximum(count - 1, 0))
        return found

    def accepted(self, at: Ints, members: Ints, uniforms: Callable[[], Floats]) -> Bools | None:
        return (
            self.able(at, members) if self.sums is None and self.able is not None else self.weights(at, members) > 0.0
        )

    def spans(self, at: Ints) -> tuple[Ints, Ints]:
        return self.span.first[at], self.span.count[at]

    def members(self, at: Ints, candidates: Ints) -> Ints:
        return candidates

    def weights(self, at: Ints, members: Ints) -> Floats:
        weights = np.ones(len(members)) if self.sums is None else self.sums[members + 1] - self.sums[members]
        return weights if self.able is None else np.where(self.able(at, members), weights, 0.0)


@dataclass(frozen=True, slots=True)
class Matching:
    """A choice with conditions on columns: `same` maps columns of the table to own ones, `differs` are own columns with
    its keys.
    """

    choice: Choice
    weight: str | None = None
    same: Mapping[str, str] = field(default_factory=dict)
    differs: tuple[str, ...] = ()
    valid: Validity | None = None
    start: int = 1
    """The key of the first row of the table."""

    def bind(self, scope: Scope) -> Chosen:
        """How rows choose; the table is sorted when the first of them does."""
        streams = [scope.stream(name) for name in ("pick", "retry", "keep", "race")]
        made: list[_Sorted] = []

        def choose(rows: Rows) -> tuple[Ints, Bools]:
            if not made:
                made.append(_Sorted.of(self, scope))
            groups = made[0].groups(rows)
            law, able = made[0].rated_law(rows, groups)
            draws, at = AttemptDraws(rows.ids, *streams), np.flatnonzero(able)
            if self.choice.distinct and rows.block.parent is not None:
                above = rows.up().take(at)
                assert above.at is not None
                parents, number = np.unique(above.at, return_inverse=True)
                found = without_replacement(law, draws, at, (number.astype(np.int64), above.block.ids[parents]))
            elif (intervals := made[0].intervals) is not None and self.valid is not None:
                held, only = intervals.at(groups, rows.column(self.valid.at))
                found = with_replacement(law, draws, at[held[at] > 1])
                found = np.where(held == 1, only, found)
            else:
                found = with_replacement(law, draws, at)
            valid = found >= 0
            return made[0].order[np.where(valid, found, 0)] if len(made[0].order) else found * 0, valid

        return choose

    def known(self, scope: Scope) -> Callable[[], ObservedCandidates]:
        """The candidates as validation sees them; the table is sorted when they are asked for."""
        return cache(lambda: ObservedCandidates(_Sorted.of(self, scope), scope))


@dataclass(frozen=True, slots=True, eq=False)
class _EntityRates:
    """A rate of the rows of the table. Weights include its permanent part."""

    rate: EntityRate
    entities: Callable[[Ints], Entity]

    def thinned(self, law: MatchedLaw, order: Ints, times: Ints) -> ThinnedLaw:
        """The law, with the part of the rate that changes with time."""

        def changing(at: Ints, members: Ints) -> Floats:
            some = self.entities(order[members])
            kept = self.rate.kept(some)
            return np.divide(self.rate.at(some, times[at]), kept, out=np.zeros(len(at)), where=kept > 0)

        anyone = self.entities(np.zeros(len(times), np.int64))
        return ThinnedLaw(law, changing, self.rate.oldest_peak * self.rate.calendar_peak(anyone, times), fixed=False)


@dataclass(frozen=True, eq=False)
class _Sorted:
    """All rows of the table by group: `order` from positions to rows, `starts` of groups and their end. `keys` ascend
    with the position: the group times `size`, plus the row.
    """

    declared: Matching
    order: Ints
    keys: Ints
    starts: Ints
    sums: Floats | None
    codes: tuple[_Codes, ...]
    own: bool
    limits: tuple[Column, Column] | None
    existing: Callable[[Ints], Ints] | None
    rates: _EntityRates | None

    @classmethod
    def of(cls, declared: Matching, scope: Scope) -> _Sorted:
        choice = declared.choice
        size, group = scope.rows_in(choice.table), np.zeros(0, np.int64)
        index = np.arange(size, dtype=np.int64)
        known, group = [], np.zeros(size, np.int64)
        for column in declared.same:
            codes = _Codes.of(scope.recompute(choice.table, column)(index), group)
            known.append(codes)
            group = codes.groups
        order = np.argsort(group, kind="stable").astype(np.int64)
        starts = np.searchsorted(group[order], np.arange(int(group.max(initial=-1)) + 2))
        rate, weights = scope.choice_rate(choice.table, everyone=True), _weights(declared, scope, order)
        rates = None if rate is None or not size else _EntityRates(rate, scope.entities(choice.table))
        if rates is not None:
            weights = rates.rate.kept(rates.entities(order)) * (1.0 if weights is None else weights)
        sums = None if weights is None else np.concatenate(([0.0], np.cumsum(weights)))
        limits, valid = None, declared.valid
        if valid is not None:
            low, high = (scope.recompute(choice.table, column)(index) for column in (valid.from_, valid.to))
            limits = low, high
        existing = scope.existing(choice.table) if choice.existing_at else None
        own = choice.table == scope.table.name
        keys, starts = group[order] * size + order, starts.astype(np.int64)
        return cls(declared, order, keys, starts, sums, tuple(known), own, limits, existing, rates)

    def rated_law(self, rows: Rows, groups: Ints) -> tuple[Law, Bools]:
        """How rows choose, with the rates of the rows of the table, and which of them have candidates."""
        law, able = self.law(rows, groups)
        if self.rates is None or not self.rates.rate.timed:
            return law, able
        times = self.declared.choice.times(rows)[0]
        return law if times is None else self.rates.thinned(law, self.order, times), able

    @cached_property
    def intervals(self) -> _Intervals | None:
        """The intervals of the rows that can be chosen; None if there are other conditions."""
        timed = self.rates is not None and self.rates.rate.timed
        if self.limits is None or self.declared.differs or self.own or self.existing is not None or timed:
            return None
        groups = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        weights = None if self.sums is None else np.diff(self.sums)
        return _Intervals.of(groups, [one.take(self.order) for one in self.limits], weights)

    def groups(self, rows: Rows) -> Ints:
        """The group of each row, -1 for none."""
        group = np.zeros(len(rows), np.int64)
        for codes, column in zip(self.codes, self.declared.same.values(), strict=True):
            group = codes.at(group, rows.column(column))
        return group

    def law(self, rows: Rows, group: Ints, index: Ints | None = None) -> tuple[MatchedLaw, Bools]:
        """How rows choose, and which of them have candidates, as far as spans show. `index` are their numbers in the
        table, if they are not numbered.
        """
        there = group >= 0
        first = self.starts[np.where(there, group, 0)] if len(self.order) else group * 0
        end = self.starts[np.where(there, group + 1, 0)] if len(self.order) else group * 0
        if self.declared.choice.lookback is not None:
            since, until = self._recent(rows)
            begin = np.maximum(group, 0) * len(self.order)
            first, end = np.searchsorted(self.keys, begin + since), np.searchsorted(self.keys, begin + until)
        law = MatchedLaw(Span(first, np.where(there, end - first, 0), False), self.sums, self._able(rows, index))
        return law, there & (end > first)

    def _recent(self, rows: Rows) -> tuple[Ints, Ints]:
        """The first of the rows that came shortly before the choice, and the one after the last."""
        times = rows.column(self.declared.choice.existing_at or "").data
        assert self.existing is not None
        until = self.existing(times)
        return np.minimum(self.existing(times - (self.declared.choice.lookback or 0)), until), until

    def _able(self, rows: Rows, own: Ints | None) -> Able | None:
        """Which members (positions) the rows may choose."""
        found = [_other(rows.column(one), self.declared.start, self.order) for one in self.declared.differs]
        if self.own:
            index = rows.index if own is None else own
            found.append(lambda at, members: self.order[members] < index[at])
        if self.existing is not None:
            count = self._existing(rows)
            found.append(lambda at, members: self.order[members] < count[at])
        if self.limits is not None and self.declared.valid is not None:
            found.append(_holding(rows.column(self.declared.valid.at), self.limits, self.order))
        if not found:
            return None
        return found[0] if len(found) == 1 else lambda at, members: reduce(and_, (able(at, members) for able in found))

    def _existing(self, rows: Rows) -> Ints:
        column = rows.column(self.declared.choice.existing_at or "")
        assert self.existing is not None
        count = self.existing(column.data)
        return count if column.valid is None else np.where(column.valid, count, 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Intervals:
    """How many rows of a sorted table hold a moment, by group. Where it is one, nothing has to be drawn.

    `edges` are the distinct starts and ends. `keys` are the group and the edge of each start and end, ascending; after
    the first k of them, `counts[k]` intervals hold and `sums[k]` is the sum of their positions.
    """

    edges: Ints
    keys: Ints
    counts: Ints
    sums: Ints

    @classmethod
    def of(cls, groups: Ints, limits: Sequence[Column], weights: Floats | None) -> _Intervals:
        low, high = (one.data.astype(np.int64) for one in limits)
        open_ = np.zeros(len(high), np.bool_) if limits[1].valid is None else ~limits[1].valid
        some = (low < high) | open_
        some = some if limits[0].valid is None else some & limits[0].valid
        at = np.flatnonzero(some if weights is None else some & (weights > 0.0))
        edges = np.unique(np.concatenate((low[at], high[at])))
        ends = np.where(open_[at], len(edges), np.searchsorted(edges, high[at]))
        keys = np.concatenate((np.searchsorted(edges, low[at]), ends)) + 1 + np.tile(groups[at], 2) * (len(edges) + 2)
        order = np.argsort(keys, kind="stable")
        step = np.where(order < len(at), 1, -1)
        counts, sums = (np.append(0, np.cumsum(one)) for one in (step, step * np.tile(at, 2)[order]))
        return cls(edges, keys[order], counts, sums)

    def at(self, groups: Ints, moment: Column) -> tuple[Ints, Ints]:
        """The number of intervals that hold the moment of each row, and its position where that is one, int64 (n,)."""
        edge = np.searchsorted(self.edges, moment.data.astype(np.int64), side="right")
        before = np.searchsorted(self.keys, groups * (len(self.edges) + 2) + edge, side="right")
        there = groups >= 0 if moment.valid is None else (groups >= 0) & moment.valid
        return np.where(there, self.counts[before], 0), self.sums[before]


def _other(keys: Column, start: int, order: Ints) -> Able:
    """Other rows than those that keys point to."""
    taken = keys.data - start if keys.valid is None else np.where(keys.valid, keys.data - start, -1)
    return lambda at, members: order[members] != taken[at]


def _holding(moment: Column, limits: tuple[Column, Column], order: Ints) -> Able:
    """Rows whose interval holds the moment; an end that is missing is open, a start that is missing holds nothing."""
    low, high = (one.take(order) for one in limits)
    ends = high.data if high.valid is None else np.where(high.valid, high.data, np.iinfo(np.int64).max)

    def able(at: Ints, members: Ints) -> Bools:
        time = moment.data[at]
        held: Bools = low.data[members] <= time
        held &= time < ends[members]
        held = held if low.valid is None else held & low.valid[members]
        return held if moment.valid is None else held & moment.valid[at]

    return able


def _weights(declared: Matching, scope: Scope, order: Ints) -> Floats | None:
    """The weights of the sorted rows; None where all are alike."""
    choice = declared.choice
    popularity = None
    if not choice.popularity.uniform:
        popularity = Ranks.of(choice.popularity, scope.stream("order"), max(len(order), 1)).weights(order)
    if declared.weight is None:
        return popularity
    column = scope.recompute(choice.table, declared.weight)(order)
    weights = column.as_floats() if column.valid is None else np.where(column.valid, column.as_floats(), 0.0)
    if len(weights) and not (weights >= 0.0).all():
        raise ValueFault(f"'{declared.weight}' of '{choice.table}' is negative in some row; weights are 0 or more")
    if len(weights) and not weights.any():
        raise ValueFault(f"'{declared.weight}' of '{choice.table}' is 0 in every row; some weight must be above 0")
    return weights if popularity is None else weights * popularity


@dataclass(frozen=True, slots=True, eq=False)
class ObservedCandidates:
    """The candidates of rows, as validation sees them: those of a law over the sorted table."""

    table: _Sorted
    scope: Scope

    def weights(self) -> tuple[Ints, Floats]:
        """The sorted rows, and the weight of each."""
        sums = self.table.sums
        return self.table.order, np.ones(len(self.table.order)) if sums is None else np.diff(sums)

    def spans(self, rows: Rows) -> tuple[Ints, Ints]:
        """The first candidate of each row and their number; none for a row that chooses after others."""
        law, able = self._law(rows)
        if self.table.declared.choice.distinct and rows.block.parent is not None:
            able = able & first_of_parent(self.scope, rows)
        return law.span.first, np.where(able, law.span.count, 0)

    def able(self, rows: Rows) -> Able | None:
        """Which candidates the rows can choose."""
        return self._law(rows)[0].able

    def _law(self, rows: Rows) -> tuple[MatchedLaw, Bools]:
        numbers = numbers_of(self.scope, rows) if self.table.own else None
        return self.table.law(rows, self.table.groups(rows), numbers)


@dataclass(frozen=True, slots=True, eq=False)
class _Codes:
    """Groups of one column within the groups of those before: `groups` of all rows, and the pairs (group before, value)
    of each.
    """

    groups: Ints
    pairs: Ints
    """Ascending: the group before times `many`, plus the number of the value."""
    many: int
    words: dict[str, int] | None
    values: Ints

    @classmethod
    def of(cls, column: Column, before: Ints) -> _Codes:
        words, values, number = None, np.zeros(0, np.int64), np.zeros(0, np.int64)
        if column.type.textual:
            texts, codes = _encoded(column)
            words = {text: i for i, text in enumerate(dict.fromkeys(texts))}
            number = np.array([words[text] for text in texts], np.int64)[codes] if texts else codes
            many = len(words)
        else:
            values, number = np.unique(column.data.astype(np.int64), return_inverse=True)
            many = len(values)
        if column.valid is not None:
            number = np.where(column.valid, number, many)  # missing ones are a group that no row chooses from
        pairs, groups = np.unique(before * (many + 1) + number, return_inverse=True)
        return cls(groups.astype(np.int64), pairs, many + 1, words, values)

    def at(self, before: Ints, column: Column) -> Ints:
        """The groups of rows with these cells, -1 for none."""
        if self.words is not None:
            texts, codes = _encoded(column)
            number = np.array([self.words.get(text, -1) for text in texts], np.int64)[codes] if texts else codes * 0 - 1
        elif len(self.values):
            cells = column.data.astype(np.int64)
            place = np.minimum(np.searchsorted(self.values, cells), len(self.values) - 1)
            number = np.where(self.values[place] == cells, place, -1)
        else:
            number = np.full(len(column), -1, np.int64)
        known = (number >= 0) & (before >= 0)
        if column.valid is not None:
            known &= column.valid
        pair = np.where(known, before * self.many + number, -1)
        if not len(self.pairs):
            return np.full(len(column), -1, np.int64)
        place = np.minimum(np.searchsorted(self.pairs, pair), len(self.pairs) - 1)
        return np.where(self.pairs[place] == pair, place, -1).astype(np.int64)


def _encoded(column: Column) -> tuple[list[str], Ints]:
    """The texts of a column, each once or more, and the number of each cell's."""
    if column.words is not None:
        return column.words.to_pylist(), column.data.astype(np.int64)
    encoded = arrow_compute.call_function("dictionary_encode", [column.data])
    return encoded.dictionary.to_pylist(), as_numpy(encoded.indices).astype(np.int64)
