"""A graph of states, compiled to a simulation: what every kind of process with states comes down to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datagen.columnar.block import Ints, Rows
from datagen.kinds.behaviors.support.birth_time import births
from datagen.kinds.generators.support.column_lookup import expression_needs
from datagen.kinds.lifetimes.base import Continuous, Lifetime
from datagen.kinds.lifetimes.exponential import ExponentialLife
from datagen.kinds.processes.base import EDGE, Target
from datagen.kinds.processes.support.attributes import ChangingAttribute
from datagen.kinds.processes.support.covariates import BoundCovariate, Covariate
from datagen.kinds.processes.support.dwell import Hazard, bound_dwell, typical_hours
from datagen.kinds.processes.support.graph import fastest_cycle, may_take, reachable
from datagen.kinds.processes.support.simulation import (
    MOST_STEPS,
    Choice,
    Exit,
    Leave,
    LeaveByHazards,
    LeaveByShares,
    StateSimulation,
    TargetMultiplier,
)
from datagen.kinds.processes.support.states import State
from datagen.point_process.rate import Rate
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.kinds.behaviors.base import Behavior
    from datagen.scope import ColumnRef, Scope

Edge = tuple[str, str]


@dataclass(frozen=True, eq=False)
class StateGraph:
    """States with their ways out, where entities start, and the attributes that change along the way.

    `groups` are further targets of behaviors, each with the shares whose odds it multiplies; `restarts` begin another
    run; `nominal` are the shares in the document, for weights that are not reported by themselves.
    """

    start: Mapping[str, float]
    states: Mapping[str, State]
    born: str | None = None
    attributes: Mapping[str, ChangingAttribute] = field(default_factory=dict)
    groups: Mapping[str, frozenset[Edge]] = field(default_factory=dict)
    restarts: frozenset[Edge] = frozenset()
    nominal: Mapping[Edge, float] = field(default_factory=dict)
    covariates: tuple[Covariate, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.states)

    @property
    def codes(self) -> Mapping[str, int]:
        return {name: code for code, name in enumerate(self.states)}

    @property
    def exits(self) -> tuple[Edge, ...]:
        """The ways from state to state."""
        return tuple((name, to) for name, state in self.states.items() for to in state.to)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The same, and the changes of attributes, which lead from a state to itself."""
        changed = (state for attribute in self.attributes.values() for state in attribute.in_)
        return tuple(dict.fromkeys((*self.exits, *((state, state) for state in changed))))

    def targets(self) -> Mapping[str, Target]:
        """What behaviors can multiply, by its path below the process."""
        found: dict[str, Target] = {}
        for name, state in self.states.items():
            if state.stay is not None or state.after is not None:
                found[name] = "dwell"
            found |= {f"{name}{EDGE}{to}": "share" if state.next else "hazard" for to in state.to}
        for name, attribute in self.attributes.items():
            found |= {f"{name}.{origin}{EDGE}{to}": "hazard" for origin, to in attribute.edges}
        return found | dict.fromkeys(self.groups, "share")

    def paths(self, origin: str, to: str) -> tuple[str, ...]:
        """The targets of behaviors that act on a way out."""
        return (f"{origin}{EDGE}{to}", *(path for path, edges in self.groups.items() if (origin, to) in edges))

    @property
    def covered(self) -> Mapping[str, tuple[str, ...]]:
        """The tables that covariates read, each with its columns."""
        tables = {
            one.table: {other.column for other in self.covariates if other.table == one.table}
            for one in self.covariates
        }
        return {table: tuple(sorted(name for name in columns if name is not None)) for table, columns in tables.items()}

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        """The columns that conditions and attributes read."""
        conditions = (text for state in self.states.values() for text in (state.when or {}).values())
        read = [*(expression_needs(scope, text) for text in conditions)]
        columns = (attribute.column for attribute in self.attributes.values())
        read.append(frozenset((scope.table.name, column) for column in columns if column is not None))
        read += [scope.foreseen_needs(table, columns) for table, columns in self.covered.items()]
        return frozenset().union(*read)

    # --- problems ----------------------------------------------------------------------------------------------

    def problems(self, scope: Scope, *keys: str) -> Iterator[Problem]:
        """States that nobody reaches, and cycles so fast that there is no end of stays; `keys` lead to the states."""
        yield from self._kept_problems(scope, *keys)
        possible = [(name, to) for name, to in self.exits if (self.states[name].next or {}).get(to) != 0]
        met = reachable([name for name, weight in self.start.items() if weight], possible)
        for name in self.states:
            if name not in met:
                message = f"no entity reaches '{name}'"
                yield scope.problem("no-effect", message, "leave it out, or let another state lead to it", *keys, name)
        if scope.window is None:
            return
        hours = {(name, to): typical_hours(self.states[name].distribution(to), scope) for name, to in possible}
        mean, cycle = fastest_cycle(hours)
        length = (scope.window.end - scope.window.start) / HOUR
        if cycle and mean * MOST_STEPS < length and may_take(MOST_STEPS, length, self._chances(hours), hours):
            message = (
                f"{' > '.join((*cycle, cycle[0]))} takes {mean:.2g} hours a step, more than {MOST_STEPS:,} steps in "
                f"the window"
            )
            yield scope.problem("too-large", message, "lengthen the stays", *keys, cycle[0])

    def _chances(self, hours: Mapping[Edge, float]) -> Mapping[Edge, float]:
        """About how likely each way out is: by weight, or by how fast it is."""
        found = dict[Edge, float]()
        for name, state in self.states.items():
            speed = {to: 1.0 / max(hours[name, to], 1e-9) for to in state.to if (name, to) in hours}
            weights = {to: (state.next or {}).get(to, 0.0) for to in speed} if state.next else speed
            total = sum(weights.values())
            found |= {(name, to): weight / total for to, weight in weights.items()}
        return found

    def hazard_problem(self, path: str, behavior: Behavior) -> tuple[str, str, str] | None:
        """Code, message and hint where a target is a hazard of a distribution that a behavior cannot multiply."""
        lifetime = self._hazards.get(path)
        if lifetime is None or isinstance(lifetime, ExponentialLife):
            return None
        if behavior.varies and not behavior.treats:
            message = (
                f"a multiplier of '{path}' that changes with age or calendar needs a constant hazard, not "
                f"'{lifetime.type}'"
            )
            return "conflict", message, "write an 'exponential' exit, or multiply it by segments or frailty"
        return None if isinstance(lifetime, Continuous) else _discrete(path, lifetime)

    @property
    def _hazards(self) -> Mapping[str, Lifetime]:
        """The distribution of each hazard, by its path below the process."""
        found = {
            f"{name}{EDGE}{to}": lifetime
            for name, state in self.states.items()
            for to, lifetime in (state.exits or {}).items()
        }
        for name, held in self.attributes.items():
            found |= {f"{name}.{origin}{EDGE}{to}": held.changes[origin][to] for origin, to in held.edges}
        return found

    def _kept_problems(self, scope: Scope, *keys: str) -> Iterator[Problem]:
        """Conditions, and factors by attribute, on hazards that nothing can multiply."""
        for path, lifetime in self._hazards.items():
            attribute, dot, edge = path.rpartition(".")
            origin, _, to = edge.partition(EDGE)
            place = ("attributes", attribute) if dot else (*keys, origin)
            kept = not dot and to in (self.states[origin].when or {})
            kept |= any(held.factors(path) is not None for held in self.attributes.values())
            kept |= any(path in covariate.multiply for covariate in self.covariates)
            if kept and not isinstance(lifetime, Continuous):
                yield scope.problem(*_discrete(path, lifetime), *place)

    # --- simulation --------------------------------------------------------------------------------------------

    def bind(self, scope: Scope) -> StateSimulation:
        """The simulation; `scope` is the place of the process, planned."""
        assert scope.window is not None
        codes, names = self.codes, sorted(self.start)
        weights = np.array([self.start[name] for name in names])
        begin = Choice(np.array([codes[name] for name in names]), weights, (), scope.stream("start"))
        first = {name: self._first(name, scope) for name in self.attributes}
        leaving = tuple(self._leaving(name, scope) for name in self.states)
        restarts = frozenset((codes[origin], codes[to]) for origin, to in self.restarts)
        label = ".".join(map(str, scope.keys))
        reads = {table: (scope.candidates(table), columns) for table, columns in self.covered.items()}
        return StateSimulation(
            births(scope, self.born), begin, first, leaving, scope.window.end, label, restarts, reads
        )

    def _first(self, name: str, scope: Scope) -> Callable[[Rows], Ints]:
        """The code of the first value of an attribute of each entity."""
        attribute = self.attributes[name]
        codes = {value: code for code, value in enumerate(attribute.domain)}
        if attribute.column is not None:
            return lambda rows: _codes_of(rows, attribute.column or "", codes)
        words = sorted(attribute.start or ())
        *reached, total = accumulate((attribute.start or {})[word] for word in words)
        stream, targets = scope.at("attributes", name).stream("start"), np.array([codes[word] for word in words])

        def drawn(rows: Rows) -> Ints:
            chosen = np.searchsorted(np.array(reached), stream.uniforms(rows.ids) * total, side="right")
            found: Ints = targets.take(chosen)
            return found

        return drawn

    def _leaving(self, name: str, scope: Scope) -> Leave | None:
        state, here = self.states[name], scope.at("states", name)
        targets = np.array([self.codes[to] for to in state.to], np.int64)
        if state.exits:
            return LeaveByHazards((*self._exits(name, here), *self._changes(name, scope)))
        if not state.next:
            return None
        odds = tuple(self._multiplier(here, self.paths(name, to), (state.when or {}).get(to)) for to in state.to)
        weights = np.array([state.next[to] for to in state.to])
        own = state.after or {}
        distributions = [
            bound_dwell(state.distribution(to), here.at("after", to) if to in own else here.at("stay"))
            for to in state.to
        ]
        choice = Choice(targets, weights, odds, here.stream("next"))
        return LeaveByShares(choice, tuple(distributions), self._multiplier(here, (name,)))

    def _exits(self, name: str, here: Scope) -> Iterator[Exit]:
        state = self.states[name]
        for to in state.to:
            factor = self._multiplier(here, self.paths(name, to), (state.when or {}).get(to))
            lifetime = (state.exits or {})[to]
            acting = BoundCovariate.on(self.covariates, f"{name}{EDGE}{to}", self.codes[name])
            yield Exit(self.codes[to], _hazard(lifetime, factor, here.at("exits", to)), factor, acting=acting)

    def _changes(self, name: str, scope: Scope) -> Iterator[Exit]:
        for key, attribute in self.attributes.items():
            values = {value: code for code, value in enumerate(attribute.domain)}
            for origin, to in attribute.edges if name in attribute.in_ else ():
                here = scope.at("attributes", key, "changes", origin, to)
                factor = self._multiplier(here, (f"{key}.{origin}{EDGE}{to}",))
                hazard = _hazard(attribute.changes[origin][to], factor, here)
                acting = BoundCovariate.on(self.covariates, f"{key}.{origin}{EDGE}{to}", self.codes[name])
                yield Exit(self.codes[name], hazard, factor, (key, values[origin], values[to]), acting)

    def _multiplier(self, here: Scope, paths: tuple[str, ...], condition: str | None = None) -> TargetMultiplier:
        rates = [rate for rate in (_behaviors(here, path) for path in paths) if rate]
        tables = ((name, held.factors(paths[0])) for name, held in self.attributes.items())
        by_value = tuple((name, table) for name, table in tables if table is not None)
        return TargetMultiplier(tuple(rates), by_value, here.expression(condition) if condition is not None else None)


def _behaviors(here: Scope, path: str) -> Rate:
    """What behaviors multiply at a path below the process."""
    return here.multipliers(f"{here.keys[3]}.{path}")


def _hazard(lifetime: Lifetime, factor: TargetMultiplier, scope: Scope) -> Hazard:
    """The hazard of one exit; `scope` is where its distribution stands."""
    rate = factor.rates[0] if factor.rates else Rate("", scope.grid())
    return Hazard(lifetime, rate, scope.stream("time"))


def _discrete(path: str, lifetime: Lifetime) -> tuple[str, str, str]:
    message = f"the hazard '{lifetime.type}' of '{path}' cannot be multiplied: it acts at whole units of time only"
    return "conflict", message, "write a continuous distribution such as 'weibull' or 'exponential'"


def _codes_of(rows: Rows, column: str, codes: Mapping[str, int]) -> Ints:
    """The codes of the words of a category column, shape (n,)."""
    cells = rows.column(column)
    assert isinstance(cells.dictionary, pa.Array)
    table = np.array([codes.get(word, 0) for word in cells.dictionary.to_pylist()], np.int64)
    found: Ints = table.take(cells.data)
    return found


__all__ = ["Edge", "StateGraph"]
