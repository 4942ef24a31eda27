"""Choices by what columns say: the same value, a weight, another row than that of a column, an interval that holds a
moment.

The rows of the table are sorted by the values that must be the same, so that each row that chooses has a span of them.
Conditions that differ from row to row refuse what is proposed, and the row draws again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, reduce
from operator import and_

import numpy as np
from pydantic import Field

from datagen.columnar import arrow_compute
from datagen.columnar.block import TIMESTAMP, Block, Bools, Column, Floats, Ints, Rows, Words, as_numpy
from datagen.columnar.row_time import moments
from datagen.errors import ValueFault
from datagen.kinds.choosers.support.choice import Choice, Chosen, first_of_parent, numbers_of, positions_above
from datagen.kinds.choosers.support.distributions import Able, ChoiceDistribution, Ranks, Span
from datagen.kinds.choosers.support.groups import Groups
from datagen.kinds.choosers.support.intervals import SortedIntervals
from datagen.kinds.choosers.support.rate_thinning import ThinnedDistribution
from datagen.kinds.choosers.support.successive_sampling import AttemptDraws, with_replacement, without_replacement
from datagen.kinds.choosers.support.time_order import TIMELESS, places
from datagen.kinds.generators.support.column_lookup import key_start, keys_up_to
from datagen.point_process.effects import Entity
from datagen.point_process.peaks import EntityRate
from datagen.random.integers import uniform_below
from datagen.random.streams import Stream
from datagen.registry import Strict
from datagen.scope import Scope


class Validity(Strict):
    """An interval of the table that is chosen from, half open, and the moment that it must hold."""

    from_: str = Field(alias="from", description="the column with its start", examples=["starts_at"])
    to: str = Field(description="the column with its end; a missing one is open", examples=["ends_at"])
    at: str = Field(description="a timestamp or date of this table or of one above", examples=["ordered_at"])


@dataclass(frozen=True, slots=True, eq=False)
class MatchedDistribution:
    """A distribution over positions in a sorted table: `span` of each row, cumulative weights from 0 (None: all alike),
    and a condition.
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

    share: float = 1.0
    """The share of rows that `same` holds for, if rows choose without replacement; the others choose among all."""

    def bind(self, scope: Scope) -> Chosen:
        """How rows choose; the rows that can be chosen are sorted when the first of them does."""
        streams = [scope.stream(name) for name in ("pick", "retry", "keep", "race")]
        candidates = self._candidates(scope)

        def choose(rows: Rows) -> tuple[Ints, Bools]:
            known = candidates(rows)
            groups = known.groups(rows)
            distribution, able = known.rated_distribution(rows, groups)
            draws, at = AttemptDraws(rows.ids, *streams), np.flatnonzero(able)
            if owners := self.choice.owners(rows, at):
                found = without_replacement(distribution, draws, at, owners)
            elif (intervals := known.intervals) is not None and self.valid is not None:
                moment, few = rows.column(self.valid.at), None
                if self.share == 1.0:
                    few = intervals.shortlist(distribution, groups, moment)
                if known.restricted:
                    found = with_replacement(distribution, draws, at, few)
                else:
                    held, only = intervals.at(groups, moment)
                    found = np.where(held == 1, only, with_replacement(distribution, draws, at[held[at] > 1], few))
            else:
                found = with_replacement(distribution, draws, at)
            valid = found >= 0
            return known.index(np.where(valid, found, 0)), valid

        return choose

    def _candidates(self, scope: Scope) -> Callable[[Rows], _Sorted]:
        """The sorted rows that can be chosen: those of the table, or with `within` those in the block, once each."""
        choice, key = self.choice, object()
        whole = cache(lambda: _Sorted.of(self, scope, _Domain.whole(choice, scope)))

        def candidates(rows: Rows) -> _Sorted:
            if choice.within is None:
                return whole()
            shared = rows.above(choice.within).block
            found: _Sorted = shared.once(key, lambda: _Sorted.of(self, scope, _Domain.below(choice, scope, shared)))
            return found

        return candidates

    def known(self, scope: Scope) -> Callable[[], ObservedCandidates]:
        """The candidates as validation sees them; the table is sorted when they are asked for."""

        def domain() -> _Domain:
            whole = _Domain.whole(self.choice, scope)
            return whole if self.choice.within is None else whole.by_ancestor(self.choice, scope)

        return cache(lambda: ObservedCandidates(_Sorted.of(self, scope, domain()), scope))


