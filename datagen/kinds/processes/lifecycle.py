"""States that entities pass through: by shares and dwell times, or by competing hazards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.columnar.block import Block, Floats, Ints, Rows, Words
from datagen.errors import PlanError, ValueFault
from datagen.kinds.behaviors.support.birth_time import births
from datagen.kinds.generators.after import Delay
from datagen.kinds.lifetimes.base import Lifetime
from datagen.kinds.lifetimes.exponential import ConstantHazard
from datagen.kinds.processes.base import EDGE, Process, Simulation, Target
from datagen.kinds.processes.support.dwell import (
    Hazard,
    bound_dwell,
    dwell_problems,
    scaled,
    typical_hours,
)
from datagen.kinds.processes.support.examples import subscribed
from datagen.kinds.processes.support.graph import fastest_cycle, reachable
from datagen.kinds.processes.support.recovery import planted_edges
from datagen.kinds.processes.support.trajectory import OPEN, Trajectory
from datagen.names import ColumnName
from datagen.point_process.effects import Aging, Alive, Calendar, Entity, MaxEvents
from datagen.point_process.rate import Rate
from datagen.point_process.thinning import Multipliers
from datagen.random.streams import Stream, child_identities
from datagen.registry import Strict, did_you_mean
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from datagen.declarations.processes import PlantedEdge
    from datagen.errors import Problem
    from datagen.scope import Scope

Weight = Annotated[float, Field(ge=0, le=1e15)]
MOST_STEPS = 10_000
"""Stays of one entity."""


def _one(data: Any) -> Any:
    return {data: 1.0} if isinstance(data, str) else data


_SHARES = {
    "anyOf": [
        {"type": "string"},
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number", "minimum": 0}},
    ]
}
Shares = Annotated[
    dict[ColumnName, Weight], Field(min_length=1, max_length=100), BeforeValidator(_one), WithJsonSchema(_SHARES)
]
"""Targets with their weights; a bare name is short for the only one."""


class State(Strict):
    """How a state ends: by shares (`next`) after a stay, by competing hazards (`exits`), or not at all."""

    next: Shares | None = Field(default=None, description="where it goes on to, with weights; a name for the only one")
    stay: Delay | None = Field(
        default=None, description="how long a stay lasts: a duration, or a generator of durations"
    )
    after: Annotated[dict[ColumnName, Delay], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="how long a stay lasts that goes on to these states, instead of `stay`"
    )
    exits: Annotated[dict[ColumnName, Lifetime], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="the law of the time to each exit; the first one happens"
    )

    @property
    def to(self) -> tuple[str, ...]:
        """The states that it can go on to, in the order of their names."""
        return tuple(sorted(self.next or self.exits or ()))

    def law(self, to: str) -> Any:
        """The law of the time until it goes on to a state; None where none is said."""
        return (self.exits or {}).get(to) or (self.after or {}).get(to) or self.stay


class Lifecycle(Process):
    """A process of states. A state with `next` is left after a stay, to a target drawn by weights: a semi-Markov process. A state with
    `exits` has one hazard per target, and the first exit happens: competing risks. A state with neither is never left.

    It begins at the entity's birth, before the window too, and is censored at the window's end. Multipliers act on the
    hazard of an exit, on the odds of a share, on the length of a stay; those of shares and stays are taken when the stay begins.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        subscribed(
            {
                "type": "lifecycle",
                "start": "trial",
                "states": {
                    "trial": {"next": {"active": 0.6, "cancelled": 0.4}, "stay": "14d"},
                    "active": {
                        "exits": {
                            "cancelled": {"type": "exponential", "mean": 12},
                            "paused": {"type": "weibull", "shape": 1.5, "scale": 20},
                        }
                    },
                    "paused": {"next": "active", "stay": {"type": "lognormal", "median": "30d", "sigma": 0.5}},
                    "cancelled": {},
                },
            }
        ),
        subscribed(
            {
                "type": "lifecycle",
                "start": {"web": 3, "shop": 1},
                "states": {
                    "web": {"next": "active", "stay": "1d"},
                    "shop": {
                        "next": {"active": 9, "gone": 1},
                        "after": {"active": "2h", "gone": {"type": "exponential", "mean": "3d"}},
                    },
                    "active": {"exits": {"gone": {"type": "exponential", "half_life": 6}}},
                    "gone": {},
                },
            },
            {"type": "segments", "column": "plan", "multiply": {"pro": {"subscription.active>gone": 0.5}}},
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "state_machine",
        "markov",
        "semi_markov",
        "multi_state",
        "competing_risks",
    )

    type: Literal["lifecycle"] = "lifecycle"
    start: Shares = Field(description="the first state, or several with weights")
    states: Annotated[dict[ColumnName, State], Field(min_length=1, max_length=100)] = Field(
        description="each state with how it ends"
    )

    @property
    def state_names(self) -> tuple[str, ...]:
        return tuple(self.states)

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, to) for name, state in self.states.items() for to in state.to)

    def targets(self) -> Mapping[str, Target]:
        found: dict[str, Target] = {}
        for name, state in self.states.items():
            if state.stay is not None or state.after is not None:
                found[name] = "dwell"
            found |= {f"{name}{EDGE}{to}": "share" if state.next else "hazard" for to in state.to}
        return found

    # --- problems ----------------------------------------------------------------------------------------------

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if scope.window is None:
            yield scope.problem("no-window", "a process needs a window", "write 'window' with start and end")
        wrong = [*self._start_problems(scope)]
        for name, state in self.states.items():
            wrong += self._state_problems(state, scope.at("states", name))
        yield from wrong or self._graph_problems(scope)

    def _start_problems(self, scope: Scope) -> Iterator[Problem]:
        yield from self._unknown(self.start, scope, "start")
        if not any(self.start.values()):
            yield scope.problem("range", "every weight is 0", "give one state a weight above 0", "start")

    def _unknown(self, named: Mapping[str, Any], scope: Scope, *keys: str) -> Iterator[Problem]:
        for name in named:
            if name not in self.states:
                hint = did_you_mean(name, list(self.states))
                yield scope.problem("unknown-process", f"there is no state '{name[:60]}'", hint, *keys)

    def _state_problems(self, state: State, scope: Scope) -> Iterator[Problem]:
        if state.exits and state.next:
            message = "a state ends by shares ('next') or by hazards ('exits'), not by both"
            yield scope.problem("conflict", message, "leave out one of them", "exits")
            return
        yield from self._unknown(state.next or {}, scope, "next")
        yield from self._unknown(state.exits or {}, scope, "exits")
        yield from self._dwell_problems(state, scope)
        for to, lifetime in (state.exits or {}).items():
            yield from lifetime.problems(scope.at("exits", to))

    def _dwell_problems(self, state: State, scope: Scope) -> Iterator[Problem]:
        if state.next and not any(state.next.values()):
            yield scope.problem("range", "every weight is 0", "give one target a weight above 0", "next")
        if not state.next:
            for key in ("stay", "after"):
                if getattr(state, key) is not None:
                    hint = "say where it goes on to in 'next', or leave it out"
                    yield scope.problem("no-effect", f"'{key}' needs 'next'", hint, key)
            return
        yield from self._stay_problems(state, scope)
        if state.stay is not None:
            yield from dwell_problems(state.stay, scope.at("stay"))
        for to, law in (state.after or {}).items():
            yield from dwell_problems(law, scope.at("after", to))

    def _stay_problems(self, state: State, scope: Scope) -> Iterator[Problem]:
        """Targets without a law of the stay before them, and laws for what is no target."""
        next_ = state.next or {}
        for to in state.after or {}:
            if to not in next_:
                yield scope.problem("no-effect", f"'{to[:60]}' is not in 'next'", "name a target", "after", to)
        without = [to for to in next_ if state.law(to) is None]
        if without:
            message = f"nothing says how long a stay lasts that goes on to {', '.join(without)[:120]}"
            yield scope.problem("missing", message, 'write "stay": "14d", for example')

    def _graph_problems(self, scope: Scope) -> Iterator[Problem]:
        """States that nobody reaches, and cycles so fast that there is no end of stays."""
        possible = [(name, to) for name, to in self.edges if (self.states[name].next or {}).get(to) != 0]
        met = reachable([name for name, weight in self.start.items() if weight], possible)
        for name in self.states:
            if name not in met:
                message = f"no entity reaches '{name}'"
                yield scope.problem(
                    "no-effect", message, "leave it out, or name it in a 'next' or 'exits'", "states", name
                )
        if scope.window is None:
            return
        hours = {edge: self._typical(*edge, scope) for edge in possible}
        mean, cycle = fastest_cycle(hours)
        length = (scope.window.end - scope.window.start) / HOUR
        if cycle and mean * MOST_STEPS < length:
            message = f"{' > '.join((*cycle, cycle[0]))} takes {mean:.2g} hours a step, more than {MOST_STEPS:,} steps in the window"
            yield scope.problem("too-large", message, "lengthen the stays", "states", cycle[0])

    def _typical(self, state: str, to: str, scope: Scope) -> float:
        return typical_hours(self.states[state].law(to), scope)

    def planted_edges(self, scope: Scope) -> Sequence[PlantedEdge]:
        return tuple(planted_edges(self, scope))

    # --- simulation --------------------------------------------------------------------------------------------

    def bind(self, scope: Scope) -> Simulation:
        assert scope.window is not None
        codes = {name: code for code, name in enumerate(self.states)}
        leaving = tuple(self._leaving(name, codes, scope) for name in self.states)
        names = sorted(self.start)
        weights = np.array([self.start[name] for name in names])
        begin = _Choice(np.array([codes[name] for name in names]), weights, (), scope.stream("start"))
        return _Simulation(births(scope, self.born), begin, leaving, scope.window.end, ".".join(map(str, scope.keys)))

    def _leaving(self, name: str, codes: Mapping[str, int], scope: Scope) -> _Leave | None:
        state, here = self.states[name], scope.at("states", name)
        targets = np.array([codes[to] for to in state.to], np.int64)
        if state.exits:
            hazards = tuple(self._hazard(name, to, here) for to in state.to)
            return _Exits(targets, hazards).leave
        if not state.next:
            return None
        rates = tuple(_effects(here, f"{name}{EDGE}{to}") for to in state.to)
        weights = np.array([state.next[to] for to in state.to])
        own = state.after or {}
        laws = [bound_dwell(state.law(to), here.at("after", to) if to in own else here.at("stay")) for to in state.to]
        choice = _Choice(targets, weights, rates, here.stream("next"))
        return _Next(choice, tuple(laws), _effects(here, name)).leave

    def _hazard(self, name: str, to: str, here: Scope) -> Hazard:
        law = (self.states[name].exits or {})[to]
        path = f"{name}{EDGE}{to}"
        rate = _effects(here, path)
        timed = any(isinstance(effect, Calendar | Aging) for _, effect in rate.effects)
        if timed and not isinstance(law, ConstantHazard):
            raise PlanError(
                f"a multiplier of '{rate.target}' that changes with age or calendar needs a constant hazard, not '{law.type}'; write "
                f"an 'exponential' exit, or multiply it by segments or frailty"
            )
        if rate and not hasattr(law, "law"):
            raise PlanError(f"the hazard '{law.type}' of '{rate.target}' cannot be multiplied; write a continuous law")
        return Hazard(law, rate, here.at("exits", to).stream("time"))


