"""A row for each run of a process, with the time of each state as a column (wide format)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import INT, TIMESTAMP, Attribute, Column, Ints
from datagen.kinds.processes.support.examples import view_of
from datagen.kinds.row_sources.support.process_view import (
    ProcessView,
    Select,
    Words,
    ends,
    run_column,
    state_attribute,
    value_attributes,
    value_columns,
)
from datagen.point_process.trajectory import OPEN, Trajectory

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext

_OWN = ("started", "ended")


class Runs(ProcessView):
    """One row for each run of the process, from its start to a state that is never left, or that only another run
    follows.

    Attributes: `started_at` (the row's time), `ended_at` (when it reached such a state; missing before), the number of
    the `run`, `state` (the last one), `transitions` (how many there were), the attributes of the process (the last
    values), and for each state `<state>_at`, when it was first entered (missing where it was not).
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        view_of(
            "journeys", {"type": "runs"}, "started_at", "active_at", "cancelled_at", "ended_at", "state", "transitions"
        ),
    )
    time: ClassVar[str | None] = "started_at"
    synonyms: ClassVar[tuple[str, ...]] = ("cases", "journeys", "wide_funnel")

    type: Literal["runs"] = "runs"

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        process = self.shown(context)
        if process is None:
            return None
        found = {
            "started_at": Attribute(TIMESTAMP),
            "ended_at": Attribute(TIMESTAMP, nullable=True),
            "state": state_attribute(process),
            "transitions": Attribute(INT),
            "run": Attribute(INT),
            **value_attributes(process),
        }
        return found | {f"{name}_at": Attribute(TIMESTAMP, nullable=True) for name in process.state_names}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        process = self.shown(scope)
        for name in process.state_names if process is not None else ():
            if name in _OWN:
                message = f"the time of state '{name}' and '{name}_at' of the run would have one name"
                yield scope.problem("duplicate", message, "rename the state")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        yield from self.agreement(scope)

    def select(self, scope: Scope) -> Select:
        process = self.shown(scope)
        assert process is not None
        words, final = Words(process.state_names), self._final(scope)

        def select(found: Trajectory) -> tuple[Ints, dict[str, Column]]:
            first = np.flatnonzero(found.begins_run)
            last = np.append(first[1:], len(found.state))[: len(first)] - 1
            state = found.state[last]
            attributes = {
                "started_at": Column(TIMESTAMP, found.entered[first]),
                "ended_at": ends(np.where(np.isin(state, final), found.entered[last], OPEN)),
                "state": words.column(state),
                "transitions": Column(INT, last - first),
                "run": run_column(found, last),
                **value_columns(process, found, last),
            }
            for code, name in enumerate(words.names):
                attributes[f"{name}_at"] = ends(_first(found, code))
            return found.owner[first], attributes

        return select

    def _final(self, scope: Scope) -> Ints:
        """The codes of the states that end a run."""
        process = self.shown(scope)
        assert process is not None
        left = {edge[0] for edge in process.edges if edge not in process.restarts}
        return np.array([code for code, name in enumerate(process.state_names) if name not in left], np.int64)


def _first(found: Trajectory, state: int) -> Ints:
    """When each run first entered a state, shape (runs,); `OPEN` where it never did."""
    run = np.cumsum(found.begins_run) - 1
    at = np.flatnonzero(found.state == state)[::-1]
    times = np.full(int(np.count_nonzero(found.begins_run)), OPEN, np.int64)
    times[run[at]] = found.entered[at]  # the earliest is written last and wins
    return times
