"""The states of a process as documents declare them: how each one ends, and who may leave it for where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.kinds.generators.after import Delay
from datagen.kinds.generators.support.column_lookup import expression_problems
from datagen.kinds.lifetimes.base import Lifetime
from datagen.kinds.processes.support.dwell import dwell_problems
from datagen.names import ColumnName
from datagen.registry import Strict, did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Weight = Annotated[float, Field(ge=0, le=1e15)]


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

Hazards = Annotated[dict[ColumnName, Lifetime], Field(min_length=1, max_length=100)]
"""Targets with the distribution of the time to each."""

Conditions = Annotated[dict[ColumnName, str], Field(min_length=1, max_length=100)]
"""Targets with the SQL condition on the entity under which each is open."""


class State(Strict):
    """How a state ends: by shares (`next`) after a stay, by competing hazards (`exits`), or not at all."""

    next: Shares | None = Field(default=None, description="where it goes on to, with weights; a name for the only one")
    stay: Delay | None = Field(
        default=None, description="how long a stay lasts: a duration, or a generator of durations"
    )
    after: Annotated[dict[ColumnName, Delay], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="how long a stay lasts that goes on to these states, instead of `stay`"
    )
    exits: Hazards | None = Field(default=None, description="distributions of the time to each exit; the first happens")
    when: Conditions | None = Field(
        default=None,
        description="SQL conditions on columns of the entity: a target is open only where its condition holds",
    )

    @property
    def to(self) -> tuple[str, ...]:
        """The states that it can go on to, in the order of their names."""
        return tuple(sorted(self.next or self.exits or ()))

    def distribution(self, to: str) -> Any:
        """The distribution of the time until it goes on to a state; None where there is none."""
        return (self.exits or {}).get(to) or (self.after or {}).get(to) or self.stay


def state_problems(states: Mapping[str, State], name: str, scope: Scope) -> Iterator[Problem]:
    """What is wrong with one state; `scope` is its place."""
    state = states[name]
    if state.exits and state.next:
        message = "a state ends by shares ('next') or by hazards ('exits'), not by both"
        yield scope.problem("conflict", message, "leave out one of them", "exits")
        return
    yield from unknown_states(states, state.next or {}, scope, "next")
    yield from unknown_states(states, state.exits or {}, scope, "exits")
    yield from _dwell_problems(state, scope)
    for to, lifetime in (state.exits or {}).items():
        yield from lifetime.problems(scope.at("exits", to))
    for to, condition in (state.when or {}).items():
        if to not in state.to:
            message = f"'{to[:60]}' is no target of this state"
            yield scope.problem("no-effect", message, did_you_mean(to, list(state.to)), "when", to)
        yield from expression_problems(scope.at("when"), condition, to, "bool")


def unknown_states(states: Mapping[str, Any], named: Mapping[str, Any], scope: Scope, *keys: str) -> Iterator[Problem]:
    """Names of states that do not exist."""
    for name in named:
        if name not in states:
            hint = did_you_mean(name, list(states))
            yield scope.problem("unknown-process", f"there is no state '{name[:60]}'", hint, *keys)


def _dwell_problems(state: State, scope: Scope) -> Iterator[Problem]:
    if state.next and not any(state.next.values()):
        yield scope.problem("range", "every weight is 0", "give one target a weight above 0", "next")
    if not state.next:
        for key in ("stay", "after"):
            if getattr(state, key) is not None:
                hint = "say where it goes on to in 'next', or leave it out"
                yield scope.problem("no-effect", f"'{key}' needs 'next'", hint, key)
        return
    yield from _stay_problems(state, scope)
    if state.stay is not None:
        yield from dwell_problems(state.stay, scope.at("stay"))
    for to, distribution in (state.after or {}).items():
        yield from dwell_problems(distribution, scope.at("after", to))


def _stay_problems(state: State, scope: Scope) -> Iterator[Problem]:
    """Targets without a distribution of the stay before them, and distributions for what is no target."""
    next_ = state.next or {}
    for to in state.after or {}:
        if to not in next_:
            yield scope.problem("no-effect", f"'{to[:60]}' is not in 'next'", "name a target", "after", to)
    without = [to for to in next_ if state.distribution(to) is None]
    if without:
        message = f"the length of a stay before {', '.join(without)[:120]} is not declared"
        yield scope.problem("missing", message, 'write "stay": "14d", for example')
