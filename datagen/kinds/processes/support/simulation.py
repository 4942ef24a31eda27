"""Takes a block of entities from state to state, step by step, all of them at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Floats, Ints, Rows, Words
from datagen.errors import ValueFault
from datagen.kinds.processes.support.covariates import BoundCovariate, History, Modulation
from datagen.kinds.processes.support.dwell import Hazard, scaled
from datagen.point_process.effects import Entity
from datagen.point_process.rate import Rate
from datagen.point_process.thinning import Multipliers
from datagen.point_process.trajectory import OPEN, Trajectory
from datagen.random.streams import Stream, child_identities

if TYPE_CHECKING:
    from datagen.expressions.compiled_expression import Compiled
    from datagen.scope import ForeseenRows

MOST_STEPS = 10_000
"""Stays of one entity."""


@dataclass(frozen=True, slots=True, eq=False)
class StateEntries:
    """n entities that enter a state: the identities of their steps, when (microseconds), and the codes of their
    attributes.
    """

    rows: Rows
    ids: Words
    entered: Ints
    values: Mapping[str, Ints]
    histories: Mapping[str, History] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, at: Ints) -> StateEntries:
        values = {name: codes[at] for name, codes in self.values.items()}
        return StateEntries(self.rows.take(at), self.ids[at], self.entered[at], values, self.histories)

    def modulation(self, acting: tuple[BoundCovariate, ...]) -> Modulation | None:
        """What covariates multiply a hazard with during the stays; None where there are none."""
        assert self.rows.at is not None
        return Modulation(acting, self.histories, self.rows.at, self.entered) if acting else None


class StateExits(NamedTuple):
    """When n entities leave, for which state (-1: never), and the attributes that they take along."""

    at: Ints
    to: Ints
    values: Mapping[str, Ints]


Leave = Callable[[StateEntries], StateExits]
Held = tuple[Ints, Mapping[str, Ints], Mapping[str, History]]
"""What entities bring into a state: when they enter, their attributes, and the rows that covariates count."""


def holds(condition: Column) -> Bools:
    """Where an SQL condition is true: neither false nor unknown."""
    found: Bools = condition.data if condition.valid is None else condition.data & condition.valid
    return found


@dataclass(frozen=True, slots=True, eq=False)
class TargetMultiplier:
    """What multiplies one target: behaviors, the values of attributes, and a condition, outside of which it is 0."""

    rates: tuple[Rate, ...] = ()
    by_value: tuple[tuple[str, Floats], ...] = ()
    condition: Compiled | None = None

    def __bool__(self) -> bool:
        return bool(self.rates or self.by_value or self.condition is not None)

    def kept(self, stays: StateEntries) -> Floats | None:
        """What does not change during the stay, shape (n,), behaviors left aside; None where there is nothing."""
        if not self.by_value and self.condition is None:
            return None
        factor = np.ones(len(stays))
        for name, table in self.by_value:
            factor *= table.take(stays.values[name])
        if self.condition is not None:
            factor *= holds(self.condition(stays.rows))
        return factor

    @property
    def treated(self) -> bool:
        """Whether an experiment acts on it."""
        return any(rate.treatments for rate in self.rates)

    def untreated(self, stays: StateEntries) -> Floats:
        """What it is when the stay begins, experiments left aside, shape (n,)."""
        kept = self.kept(stays)
        factor = np.ones(len(stays)) if kept is None else kept
        for rate in self.rates:
            factor *= rate.untreated.at(stays.rows, stays.entered)
        return factor

    def at(self, stays: StateEntries) -> Floats:
        """All of it when the stay begins, shape (n,)."""
        return self.untreated(stays) * self.treatment(stays)

    def treatment(self, stays: StateEntries) -> Floats:
        """What experiments multiply it with when the stay begins, shape (n,)."""
        factor, here = np.ones(len(stays)), np.arange(len(stays))
        for rate in self.rates:
            if rate.treatments:
                factor *= Multipliers.of(rate, stays.rows).at(here, stays.entered)
        return factor


@dataclass(frozen=True, eq=False)
class Choice:
    """A target by weights, each times what multiplies its odds."""

    targets: Ints
    weights: Floats
    odds: tuple[TargetMultiplier, ...]
    stream: Stream

    def __call__(self, stays: StateEntries) -> Ints:
        """The position of the chosen target, int64, shape (n,); -1 where every weight is 0."""
        several = self.odds or (TargetMultiplier(),) * len(self.weights)
        odds = [
            weight * own.untreated(stays) if own else np.full(len(stays), weight)
            for weight, own in zip(self.weights.tolist(), several, strict=True)
        ]
        chosen = _drawn(odds, self.stream.uniforms(stays.ids))
        return self._treated(stays, odds, chosen) if any(own.treated for own in several) else chosen

    def _treated(self, stays: StateEntries, odds: list[Floats], chosen: Ints) -> Ints:
        """The choice under treatments: as before, but for as few as their odds ask for (a maximal coupling)."""
        here = np.arange(len(stays))
        after = [
            own * multiplier.treatment(stays) if multiplier.treated else own
            for own, multiplier in zip(odds, self.odds, strict=True)
        ]
        old, new = _shares(odds), _shares(after)
        likely = old[np.maximum(chosen, 0), here], new[np.maximum(chosen, 0), here]
        moved = self.stream.substream(1).uniforms(stays.ids) * likely[0] >= likely[1]
        again = _drawn(list(np.maximum(new - old, 0.0)), self.stream.substream(2).uniforms(stays.ids))
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
class LeaveByShares:
    """A stay, and then a target by shares."""

    choice: Choice
    distributions: tuple[Callable[[Words], Ints], ...]
    length: TargetMultiplier

    def __call__(self, stays: StateEntries) -> StateExits:
        chosen = self.choice(stays)
        lengths = np.zeros(len(stays), np.int64)
        for number, distribution in enumerate(self.distributions):
            at = np.flatnonzero(chosen == number)
            if len(at):
                lengths[at] = distribution(stays.ids[at])
        if self.length:
            lengths = scaled(lengths, self.length.at(stays))
        left = np.minimum(stays.entered + np.minimum(lengths, OPEN), OPEN)
        never = chosen < 0
        to = np.where(never, -1, self.choice.targets.take(np.maximum(chosen, 0)))
        return StateExits(np.where(never, OPEN, left), to, stays.values)


@dataclass(frozen=True, slots=True, eq=False)
class Exit:
    """One hazard of a state: it leads to the state `to`, or changes an attribute from one value to another."""

    to: int
    hazard: Hazard
    factor: TargetMultiplier
    change: tuple[str, int, int] | None = None
    acting: tuple[BoundCovariate, ...] = ()

    def leave(self, stays: StateEntries) -> Ints:
        """When each stay would end so, if nothing else came first."""
        kept, modulation = self.factor.kept(stays), stays.modulation(self.acting)
        return self.hazard.leave(stays.rows, stays.ids, stays.entered, kept, modulation)


@dataclass(frozen=True, eq=False)
class LeaveByHazards:
    """Competing hazards: the first one happens."""

    exits: tuple[Exit, ...]

    def __call__(self, stays: StateEntries) -> StateExits:
        first = np.full(len(stays), OPEN, np.int64)
        by = np.full(len(stays), -1, np.int64)
        for number, exit_ in enumerate(self.exits):
            at = None if exit_.change is None else np.flatnonzero(stays.values[exit_.change[0]] == exit_.change[1])
            some = stays if at is None else stays.take(at)
            left = exit_.leave(some)
            if at is not None:
                left, found = np.full(len(stays), OPEN, np.int64), left
                left[at] = found
            sooner = left < first
            first, by = np.where(sooner, left, first), np.where(sooner, number, by)
        targets = np.array([exit_.to for exit_ in self.exits], np.int64)
        return StateExits(first, np.where(by < 0, -1, targets.take(np.maximum(by, 0))), self._changed(stays.values, by))

    def _changed(self, values: Mapping[str, Ints], by: Ints) -> Mapping[str, Ints]:
        for number, exit_ in enumerate(self.exits):
            if exit_.change is not None:
                name, _, to = exit_.change
                values = {**values, name: np.where(by == number, to, values[name])}
        return values


class MemoizedSimulation(ABC):
    """A simulation whose trajectory is computed once per block and end, and kept with the block.

    A subclass has the fields `end`, the window's end (microseconds), and `name`, unique in the document.
    """

    end: int
    name: str

    def __call__(self, parents: Block) -> Trajectory:
        """The trajectory of a block of entities, censored at the window's end."""
        return self.until(parents, self.end)

    def until(self, parents: Block, end: int) -> Trajectory:
        """The same, censored at another instant (microseconds)."""
        found: Trajectory = parents.once((self.name, end), lambda: self.simulated(parents, end))
        return found

    @abstractmethod
    def simulated(self, parents: Block, end: int) -> Trajectory:
        """The trajectory of a block of entities, censored at `end` (microseconds)."""


