"""Events over the life of a parent, at a rate changed by behaviors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import (
    CATEGORY,
    INT,
    TIMESTAMP,
    Attribute,
    Attributes,
    Block,
    Column,
    Floats,
    Ints,
    Rows,
    Words,
)
from datagen.columnar.row_time import births_above
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import BeforeDeclaration, NotBeforeDeclaration, RangeDeclaration
from datagen.declarations.processes import DuringDeclaration
from datagen.declarations.rates import BaseRate, BgNbdDeclaration, RateDeclaration, StayTable
from datagen.errors import PlanError, Problem
from datagen.kinds.interarrival.base import Interarrival, Setting
from datagen.kinds.interarrival.poisson import PoissonGaps
from datagen.kinds.row_sources.base import Children, Expansion
from datagen.kinds.row_sources.stays import Stays
from datagen.kinds.row_sources.support.budget import campaigns
from datagen.kinds.row_sources.support.candidates import CANDIDATE, EventCandidates, OccurringEvents
from datagen.kinds.row_sources.support.during import ActivityInterval, During, shared, spells_of
from datagen.kinds.row_sources.support.filterable import FilterableRows
from datagen.kinds.row_sources.support.process_view import process_needs
from datagen.kinds.row_sources.support.triggers import BoundTrigger, Trigger, Triggered, in_order
from datagen.point_process.effects import Interval, MaxEvents
from datagen.point_process.exposure import cells
from datagen.point_process.factors import BgNbdDropout
from datagen.point_process.ground_truth import GroundTruth
from datagen.point_process.process import Events, Process, ProcessInput, gathered
from datagen.point_process.rate import Rate
from datagen.point_process.thinning import Multipliers, treat, without
from datagen.random.distributions import gamma
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.streams import Stream
from datagen.scope import ColumnRef, Scope, Simulation
from datagen.time_units import UNIT_HOURS

if TYPE_CHECKING:
    from datagen.scope import StaticContext

LEAST_DISPERSION = 1e-6
UNITS = ("hour", "day", "week", "month", "year")


class EventsOverTime(FilterableRows):
    """A non-homogeneous Poisson process per parent, from its birth (or the window's start) to its end.

    The rate is the base, times the parent's own gamma multiplier (mean 1, variance `dispersion`), times every behavior
    on this table. Counts over equal exposure are negative binomial: variance = mean + dispersion x mean squared.
    """

    root: ClassVar[bool] = False
    spread_over_time: ClassVar[bool] = True
    time: ClassVar[str | None] = "event_time"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "visits",
            "window": {"start": "2024-01-01", "end": "2024-07-01"},
            "tables": {
                "users": {"rows": 20, "columns": {"user_id": {"type": "key"}}},
                "visits": {
                    "parent": "users",
                    "rows": {"type": "events", "mean_per_month": 3, "dispersion": 0.5},
                    "columns": {
                        "visit_id": {"type": "key"},
                        "user_id": {"type": "parent_key"},
                        "visited_at": {"type": "event_time"},
                    },
                },
            },
        },
        campaigns(),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "event",
        "time_series",
        "timeseries",
        "rate",
        "poisson",
        "stream",
    )
    type: Literal["events"] = "events"
    mean_per_hour: float | None = Field(default=None, gt=0, le=1e7, description="events per parent and hour")
    mean_per_day: float | None = Field(default=None, gt=0, le=1e8, description="events per parent and day")
    mean_per_week: float | None = Field(default=None, gt=0, le=1e9, description="events per parent and week")
    mean_per_month: float | None = Field(
        default=None, gt=0, le=1e9, description="events per parent and month of 730.5 hours"
    )
    mean_per_year: float | None = Field(
        default=None, gt=0, le=1e10, description="events per parent and year of 8,766 hours"
    )
    dispersion: float = Field(
        default=0.0,
        ge=0,
        le=100,
        description="variance of the parents' own multipliers (gamma, mean 1); 0, or 1e-6 or more",
    )
    gaps: Interarrival = Field(
        default=PoissonGaps(), description="the distribution of gaps between events: random, regular, or in bursts"
    )
    since: str | None = Field(
        default=None,
        description=(
            "the parent's timestamp from which events start, if later than the parent's own time; null means never"
        ),
    )
    until: str | None = Field(default=None, description="the parent's timestamp at which events end; null means never")
    during: During | None = Field(default=None, description="only while the parent is in these states of its process")

    triggered_by: Trigger | None = Field(
        default=None, description="rows of a sibling table that trigger further events"
    )

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        """The time; for triggered events also the key of the `cause`, missing if there is none, and
        its `cause_kind`.
        """
        found = {"event_time": Attribute(TIMESTAMP)}
        if self.gaps.causal:
            found["cause_number"] = Attribute(INT, nullable=True)
        if self.triggered_by is not None:
            found["cause"] = Attribute(INT, nullable=True, depends_on_row_number=True)
            if self.triggered_by.by is not None:
                kinds = self.triggered_by.kinds(context)
                found["cause_kind"] = Attribute(CATEGORY, nullable=True, domain=kinds or None)
        return found

    @property
    def per_hour(self) -> float:
        """The base rate of a parent per hour."""
        given = {unit: getattr(self, f"mean_per_{unit}") for unit in UNITS}
        return next(float(mean) / UNIT_HOURS[unit] for unit, mean in given.items() if mean is not None)

    @property
    def regular(self) -> bool:
        return self.gaps.regular

    def switches(self, scope: Scope) -> tuple[str, ...]:
        return self.triggered_by.switches(scope) if self.triggered_by is not None else ()

    @property
    def follows(self) -> str | None:
        return self.during.process if self.during is not None else None

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        parent = scope.table.parent
        own = frozenset((parent, c) for c in (self.since, self.until) if c and parent)
        if self.during is not None:
            own |= process_needs(scope, self.during.process)
        return own if self.triggered_by is None else own | self.triggered_by.needs()

    def working(self, scope: Scope) -> int:
        drawn = self.gaps.working(scope.window.end - scope.window.start) if scope.window is not None else 0
        return drawn + CANDIDATE * self._read(scope)

    @property
    def after(self) -> str | None:
        return self.triggered_by.table if self.triggered_by is not None else None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        given = [f"mean_per_{u}" for u in UNITS if getattr(self, f"mean_per_{u}") is not None]
        if len(given) != 1:
            found, hint = (
                (" and ".join(given), "keep one") if given else ("none", 'write "mean_per_month": 2, for example')
            )
            yield scope.problem(
                "conflict", f"needs one of {', '.join(f'mean_per_{u}' for u in UNITS)}; has {found}", hint
            )
        if 0 < self.dispersion < LEAST_DISPERSION:
            tiny = f"a dispersion of {self.dispersion:g} is too small to be visible"
            yield scope.problem("range", tiny, f"write 0, or {LEAST_DISPERSION:g} or more", "dispersion")
        for field in ("since", "until"):
            yield from self._time_problems(scope, field)
        yield from self.gaps.problems(scope.at("gaps"))
        if self.during is not None:
            yield from self.during.problems(scope.at("during"))
            if self.during.multiply and self.gaps.type != "poisson":
                wrong = f"factors by state act on gaps of type 'poisson', not '{self.gaps.type}'"
                yield scope.problem("conflict", wrong, "leave out 'multiply', or the gaps", "during", "multiply")
        if self.triggered_by is not None:
            yield from self.triggered_by.problems(scope.at("triggered_by"))
        if self.during is not None and self._read(scope) and max(self.during.multiply.values(), default=0) > 1:
            message = "the process depends on these rows, so factors by state cannot be above 1"
            yield scope.problem("range", message, "raise the mean, and write factors up to 1", "during", "multiply")

    def _time_problems(self, scope: Scope, field: str) -> Iterator[Problem]:
        column, parent = getattr(self, field), scope.table.parent
        if column is None or parent is None or parent not in scope.tables():
            return
        if column not in scope.tables()[parent].columns:
            yield scope.problem(
                "unknown-column", f"'{parent}' has no column '{column}'", "name a timestamp of the parent", field
            )
            return
        type_ = scope.type_of(column, parent)
        if type_ is not None and type_.name != "timestamp":
            yield scope.problem(
                "type", f"'{column}' of '{parent}' is {type_}, not a timestamp", "name a timestamp of the parent", field
            )

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        table, column, window = scope.table.name, scope.table.moment, scope.window
        if column is None or window is None:
            return
        since, until, parent = self.since, self.until, scope.table.parent or ""
        stay = ActivityInterval(since, until, (window.start, window.end))
        yield RangeDeclaration(table, column, low=window.start, high=window.end, range="the window", open_end=True)
        if since:
            yield NotBeforeDeclaration(
                table, column, bound=lambda rows: rows.up().column(since), what=f"'{parent}.{since}'"
            )
        yield NotBeforeDeclaration(table, column, bound=births_above, what=f"their row of '{parent}' came to be")
        if until:
            yield BeforeDeclaration(
                table, column, bound=lambda rows: rows.up().column(until), what=f"'{parent}.{until}'"
            )
        yield from self._trigger_declarations(scope, stay)
        planted = scope.planted()
        if self.during is not None:
            yield from self._during_declarations(scope, planted, column)
            return
        cause = self.triggered_by.label(scope) if self.triggered_by is not None else None
        if self.triggered_by is None or cause is not None:
            yield RateDeclaration(table, planted, self._base(), stay, lambda: scope.rows_in(parent), cause)
        if self.triggered_by is not None:
            return
        yield from self.gaps.declarations(scope, (self.per_hour, self.dispersion), stay)
        if self.gaps.fano == 1.0 and any(isinstance(unobserved, BgNbdDropout) for _, unobserved in planted.unobserved):
            yield BgNbdDeclaration(table, planted, self.per_hour, stay, lambda: scope.rows_in(parent))

    def _trigger_declarations(self, scope: Scope, stay: ActivityInterval) -> Iterable[Declaration]:
        if self.triggered_by is None:
            return ()
        spells = next(self._spells(scope), None)
        unknown = "the lives of parents end it" if scope.planted().survival_factors else ""
        if self.during is not None and spells is None:
            unknown = unknown or "no table shows the stays in which it acts"
        return self.triggered_by.declarations(scope.at("triggered_by"), stay, spells, unknown)

    def _spells(self, scope: Scope) -> Iterator[StayTable]:
        """The tables that show all stays of the process of `during`."""
        parent = scope.tables()[scope.table.parent or ""]
        for name, facts in scope.tables().items():
            view = facts.rows
            if self.during is None or facts.parent != parent.name or not isinstance(view, Stays):
                continue
            shown, process = view.columns(facts), parent.processes[self.during.process]
            whole = view.process == self.during.process and view.in_ is None
            if whole and {"state", "entered_at", "left_at"} <= shown.keys():
                yield StayTable(name, shown, process.state_names, tuple(self.during.factors(process)))

    def _during_declarations(self, scope: Scope, planted: GroundTruth, column: str) -> Iterable[Declaration]:
        """The declarations of events during a process, if a table shows all its stays."""
        assert self.during is not None and scope.window is not None
        process = scope.tables()[scope.table.parent or ""].processes[self.during.process]
        alone = self.since is None and self.until is None and self.triggered_by is None
        alone &= not (self.dispersion and self._read(scope))  # then states depend on the parent's own multiplier
        plain, bounds = self.gaps.type == "poisson" and alone, (scope.window.start, scope.window.end)
        for spells in itertools.islice(self._spells(scope), 1):
            yield DuringDeclaration(
                scope.table.name, column, spells.table, spells.shown, spells.names, self.during.factors(process),
                planted, self._base(), bounds, plain,
            )  # fmt: skip

    def _base(self) -> BaseRate:
        unit = next(unit for unit in UNITS if getattr(self, f"mean_per_{unit}") is not None)
        mean, gaps = getattr(self, f"mean_per_{unit}"), self.gaps
        figures = (gaps.variation, gaps.fano, gaps.max_fano, gaps.apart, gaps.distribution)
        return BaseRate(mean, unit, UNIT_HOURS[unit], self.dispersion, gaps.type, *figures)

    @property
    def foreseen(self) -> bool:
        return self.triggered_by is None and not self.filtered

    def foreseen_needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return self.model_copy(update={"during": None}).needs(scope)

    def candidates(self, scope: Scope) -> EventCandidates:
        alone, parent = self.model_copy(update={"during": None}), scope.tables()[scope.table.parent or ""]
        factors = self.during.factors(parent.processes[self.during.process]) if self.during is not None else None
        made = alone.bind(scope, 1.0)
        return EventCandidates(scope.table.name, made, factors, scope.stream("during"), scope.foreseen_fill())

    def _read(self, scope: Scope) -> bool:
        """Whether the process that it follows depends on these rows."""
        parent = scope.tables().get(scope.table.parent or "")
        process = parent.processes.get(self.follows or "") if parent is not None else None
        return process is not None and scope.table.name in process.reads

    def bind(self, scope: Scope, scale: float) -> Children:
        if self._read(scope):
            return OccurringEvents(scope.candidates(scope.table.name), scope.process(self.follows or ""))
        rate = scope.rate()
        processes = self._processes(scope, rate)
        frailty = gamma(1 / self.dispersion, 1.0) if self.dispersion else None
        if rate.treatments:
            self._treatable(rate)
        streams = scope.stream("frailty"), scope.stream("treatment")
        rest = _EventSource(self, rate, processes, streams, frailty, self._during(scope))
        factual = scope.factual() if self.gaps.type == "poisson" else None
        happening = rest if factual is None else self._counterfactual(scope, rest, factual)
        if self.triggered_by is None:
            return happening
        return _Superposed(happening, self.triggered_by.bind(scope.at("triggered_by")))

    def _counterfactual(self, scope: Scope, rest: _EventSource, factual: tuple[Rate, Rate]) -> _Counterfactual:
        """The events without the behaviors that are switched off, out of those with them. Raises PlanError if that is
        impossible.
        """
        if any(isinstance(effect, MaxEvents) for _, effect in factual[0].effects):
            raise PlanError(
                f"what ends with a number of events (bg_nbd) acts on '{rest.rate.target}', so nothing on it can "
                f"be switched off row by row"
            )
        own = replace(rest, rate=factual[0], processes=self._processes(scope, factual[0]))
        return _Counterfactual(own, rest, factual[1], scope.stream("without"))

    def _processes(self, scope: Scope, rate: Rate) -> tuple[Process, ...]:
        """The process on each calendar of a rate."""
        window = scope.window
        assert window is not None
        settings = (Setting(clock, window.start, window.end, self.per_hour) for clock in rate.clocks)
        return tuple(self.gaps.process(setting, scope.at("gaps")) for setting in settings)

    def _treatable(self, rate: Rate) -> None:
        """Raises PlanError where an experiment cannot thin and add events."""
        if self.gaps.type != "poisson":
            raise PlanError(
                f"an experiment or a countdown acts on '{rate.target}', whose gaps are of type '{self.gaps.type}'; "
                f"only gaps of type 'poisson' allow that events are removed and added"
            )
        if any(isinstance(effect, MaxEvents) for _, effect in rate.effects):
            raise PlanError(
                f"an experiment or a countdown acts on '{rate.target}', whose events end with a number of them "
                f"(bg_nbd); use a lifetime instead"
            )

    def _during(self, scope: Scope) -> _During | None:
        if self.during is None:
            return None
        parent = scope.tables()[scope.table.parent or ""]
        factors = self.during.factors(parent.processes[self.during.process])
        return _During(scope.process(self.during.process), factors, bool(self.during.multiply))


@dataclass(frozen=True, slots=True, eq=False)
class _During:
    """The states of a process in which events occur, by code, with the rate factor of each."""

    simulate: Simulation
    factors: Mapping[int, float]
    multiplied: bool

    def __call__(self, rows: Rows, end: int) -> tuple[list[Interval], list[Floats]]:
        """The stays of each row in these states, and the factor in each."""
        spells, factors = spells_of(self.simulate.until(rows.block, end), self.factors, end)
        if rows.at is None:
            return spells, factors
        return [(start[rows.at], stop[rows.at]) for start, stop in spells], [factor[rows.at] for factor in factors]


@dataclass(frozen=True, slots=True)
class _Exposure:
    """The exposure intervals of each parent in time order, and the rate factors in each."""

    spells: list[Interval]
    factors: list[Floats] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _EventSource:
    kind: EventsOverTime
    rate: Rate
    processes: tuple[Process, ...]
    streams: tuple[Stream, Stream]
    frailty: InverseCdfTable | None
    during: _During | None = None
    fixed: int | None = None

    def counts(self, parents: Block) -> Ints:
        counts = np.zeros(len(parents), np.int64)
        everyone = Rows(parents)
        for process, at in self._by_clock(everyone):
            rows = everyone if at is None else everyone.take(at)
            found = process.counts(self._exposed(process, rows, self._spells(process, rows), rows.ids))
            if self.rate.treatments:
                touched = Multipliers.of(self.rate, rows).touched
                some = rows.take(touched)
                found[touched] = self._events(process, some, some.ids).counts
            counts[_everywhere(at)] = found
        return counts

    def expand(self, parents: Block) -> Expansion:
        events = self.events(Rows(parents), parents.ids)
        attributes: dict[str, Callable[[], Column]] = {"event_time": lambda: Column(TIMESTAMP, events.times)}
        if self.kind.gaps.causal:
            causes = np.zeros(len(events.ids), np.uint64) if events.causes is None else events.causes
            attributes["cause_number"] = partial(_cause_numbers, causes, events.ids, events.counts)
        return Expansion(events.counts, events.ids, Attributes(attributes))

    def events(self, rows: Rows, ids: Words) -> Events:
        """The events of some parents, from draws addressed by `ids`."""
        parts = []
        for process, at in self._by_clock(rows):
            some = rows if at is None else rows.take(at)
            parts.append((at, self._events(process, some, ids if at is None else ids[at])))
        return parts[0][1] if len(parts) == 1 else _interleaved(parts, len(rows))

    def _by_clock(self, rows: Rows) -> Iterator[tuple[Process, Ints | None]]:
        """The positions of the parents that follow each calendar; None for all."""
        group = self.rate.group(rows)
        if group is None:
            yield self.processes[0], None
            return
        for code, process in enumerate(self.processes):
            at = np.flatnonzero(group == code)
            if len(at):
                yield process, at

    def _base(self, rows: Rows) -> Floats:
        """Events per hour of each parent before age and calendar."""
        base = self.rate.static(rows) * self.kind.per_hour
        return base * self.frailty.sample(self.streams[0], rows.ids) if self.frailty is not None else base

    def _spells(self, process: Process, rows: Rows) -> _Exposure:
        """The exposure of each parent. It may end beyond the window, where events are cut."""
        start, end = ActivityInterval(self.kind.since, self.kind.until, (process.start, process.horizon))(rows)
        spells = self.rate.spells(rows)
        own = [(start, end)]
        if spells is not None:
            own = [(np.maximum(begin, start), np.minimum(finish, end)) for begin, finish in spells]
        if self.during is None:
            return _Exposure(own)
        stays, factors = self.during(rows, process.horizon)
        found, number = shared(stays, own)
        return _Exposure(found, [factors[k] for k in number] if self.during.multiplied else None)

    def exposure(self, parents: Block) -> list[Interval]:
        """The exposure of each parent within the window, start and end in microseconds (parents,), per spell."""
        found: list[Interval] = []
        for process, at in self._by_clock(Rows(parents)):
            for number, (begin, end) in enumerate(self._spells(process, Rows(parents, at)).spells):
                if number == len(found):
                    found.append((np.zeros(len(parents), np.int64), np.zeros(len(parents), np.int64)))
                here = _everywhere(at)
                found[number][0][here], found[number][1][here] = begin, np.minimum(end, process.end)
        return found

    def _exposed(self, process: Process, rows: Rows, exposure: _Exposure, ids: Words) -> ProcessInput:
        found = cells(process.clock, exposure.spells, self.rate.agings(rows), exposure.factors)
        return ProcessInput(ids, self._base(rows), tuple(found), self.rate.quota(rows))

    def _events(self, process: Process, rows: Rows, ids: Words) -> Events:
        if not self.rate.treatments:
            return self._untreated(process, rows, ids)
        return treat(partial(self._untreated, process), self.rate, rows, ids, self.streams[1])

    def _untreated(self, process: Process, rows: Rows, ids: Words) -> Events:
        """The events without treatments, from draws addressed by `ids`."""
        exposure = self._spells(process, rows)
        events = process.events(self._exposed(process, rows, exposure, ids))
        # the clock and its inverse agree up to rounding, a microsecond at either end
        first, last = exposure.spells[0][0], np.minimum(exposure.spells[-1][1], process.end) - 1

        def times() -> Ints:
            begun = np.maximum(events.times, np.repeat(first, events.counts))
            placed: Ints = np.minimum(begun, np.repeat(last, events.counts))
            return placed

        return Events(events.counts, events.ids, times, events.causes)


@dataclass(frozen=True, slots=True, eq=False)
class _Counterfactual:
    """The events of the `rest`, without what was switched `off`, out of the `factual` ones."""

    factual: _EventSource
    rest: _EventSource
    off: Rate
    stream: Stream
    fixed: int | None = None

    def counts(self, parents: Block) -> Ints:
        return self._events(parents).counts

    def expand(self, parents: Block) -> Expansion:
        events = self._events(parents)
        return Expansion(events.counts, events.ids, {"event_time": Column(TIMESTAMP, events.times)})

    def exposure(self, parents: Block) -> list[Interval]:
        return self.rest.exposure(parents)

    def _events(self, parents: Block) -> Events:
        return without(self.factual.events, self.rest.events, self.off, Rows(parents), self.stream)


@dataclass(frozen=True, slots=True, eq=False)
class _Superposed:
    """The events of the base rate and the triggered events, while their parent is exposed."""

    base: _EventSource | _Counterfactual
    trigger: BoundTrigger
    fixed: int | None = None

    def counts(self, parents: Block) -> Ints:
        owner = self._within(parents).owner
        return self.base.counts(parents) + np.bincount(owner, minlength=len(parents)).astype(np.int64)

    def expand(self, parents: Block) -> Expansion:
        alone, more = self.base.expand(parents), self._within(parents)
        owner = np.concatenate([np.repeat(np.arange(len(parents)), alone.counts), more.owner])
        times = np.concatenate([alone.attributes["event_time"].data, more.times])
        ids = np.concatenate([alone.ids, more.ids])
        cause = np.concatenate([np.full(len(alone.ids), -1, np.int64), more.cause])
        order = in_order(owner, times, ids)
        attributes = {"event_time": Column(TIMESTAMP, times[order])}
        attributes |= self.trigger.attributes(parents, cause[order])
        counts = np.bincount(owner, minlength=len(parents)).astype(np.int64)
        if "cause_number" in alone.attributes:
            attributes["cause_number"] = _renumbered(alone, order, counts)
        return Expansion(counts, ids[order], attributes)

    def _within(self, parents: Block) -> Triggered:
        """The events within the exposure of their parent."""
        found = self.trigger.events(parents)
        exposed = np.zeros(len(found.ids), np.bool_)
        for begin, end in self.base.exposure(parents):
            exposed |= (found.times >= begin[found.owner]) & (found.times < end[found.owner])
        return found.take(np.flatnonzero(exposed))


def _everywhere(at: Ints | None) -> Ints | slice:
    return slice(None) if at is None else at


def _interleaved(parts: list[tuple[Ints | None, Events]], parents: int) -> Events:
    """The events of disjoint groups of parents, given by their positions, in the order of the parents."""
    spread = []
    for at, events in parts:
        counts = np.zeros(parents, np.int64)
        counts[_everywhere(at)] = events.counts
        spread.append(replace(events, counts=counts))
    return gathered(spread, parents)


def _renumbered(alone: Expansion, order: Ints, counts: Ints) -> Column:
    """The numbers of causes after the events were merged with others."""
    numbers, size = alone.attributes["cause_number"], len(alone.ids)
    there = np.ones(size, np.bool_) if numbers.valid is None else numbers.valid
    begin = np.repeat(np.cumsum(alone.counts) - alone.counts, alone.counts)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    first = np.repeat(np.cumsum(counts) - counts, alone.counts)
    found = place[np.where(there, begin + numbers.data - 1, 0)] - first + 1
    more = np.zeros(len(order) - size, np.int64)
    return Column(INT, np.concatenate([found, more])[order]).where(np.concatenate([there, more > 0])[order])


def _cause_numbers(causes: Words, ids: Words, counts: Ints) -> Column:
    """The number of each event's cause among the events of its parent, from 1; missing if the cause is
    no event of it.
    """
    order = np.argsort(ids)
    at = (
        order[np.minimum(np.searchsorted(ids[order], causes), max(len(ids) - 1, 0))]
        if len(ids)
        else np.zeros(0, np.int64)
    )
    first = np.repeat(np.cumsum(counts) - counts, counts)
    return Column(INT, at - first + 1).where(ids[at] == causes)