def _effects(here: Scope, path: str) -> Rate:
    """What behaviors multiply at a path below the process."""
    rate = here.multipliers(f"{here.keys[3]}.{path}")
    for _, effect in rate.effects:
        if isinstance(effect, Alive | MaxEvents):
            raise PlanError(
                f"a behavior that ends lives cannot act on '{rate.target}'; let the process have such an exit"
            )
    return rate


_Leave = Callable[[Rows, Words, Ints], "tuple[Ints, Ints]"]
"""From entities, the identities of their steps and when they entered, to when they leave and for which state (-1: never)."""


@dataclass(frozen=True, eq=False)
class _Choice:
    """A target by weights, each times what behaviors multiply its odds with."""

    targets: Ints
    weights: Floats
    rates: tuple[Rate, ...]
    stream: Stream

    def __call__(self, rows: Rows, ids: Words, times: Ints) -> Ints:
        """The position of the chosen target, int64, shape (n,); -1 where every weight is 0."""
        rates = self.rates or (None,) * len(self.weights)
        odds = [
            weight * rate.untreated.at(rows, times) if rate else np.full(len(ids), weight)
            for weight, rate in zip(self.weights.tolist(), rates, strict=True)
        ]
        chosen = _drawn(odds, self.stream.uniforms(ids))
        if not any(rate is not None and rate.treatments for rate in rates):
            return chosen
        return self._treated(rows, ids, times, (odds, chosen))

    def _treated(self, rows: Rows, ids: Words, times: Ints, before: tuple[list[Floats], Ints]) -> Ints:
        """The choice under treatments: as before, but for as few as their odds ask for (a maximal coupling)."""
        odds, chosen = before
        here = np.arange(len(ids))
        after = [
            own * Multipliers.of(rate, rows).at(here, times) if rate.treatments else own
            for own, rate in zip(odds, self.rates, strict=True)
        ]
        old, new = _shares(odds), _shares(after)
        likely = old[np.maximum(chosen, 0), here], new[np.maximum(chosen, 0), here]
        moved = self.stream.lane(1).uniforms(ids) * likely[0] >= likely[1]
        again = _drawn(list(np.maximum(new - old, 0.0)), self.stream.lane(2).uniforms(ids))
        return np.where(moved | (chosen < 0), again, chosen)