@dataclass(frozen=True, slots=True, eq=False)
class _EntityRates:
    """A rate of the rows of the table. Weights include its permanent part."""

    rate: EntityRate
    entities: Callable[[Ints], Entity]

    def changing(self, order: Ints, times: Ints) -> Callable[[Ints, Ints], Floats]:
        """The part of the rate that changes with time, of members for rows that choose at these times."""

        def changing(at: Ints, members: Ints) -> Floats:
            some = self.entities(order[members])
            kept = self.rate.kept(some)
            return np.divide(self.rate.at(some, times[at]), kept, out=np.zeros(len(at)), where=kept > 0)

        return changing

    def thinned(self, distribution: MatchedDistribution, order: Ints, times: Ints) -> ThinnedDistribution:
        """The distribution, with the part of the rate that changes with time."""
        anyone = self.entities(np.zeros(len(times), np.int64))
        bound = self.rate.oldest_peak * self.rate.calendar_peak(anyone, times)
        return ThinnedDistribution(distribution, self.changing(order, times), bound, fixed=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Domain:
    """Rows of the table by position: all of them, or those of a block, by the ancestor that they share.

    `first` is the index of the row at position 0, `owner` the number of each row's ancestor, int64 (size,), of
    `owners`; `owner_of` is that of rows that choose. `existing` is the number of rows before each time if they are in
    the order of time; else `moments` are their times. `place` is the place of each row in the order of time, where its
    position is not. `popular` are the weights by popularity, None if all are alike.
    """

    size: int
    owner: Ints
    column: Callable[[str], Column]
    rates: _EntityRates | None
    popular: Callable[[Ints], Floats] | None
    first: int = 0
    owners: int = 1
    owner_of: Callable[[Rows], Ints] = lambda rows: np.zeros(len(rows), np.int64)
    existing: Callable[[Ints], Ints] | None = None
    moments: Ints | None = None
    place: Ints | None = None

    @classmethod
    def whole(cls, choice: Choice, scope: Scope) -> _Domain:
        """All rows of the table."""
        size, rate = scope.rows_in(choice.table), scope.choice_rate(choice.table, everyone=True)
        index, popular = np.arange(size, dtype=np.int64), None

        def column(name: str) -> Column:
            return scope.recompute(choice.table, name)(index)

        owner, time = np.zeros(size, np.int64), None if choice.within else choice.order_by
        if not choice.popularity.uniform:
            popular = Ranks.of(choice.popularity, scope.stream("order"), max(size, 1)).weights
        return cls(
            size, owner, column,
            None if rate is None or not size else _EntityRates(rate, scope.entities(choice.table)), popular,
            existing=scope.existing(choice.table) if choice.existing_at and not choice.within else None,
            place=None if time is None else places(owner, column(time)),
        )  # fmt: skip

    @classmethod
    def below(cls, choice: Choice, scope: Scope, shared: Block) -> _Domain:
        """The rows below the ancestors `shared`, which are in memory."""
        groups = Groups.of(Rows(shared), choice.table, by_time=False)
        block, rate, popular = groups.block, scope.choice_rate(choice.table, everyone=False), None
        if not choice.popularity.uniform:
            popular = groups.weights(choice.popularity, scope.stream("order")).take
        owner = np.repeat(np.arange(len(shared)), groups.sizes)
        when = None if choice.order_by is None else block.columns[choice.order_by]
        if when is None and choice.by_time(scope) and (came := moments(Rows(block))) is not None:
            when = Column(TIMESTAMP, came)
        return cls(
            len(block), owner, lambda name: block.columns[name],
            None if rate is None or not len(block) else _EntityRates(rate, lambda at: Rows(block, at)), popular,
            block.first, len(shared), lambda rows: positions_above(rows, choice.within or ""),
            moments=moments(Rows(block)) if choice.existing_at else None,
            place=None if when is None else places(owner, when),
        )  # fmt: skip

    def by_ancestor(self, choice: Choice, scope: Scope) -> _Domain:
        """All rows of the table by their ancestor, as the keys of data show it (for validation)."""
        tables, shared = scope.tables(), choice.within or ""
        index = np.arange(self.size, dtype=np.int64)
        for table, column, above in keys_up_to(scope, choice.table, shared) or ():
            index = scope.recompute(table, column)(index).data - key_start(scope, above)
        top, start = tables[shared].key or "", key_start(scope, shared)
        moment = tables[choice.table].moment
        time = (choice.order_by or moment) if choice.by_time(scope) else None
        return replace(
            self, owner=index, owners=scope.rows_in(shared),
            owner_of=lambda rows: rows.above(shared).column(top).data - start,
            moments=None if moment is None or not choice.existing_at else self.column(moment).data,
            place=None if time is None else places(index, self.column(time)),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Sorted:
    """The rows of a domain by group: `order` from positions to rows, `starts` of groups and their end. `keys` ascend
    with the position: the group times the size, plus the row.
    """

    declared: Matching
    domain: _Domain
    order: Ints
    keys: Ints
    starts: Ints
    sums: Floats | None
    codes: tuple[_Codes, ...]
    own: bool
    limits: tuple[Column, Column] | None
    lot: Stream

    @classmethod
    def of(cls, declared: Matching, scope: Scope, domain: _Domain) -> _Sorted:
        known, group, many = [], domain.owner, domain.owners
        for column in declared.same:
            codes = _Codes.of(domain.column(column), group)
            known.append(codes)
            group, many = codes.groups, len(codes.pairs)
        order = np.argsort(group, kind="stable").astype(np.int64)
        starts = np.searchsorted(group[order], np.arange(many + 1)).astype(np.int64)
        weights, rates = _weights(declared, domain, order), domain.rates
        if rates is not None:
            weights = rates.rate.kept(rates.entities(order)) * (1.0 if weights is None else weights)
        sums = None if weights is None else np.concatenate(([0.0], np.cumsum(weights)))
        limits, valid = None, declared.valid
        if valid is not None:
            limits = domain.column(valid.from_), domain.column(valid.to)
        own, keys = declared.choice.table == scope.table.name, group[order] * domain.size + order
        return cls(declared, domain, order, keys, starts, sums, tuple(known), own, limits, scope.stream("same"))

    def index(self, members: Ints) -> Ints:
        """The row indices of members."""
        return self.order[members] + self.domain.first if len(self.order) else members * 0

    def rated_distribution(self, rows: Rows, groups: Ints) -> tuple[ChoiceDistribution, Bools]:
        """How rows choose, with the rates of the rows of the table, and which of them have candidates."""
        distribution, able = self.distribution(rows, groups)
        rates, times = self._timed(rows)
        return distribution if rates is None or times is None else rates.thinned(distribution, self.order, times), able

    def _timed(self, rows: Rows) -> tuple[_EntityRates | None, Ints | None]:
        """The rates of the rows of the table if they change with time, and the times at which rows choose."""
        rates = self.domain.rates
        return (None, None) if rates is None or not rates.rate.timed else (rates, self.declared.choice.times(rows)[0])

    def changing(self, rows: Rows) -> Callable[[Ints, Ints], Floats] | None:
        """The part of the rates that changes with time; None if none does."""
        rates, times = self._timed(rows)
        return None if rates is None or times is None else rates.changing(self.order, times)

    @property
    def restricted(self) -> bool:
        """Whether other conditions than groups and intervals decide which rows can be chosen."""
        return bool(self.declared.differs or self.own or self.declared.choice.existing_at)

    @cached_property
    def intervals(self) -> SortedIntervals | None:
        """The intervals of the rows that can be chosen; None if there are none, or rates change with time."""
        timed = self.domain.rates is not None and self.domain.rates.rate.timed
        if self.limits is None or timed:
            return None
        groups = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        weights = None if self.sums is None else np.diff(self.sums)
        return SortedIntervals.of(groups, [one.take(self.order) for one in self.limits], weights)

    def groups(self, rows: Rows) -> Ints:
        """The group of each row, -1 for none."""
        group = self.domain.owner_of(rows)
        for codes, column in zip(self.codes, self.declared.same.values(), strict=True):
            group = codes.at(group, rows.column(column))
        return group

    def distribution(self, rows: Rows, group: Ints, index: Ints | None = None) -> tuple[MatchedDistribution, Bools]:
        """How rows choose, and which of them have candidates, as far as spans show. `index` are their numbers in the
        table, if they are not numbered.
        """
        there, empty = group >= 0, not len(self.order)
        first = group * 0 if empty else self.starts[np.where(there, group, 0)]
        end = group * 0 if empty else self.starts[np.where(there, group + 1, 0)]
        if self._spans_recent:
            since, until = self._recent(rows)
            begin = np.maximum(group, 0) * len(self.order)
            first, end = np.searchsorted(self.keys, begin + since), np.searchsorted(self.keys, begin + until)
        count = np.where(there, end - first, 0)
        if self.declared.share < 1.0:
            wide, owner = self.lot.uniforms(rows.ids) >= self.declared.share, self.domain.owner_of(rows)
            edges = np.searchsorted(self.domain.owner, np.arange(self.domain.owners + 1))
            first = np.where(wide, edges[owner], first)
            count = np.where(wide, np.diff(edges)[owner], count)
        return MatchedDistribution(Span(first, count, False), self.sums, self._able(rows, index)), count > 0

    @property
    def _spans_recent(self) -> bool:
        """Whether the rows that came shortly before are a part of each group."""
        return self.declared.choice.lookback is not None and self.domain.existing is not None

    def _recent(self, rows: Rows) -> tuple[Ints, Ints]:
        """The first of the rows that came shortly before the choice, and the one after the last."""
        times = rows.column(self.declared.choice.existing_at or "").data
        assert self.domain.existing is not None
        until = self.domain.existing(times)
        return np.minimum(self.domain.existing(times - (self.declared.choice.lookback or 0)), until), until

    def _able(self, rows: Rows, own: Ints | None) -> Able | None:
        """Which members (positions) the rows may choose."""
        start = self.declared.start + self.domain.first
        found = [_other(rows.column(one), start, self.order) for one in self.declared.differs]
        if self.own:
            index = rows.index - self.domain.first if own is None else own
            found.append(self._earlier(index))
        if self.declared.choice.existing_at is not None:
            found.append(self._existing(rows))
        if self.limits is not None and self.declared.valid is not None:
            found.append(_holding(rows.column(self.declared.valid.at), self.limits, self.order))
        if not found:
            return None
        return found[0] if len(found) == 1 else lambda at, members: reduce(and_, (able(at, members) for able in found))

    def _earlier(self, index: Ints) -> Able:
        """Which members came before the rows with these numbers in the same table."""
        place = self.domain.place
        if place is None:
            return lambda at, members: self.order[members] < index[at]
        own = place.take(index, mode="clip") if len(place) else index
        own = np.where(own == TIMELESS, -1, own)
        return lambda at, members: place[self.order[members]] < own[at]

    def _existing(self, rows: Rows) -> Able:
        """Which members existed at the time of the choice, and came within `lookback`."""
        column, moment, since = rows.column(self.declared.choice.existing_at or ""), self.domain.moments, None
        if moment is None and self.domain.existing is not None:
            moment, until = np.arange(self.domain.size), self.domain.existing(column.data) - 1
            if self.declared.choice.lookback is not None:
                since = self.domain.existing(column.data - self.declared.choice.lookback) - 1
        else:
            until = column.data
            since = None if self.declared.choice.lookback is None else until - self.declared.choice.lookback
        until = until if column.valid is None else np.where(column.valid, until, np.iinfo(np.int64).min)
        times = np.zeros(self.domain.size, np.int64) if moment is None else moment[self.order]

        def able(at: Ints, members: Ints) -> Bools:
            held: Bools = times[members] <= until[at]
            return held if since is None else held & (times[members] > since[at])

        return able


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


def _weights(declared: Matching, domain: _Domain, order: Ints) -> Floats | None:
    """The weights of the sorted rows; None where all are alike."""
    popularity = None if domain.popular is None else domain.popular(order)
    if declared.weight is None:
        return popularity
    column, table = domain.column(declared.weight).take(order), declared.choice.table
    weights = column.as_floats() if column.valid is None else np.where(column.valid, column.as_floats(), 0.0)
    if len(weights) and not (weights >= 0.0).all():
        raise ValueFault(f"'{declared.weight}' of '{table}' is negative in some row; weights are 0 or more")
    if len(weights) and not declared.choice.within and not weights.any():
        raise ValueFault(f"'{declared.weight}' of '{table}' is 0 in every row; some weight must be above 0")
    return weights if popularity is None else weights * popularity


@dataclass(frozen=True, slots=True, eq=False)
class ObservedCandidates:
    """The candidates of rows, as validation sees them: those of a distribution over the sorted table."""

    table: _Sorted
    scope: Scope

    def weights(self) -> tuple[Ints, Floats]:
        """The sorted rows, and the weight of each."""
        sums = self.table.sums
        return self.table.order, np.ones(len(self.table.order)) if sums is None else np.diff(sums)

    def spans(self, rows: Rows) -> tuple[Ints, Ints]:
        """The first candidate of each row and their number; none for a row that chooses after others."""
        distribution, able = self._distribution(rows)
        if self.table.declared.choice.distinct and rows.block.parent is not None:
            able = able & first_of_parent(self.scope, rows)
        return distribution.span.first, np.where(able, distribution.span.count, 0)

    def factors(self, rows: Rows) -> Callable[[Ints, Ints], Bools | Floats] | None:
        """What multiplies the weights of candidates for the rows: whether they can be chosen, and their rate then."""
        able, changing = self._distribution(rows)[0].able, self.table.changing(rows)
        if able is None or changing is None:
            return able if changing is None else changing
        return lambda at, members: able(at, members) * changing(at, members)

    def _distribution(self, rows: Rows) -> tuple[MatchedDistribution, Bools]:
        numbers = numbers_of(self.scope, rows) if self.table.own else None
        return self.table.distribution(rows, self.table.groups(rows), numbers)


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
    if column.dictionary is not None:
        return column.dictionary.to_pylist(), column.data.astype(np.int64)
    encoded = arrow_compute.call_function("dictionary_encode", [column.data])
    return encoded.dictionary.to_pylist(), as_numpy(encoded.indices).astype(np.int64)
