"""Intervals laid one after the other below each parent: a copy that is rented, a room that is booked, a machine that
runs a job.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import DURATION, TIMESTAMP, Attribute, Block, Column, Floats, Ints, Rows, Words
from datagen.columnar.row_time import moments
from datagen.declarations.constraints import NoOverlapDeclaration
from datagen.declarations.rates import IntervalsDeclaration
from datagen.errors import ValueFault
from datagen.kinds.generators.base import Draw, Generator, Numeric
from datagen.kinds.generators.support.distribution_declarations import quantiles
from datagen.kinds.row_sources.base import Children, Expansion
from datagen.kinds.row_sources.support.filterable import FilterableRows
from datagen.point_process.first_passage import NEVER_REACHED, reached, timed
from datagen.point_process.rate import Rate
from datagen.random.streams import Stream, affordable, child_identities, in_chunks, repeat_child_identities
from datagen.time_units import HOUR, YEAR_HOURS

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.kinds.behaviors.base import Behavior
    from datagen.scope import Scope, StaticContext, Table

_MOST = 100_000
"""Intervals below one parent."""
_LEAST = 1_000_000
"""The shortest step, a gap and a length together, in microseconds: a second."""
_AT_ONCE = 16_384
"""Parents whose intervals are laid together."""
_LONGEST = 100 * int(YEAR_HOURS) * HOUR
"""The longest gap or length on average, microseconds, for which earlier intervals are laid."""
_DRAWN, _AHEAD = 8_192, 64
"""Gaps that are drawn at once, and the most of one parent: steps of few parents cost as much as those of many."""
_WORKING = 35
"""Bytes of each interval beyond its result (measured: 32 to 35). Below one parent they are about 400, but there are at
most 100,000 of these.
"""


class Intervals(FilterableRows):
    """Intervals below each parent that never overlap: a gap, a length, a gap, a length ... from the parent's time. For
    parents that are there before the window, it begins anywhere in a gap or an interval.

    Behaviors on the table multiply the rate at which gaps pass: with a multiplier of 2 a gap of ten days is over after
    five. A season, a trend, opening hours or a segment make intervals begin more or less often, and none overlap.
    Lengths are not changed. Gaps pass only during the lives that a `retention` of the parents declares: no interval
    begins outside them, and one that began may last longer. Attributes are `starts_at` (the row's time, within the
    window) and `ends_at`, missing where the interval is open at the window's end. A renewal process with two phases
    (Cox, "Renewal Theory", 1962), with the gaps under a time change.
    """

    root: ClassVar[bool] = False
    time: ClassVar[str | None] = "starts_at"
    separating: ClassVar[frozenset[str]] = frozenset({"starts_at"})
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "rooms",
            "window": {"start": "2024-01-01", "end": "2024-03-01"},
            "tables": {
                "rooms": {"rows": 5, "columns": {"room_id": {"type": "key"}}},
                "bookings": {
                    "parent": "rooms",
                    "rows": {
                        "type": "intervals",
                        "gap": {"type": "exponential", "mean": "12h"},
                        "length": {"type": "lognormal", "median": "2h", "sigma": 0.5},
                    },
                    "columns": {
                        "booking_id": {"type": "key"},
                        "room_id": {"type": "parent_key"},
                        "from": {"type": "row_attribute", "attribute": "starts_at"},
                        "to": {"type": "row_attribute", "attribute": "ends_at"},
                    },
                    "behaviors": [{"type": "seasonality", "weekday": {"sat": 2.0, "sun": 2.0}, "month": {"feb": 1.5}}],
                },
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = ("bookings", "renewal", "occupancy", "no_overlap", "exclusive", "slots")
    type: Literal["intervals"] = "intervals"
    gap: Generator = Field(description="a generator of durations: the time before each interval")
    length: Generator = Field(description="a generator of durations: how long each interval lasts")

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        return {"starts_at": Attribute(TIMESTAMP), "ends_at": Attribute(TIMESTAMP, nullable=True)}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        for key, distribution in (("gap", self.gap), ("length", self.length)):
            at = scope.at(key)
            yield from distribution.problems(at)
            type_ = distribution.result(at)
            if type_ is not None and (type_.name != "duration" or not isinstance(distribution, Numeric)):
                yield at.problem(
                    "type",
                    "it is no distribution of durations",
                    "write one such as {'type': 'exponential', 'mean': '2d'}; "
                    "{'type': 'uniform', 'min': '2d', 'max': '2d'} is always the same",
                    "type",
                )
            if distribution.needs(at) or distribution.modifiers:
                yield at.problem("not-allowed", "it reads columns or has modifiers", "use a plain distribution", "type")

    def multiplier_problem(self, behavior: Behavior) -> tuple[str, str, str] | None:
        if not ((behavior.ends_lives and not behavior.has_spells) or behavior.treats):
            return None
        message = f"a '{behavior.type}' adds and leaves out rows, but the intervals of one parent depend on each other"
        hint = "show a process of two states as 'stays', and let it act on a transition of the process"
        return "conflict", message, hint

    def working(self, scope: Scope) -> int:
        return _WORKING

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        shown = {
            column.row_attribute: name
            for name, column in scope.table.columns.items()
            if column.intact and not column.hidden
        }
        if not {"starts_at", "ends_at"} <= shown.keys():
            return
        starts, ends = shown["starts_at"], shown["ends_at"]
        yield NoOverlapDeclaration(scope.table.name, starts, ends=ends)
        above = scope.tables().get(scope.table.parent or "")
        if self.filtered or scope.window is None or above is None or not _born_visibly(scope, above):
            return
        gaps, lengths = (
            partial(_lengths, distribution, scope.at(key))
            for key, distribution in (("gap", self.gap), ("length", self.length))
        )
        yield IntervalsDeclaration(
            scope.table.name, starts, ends, scope.planted(), gaps, lengths, (scope.window.start, scope.window.end),
            lambda: scope.rows_in(scope.table.parent or ""),
        )  # fmt: skip

    def bind(self, scope: Scope, scale: float) -> Children:
        assert scope.window is not None and isinstance(self.gap, Numeric) and isinstance(self.length, Numeric)
        declared = self.gap, self.length
        distributions = self.gap.draw(scope.at("gap")), self.length.draw(scope.at("length"))
        means = tuple(_mean(one, scope.at(key)) for key, one in zip(("gap", "length"), declared, strict=True))
        window = scope.window.start, scope.window.end
        return _IntervalRows(distributions, declared, means, window, scope.rate(), scope.stream("earlier"))


def _born_visibly(scope: Scope, table: Table) -> bool:
    """Whether files show the time of the rows of a table, or that of the rows above them, if they have one."""
    if table.row_times or table.parent is None:
        return table.moment is not None or not table.row_times
    return _born_visibly(scope, scope.tables()[table.parent])


def _lengths(distribution: Generator, scope: Scope) -> Floats:
    """Quantiles of a distribution of durations, ascending, microseconds."""
    assert isinstance(distribution, Numeric)
    return np.clip(quantiles(distribution, scope), *_bounds(distribution))


def _mean(distribution: Generator, scope: Scope) -> int:
    """The mean of a distribution of durations, microseconds, at most `_LONGEST`: a sum of integers."""
    lengths = _lengths(distribution, scope)
    return min(int(np.rint(np.minimum(lengths, _LONGEST) / len(lengths)).astype(np.int64).sum()), _LONGEST)


def _bounds(distribution: Numeric) -> tuple[float, float | None]:
    low, high = distribution.limits(DURATION)
    return max(low or 0.0, 0.0), high


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Gaps and lengths of the intervals with ordinals from `begin` to `end`, (n, end - begin) each; `place` is the row
    of each parent in them.
    """

    begin: int
    end: int
    place: Ints
    gaps: Ints
    lengths: Ints

    def of(self, ordinal: int, parents: Ints) -> tuple[Ints, Ints]:
        at = self.place[parents]
        return self.gaps[at, ordinal - self.begin], self.lengths[at, ordinal - self.begin]