def _drawn(odds: list[Floats], uniforms: Floats) -> Ints:
    """The position that each uniform chooses among these odds, int64, shape (n,); -1 where all are 0."""
    total, sums = np.zeros(len(uniforms)), []
    for own in odds:
        total = total + own
        sums.append(total)
    drawn = uniforms * total
    chosen = np.zeros(len(uniforms), np.int64)
    for reached in sums[:-1]:
        chosen += drawn >= reached
    return np.where(total > 0.0, chosen, -1)


def _shares(odds: list[Floats]) -> Floats:
    """Odds as shares, shape (targets, n)."""
    total = np.zeros(len(odds[0]))
    for own in odds:
        total = total + own
    return np.stack(odds) / np.maximum(total, 1e-300)


@dataclass(frozen=True, eq=False)
class _Next:
    """A stay, and then a target by shares."""

    choice: _Choice
    laws: tuple[Callable[[Words], Ints], ...]
    rate: Rate

    def leave(self, rows: Rows, ids: Words, entered: Ints) -> tuple[Ints, Ints]:
        chosen = self.choice(rows, ids, entered)
        lengths = np.zeros(len(ids), np.int64)
        for number, law in enumerate(self.laws):
            at = np.flatnonzero(chosen == number)
            if len(at):
                lengths[at] = law(ids[at])
        if self.rate:
            lengths = scaled(lengths, self.rate.at(rows, entered))
        left = np.minimum(entered + np.minimum(lengths, OPEN), OPEN)
        never = chosen < 0
        return np.where(never, OPEN, left), np.where(never, -1, self.choice.targets.take(np.maximum(chosen, 0)))