@dataclass(frozen=True, eq=False)
class StateSimulation(MemoizedSimulation):
    """Steps for all entities of a block together: in each step the unfinished entities leave one state."""

    born: Callable[[Entity], Ints]
    begin: Choice
    first_values: Mapping[str, Callable[[Rows], Ints]]
    leaving: tuple[Leave | None, ...]
    end: int
    name: str
    restarts: frozenset[tuple[int, int]] = frozenset()
    reads: Mapping[str, tuple[ForeseenRows, tuple[str, ...]]] = field(default_factory=dict)
    """The tables that covariates read, each with its columns."""
    ends: set[int] = field(default_factory=set)
    """The instants up to which trajectories were asked for."""

    def until(self, parents: Block, end: int) -> Trajectory:
        """As of every simulation. A block is simulated up to the last end; a stay does not depend on later ones."""
        self.ends.add(end)
        whole = super().until(parents, max(self.ends))
        found: Trajectory = parents.once((self.name, end), lambda: whole.censored(end))
        return found

    def simulated(self, parents: Block, end: int) -> Trajectory:
        born = self.born(Rows(parents))
        at = np.flatnonzero(born < end)
        rows, time = Rows(parents, at), born[at]
        values = {name: first(rows) for name, first in self.first_values.items()}
        state = self.begin.targets.take(self.begin(StateEntries(rows, rows.ids, time, values)))
        steps: list[Sequence[Ints]] = []
        histories = {table: History(found, parents, columns) for table, (found, columns) in self.reads.items()}
        while len(at):
            if len(steps) == MOST_STEPS:
                raise ValueFault(f"an entity has more than {MOST_STEPS:,} stays; lengthen the stays of the process")
            left = self._step(Rows(parents, at), len(steps), state, (time, values, histories))
            for history in histories.values():
                history.go_on(at, state, time, np.minimum(left.at, end))
            on = (left.at < end) & (left.to >= 0)
            steps.append((at, state, time, np.where(on, left.at, OPEN), np.where(on, left.to, -1), *values.values()))
            at, state, time = at[on], left.to[on], left.at[on]
            values = {name: codes[on] for name, codes in left.values.items()}
        return self._gathered(steps, len(parents))

    def _step(self, rows: Rows, step: int, state: Ints, held: Held) -> StateExits:
        ids = child_identities(rows.ids, np.full(len(rows), step, np.int64))
        stays = StateEntries(rows, ids, *held)
        left, to = np.full(len(ids), OPEN, np.int64), np.full(len(ids), -1, np.int64)
        values = {name: codes.copy() for name, codes in stays.values.items()}
        for code, leave in enumerate(self.leaving):
            at = np.flatnonzero(state == code)
            if leave is not None and len(at):
                left[at], to[at], changed = leave(stays.take(at))
                for name, codes in changed.items():
                    values[name][at] = codes
        return StateExits(left, to, values)

    def _gathered(self, steps: list[Sequence[Ints]], entities: int) -> Trajectory:
        """The stays of all steps in the order of entity and time."""
        counts = np.zeros(entities, np.int64)
        for at, *_ in steps:
            counts[at] += 1
        starts = np.cumsum(counts) - counts
        columns = np.empty((4 + len(self.first_values), int(counts.sum())), np.int64)
        for number, (at, *found) in enumerate(steps):
            place = starts[at] + number
            for column, value in zip(columns, found, strict=True):
                column[place] = value
        values = dict(zip(self.first_values, columns[4:], strict=True))
        return Trajectory(counts, *columns[:4], values=values, restarts=self.restarts)