@dataclass(frozen=True, slots=True, eq=False)
class _IntervalRows:
    distributions: tuple[Draw, Draw]
    declared: tuple[Numeric, Numeric]
    means: tuple[int, ...]
    window: tuple[int, int]
    rate: Rate
    earlier: Stream
    fixed: None = None

    def counts(self, parents: Block) -> Ints:
        return np.concatenate([counts for counts, _, _ in self._laid(parents)])

    def expand(self, parents: Block) -> Expansion:
        counts, starts, ends = (np.concatenate(part) for part in zip(*self._laid(parents), strict=True))
        closed = ends < self.window[1]
        attributes = {"starts_at": Column(TIMESTAMP, starts), "ends_at": Column(TIMESTAMP, ends).where(closed)}
        return Expansion(counts, repeat_child_identities(parents.ids, counts), attributes)

    def _laid(self, parents: Block) -> list[tuple[Ints, Ints, Ints]]:
        """Intervals below each parent, and start and end of each, for some parents after the other."""
        none = [(np.zeros(0, np.int64),) * 3]
        every = np.arange(len(parents))
        return [self._some(Rows(parents, every[part])) for part in in_chunks(len(parents), _AT_ONCE)] or none

    def _some(self, parents: Rows) -> tuple[Ints, Ints, Ints]:
        """The same: a loop over ordinals, all parents at once."""
        ids = parents.ids
        pace = self.rate.static(parents) if self.rate else None
        here = self._origin(parents, pace)
        counts, going = np.zeros(len(parents), np.int64), np.arange(len(parents))
        owner, starts, ends = ([np.zeros(0, np.int64)] for _ in range(3))
        laid = 0
        drawn = self._drawn_ahead(parents.block.table, ids, going, 0)
        for ordinal in range(_MOST):
            if ordinal == drawn.end:
                drawn = self._drawn_ahead(parents.block.table, ids, going, ordinal)
            gap, length = drawn.of(ordinal, going)
            begin = (
                here[going] + gap if pace is None else self._begun(parents.take(going), here[going], gap, pace[going])
            )
            end = begin + np.maximum(length, np.maximum(_LEAST - gap, 1))  # so that no two begin at one time
            shown = (begin >= self.window[0]) & (begin < self.window[1])
            counts[going[shown]] += 1
            for found, part in ((owner, going), (starts, begin), (ends, end)):
                found.append(part[shown])
            here[going] = end
            going = going[begin < self.window[1]]
            laid += len(owner[-1])
            affordable(float(laid))
            if not len(going):
                order = np.argsort(np.concatenate(owner), kind="stable")  # those of one parent are in order already
                return counts, np.concatenate(starts)[order], np.concatenate(ends)[order]
        raise ValueFault(f"a parent has more than {_MOST:,} intervals; lengthen 'gap' or 'length'")

    def _origin(self, parents: Rows, pace: Floats | None) -> Ints:
        """When the first gap of each parent begins: with the parent; of parents that are there before the window, one
        to two cycles of a gap and a length before it, so that the window begins anywhere in a cycle.
        """
        start, born = self.window[0], moments(parents)
        gap, length = self.means
        with np.errstate(divide="ignore", invalid="ignore"):
            cycle = length + np.full(len(parents), float(gap)) / (1.0 if pace is None else pace)
        earlier = np.fmin(cycle, float(_LONGEST)) * (1.0 + self.earlier.uniforms(parents.ids))
        first = start - np.rint(earlier).astype(np.int64)
        return first if born is None else np.where(born < start, np.maximum(born, first), born)

    def _begun(self, parents: Rows, since: Ints, gap: Ints, pace: Floats) -> Ints:
        """When the gap after each time is over, under the multipliers of the rate; before the window, under those that
        do not change with time.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.where(pace > 0.0, gap / pace, np.inf)
        static = since + np.minimum(np.rint(own), float(NEVER_REACHED)).astype(np.int64)
        if not timed(self.rate):
            return static
        start = self.window[0]
        left = own - np.maximum(start - since, 0)
        within = reached(self.rate, parents, np.maximum(since, start), np.maximum(left, 0.0) * (1.0 / HOUR))
        return np.where(static < start, static, within)

    def _drawn_ahead(self, table: str, ids: Words, going: Ints, ordinal: int) -> _Drawn:
        """The gaps and lengths of the next intervals of some parents: of several at once where parents are few."""
        ahead = min(max(_DRAWN // max(len(going), 1), 1), _AHEAD, _MOST - ordinal)
        place = np.full(len(ids), -1, np.int64)
        place[going] = np.arange(len(going))
        numbers = np.tile(np.arange(ordinal, ordinal + ahead), len(going))
        own = Rows(Block(table, 0, child_identities(np.repeat(ids[going], ahead), numbers)))
        gaps, lengths = (self._drawn(k, own).reshape(-1, ahead) for k in range(2))
        return _Drawn(ordinal, ordinal + ahead, place, gaps, lengths)

    def _drawn(self, number: int, rows: Rows) -> Ints:
        low, high = _bounds(self.declared[number])
        return np.rint(np.clip(self.distributions[number](rows), low, high)).astype(np.int64)