@dataclass(frozen=True, eq=False)
class _Exits:
    """Competing hazards: the first exit happens."""

    targets: Ints
    hazards: tuple[Hazard, ...]

    def leave(self, rows: Rows, ids: Words, entered: Ints) -> tuple[Ints, Ints]:
        first, to = np.full(len(ids), OPEN, np.int64), np.full(len(ids), -1, np.int64)
        for target, hazard in zip(self.targets.tolist(), self.hazards, strict=True):
            left = hazard.leave(rows, ids, entered)
            sooner = left < first
            first, to = np.where(sooner, left, first), np.where(sooner, target, to)
        return first, to


@dataclass(frozen=True, eq=False)
class _Simulation:
    """Steps for all entities of a block at once: each step leaves one state for those who are still on their way."""

    born: Callable[[Entity], Ints]
    begin: _Choice
    leaving: tuple[_Leave | None, ...]
    end: int
    name: str

    def __call__(self, parents: Block) -> Trajectory:
        return self.until(parents, self.end)

    def until(self, parents: Block, end: int) -> Trajectory:
        if (self.name, end) not in parents.memo:
            parents.memo[self.name, end] = self._simulated(parents, end)
        found: Trajectory = parents.memo[self.name, end]
        return found

    def _simulated(self, parents: Block, end: int) -> Trajectory:
        born = self.born(Rows(parents))
        at = np.flatnonzero(born < end)
        rows, time = Rows(parents, at), born[at]
        state = self.begin.targets.take(self.begin(rows, parents.ids[at], time))
        steps: list[tuple[Ints, ...]] = []
        while len(at):
            if len(steps) == MOST_STEPS:
                raise ValueFault(f"an entity has more than {MOST_STEPS:,} stays; lengthen the stays of the process")
            left, to = self._step(Rows(parents, at), len(steps), state, time)
            open_ = (left >= end) | (to < 0)
            left, to = np.where(open_, OPEN, left), np.where(open_, -1, to)
            steps.append((at, state, time, left, to))
            on = ~open_
            at, state, time = at[on], to[on], left[on]
        return _gathered(steps, len(parents))

    def _step(self, rows: Rows, step: int, state: Ints, entered: Ints) -> tuple[Ints, Ints]:
        ids = child_identities(rows.ids, np.full(len(rows), step, np.int64))
        left, to = np.full(len(ids), OPEN, np.int64), np.full(len(ids), -1, np.int64)
        for code, leave in enumerate(self.leaving):
            at = np.flatnonzero(state == code)
            if leave is not None and len(at):
                left[at], to[at] = leave(rows.take(at), ids[at], entered[at])
        return left, to


def _gathered(steps: list[tuple[Ints, ...]], entities: int) -> Trajectory:
    """The stays of all steps in the order of entity and time."""
    counts = np.zeros(entities, np.int64)
    for at, *_ in steps:
        counts[at] += 1
    starts = np.cumsum(counts) - counts
    columns = np.empty((4, int(counts.sum())), np.int64)
    for number, (at, *values) in enumerate(steps):
        place = starts[at] + number
        for column, value in zip(columns, values, strict=True):
            column[place] = value
    return Trajectory(counts, *columns)
