"""Countdown: rates that change in the time before a transition of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Bools, Column, Ints, Rows
from datagen.columnar.ragged import ordinals
from datagen.errors import PlanError
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.support.target_rules import events_below, own_rate, rates_only
from datagen.kinds.processes.base import EDGE
from datagen.kinds.processes.support.examples import LIFECYCLE, subscribed
from datagen.point_process.effects import NEVER_BORN, Effect, Entity, Interval, MultiplierEnds, Treatment
from datagen.point_process.factors import REST, Aged, AnyFactor, LatentVariation, Spread
from datagen.point_process.trajectory import OPEN, Trajectory
from datagen.registry import did_you_mean
from datagen.time_units import DAY, HOUR, Duration

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, DeclaredProcess, Scope, Table

_LONGEST = 731 * DAY
_SHOWN = ("state", "next_state", "left_at")
_LEAD = 1.0
"""The hours before a countdown that are compared with it."""


class Countdown(Behavior):
    """Multiplies rates of events in the time `within` before a transition is taken: complaints rise before a
    cancellation. Of one entity, the first `most` transitions after the start of the window count down.

    The multiplier holds until the transition, from its beginning on (`level`) or growing evenly from 1 (`ramp`).
    Transitions beyond the window's end count down as well. Events that come anyway keep their times: a multiplier below
    1 thins them, one above 1 adds others.
    """

    treats: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        subscribed(
            LIFECYCLE,
            {
                "type": "countdown",
                "before": "subscription.active>cancelled",
                "within": "4w",
                "multiply": {"tickets": 3.0},
            },
            name="tickets",
            rows={"type": "events", "mean_per_month": 0.5, "during": {"process": "subscription", "states": ["active"]}},
            columns={"customer_id": {"type": "parent_key"}, "opened_at": {"type": "event_time"}},
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("before_event", "lead_up", "early_warning", "leading_indicator")

    type: Literal["countdown"] = "countdown"
    before: str = Field(description="the transition: `process.state>state`")
    within: Duration = Field(gt=0, le=_LONGEST, description="how long before the transition it begins")
    multiply: Annotated[dict[str, Annotated[float, Field(ge=0, le=1e3)]], Field(min_length=1)] = Field(
        description="table of events below the entity to multiplier"
    )
    shape: Literal["level", "ramp"] = Field(default="level", description="whether it holds at once, or grows evenly")
    most: Annotated[int, Field(ge=1, le=10)] = Field(
        default=3, description="how many such transitions of one entity count down: the first ones in the window"
    )

    @property
    def process(self) -> str:
        """The name of the process."""
        return self.before.partition(".")[0]

    @property
    def follows(self) -> str | None:
        return self.process

    @property
    def edge(self) -> tuple[str, str]:
        origin, _, to = self.before.partition(".")[2].partition(EDGE)
        return origin, to

    def targets(self, scope: Scope) -> frozenset[str]:
        return frozenset(self.multiply)

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        process = scope.table.processes.get(self.process)
        return process.needs(scope) if process is not None else frozenset()

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from own_rate(scope, self.multiply)
        yield from rates_only(scope, self.multiply, "multiply")
        for target in self.multiply:
            if target in scope.tables() and "." not in target and target not in events_below(scope):
                message = f"'{target}' is not a table of events below '{scope.table.name}'"
                yield scope.problem(
                    "unrelated-table", message, "name a table with rows of type 'events'", "multiply", target
                )
            elif any(target in other.reads for other in scope.table.processes.values()):
                message = f"a process depends on the rows of '{target}', so these cannot depend on a process"
                yield scope.problem("conflict", message, "name another table", "multiply", target)
        process = scope.table.processes.get(self.process)
        if process is None:
            message = f"'{scope.table.name}' has no process '{self.process[:60]}'"
            hint = did_you_mean(self.process, list(scope.table.processes))
            yield scope.problem("unknown-process", message, hint, "before")
        elif process.until is not None:
            message = f"'{self.process}' ends with '{process.until}', so transitions after the window are not known"
            yield scope.problem("conflict", message, "name a process without 'until'", "before")
        elif process.state_names and self.edge not in process.edges:
            message = f"there is no transition '{self.before.partition('.')[2][:120]}'"
            known = [f"{self.process}.{origin}{EDGE}{to}" for origin, to in process.edges]
            yield scope.problem("unknown-process", message, did_you_mean(self.before, known), "before")

    # --- effects -----------------------------------------------------------------------------------------------

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        simulate, (start, end) = scope.own_process(self.process), _window(scope)
        edge, limit = self._codes(scope.table.processes[self.process]), end + self.within

        def taken(entity: Entity) -> tuple[Ints, ...]:
            if not isinstance(entity, Rows):
                raise PlanError(f"a countdown before '{self.before}' acts on events below '{scope.table.name}' only")
            block = entity.block

            def first() -> tuple[Ints, ...]:
                found = simulate.until(block, limit)
                return self._first(found.owner, _took(found, edge) & (found.left > start), found.left, len(block))

            times: tuple[Ints, ...] = block.once(("countdown", self.before, self.most, limit), first)
            return times if entity.at is None else tuple(one[entity.at] for one in times)

        return self._treatments(target, taken)

    def marginal(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        """The effects, from the transitions in a table of all stays; without such a table, they are unknown."""
        view = self._view(scope)
        return () if view is None else self._treatments(target, partial(self._seen, view, _window(scope)[0]))

    def unobserved(self, scope: Scope, target: str) -> tuple[LatentVariation, ...]:
        return () if self._view(scope) is not None else (Spread((self.multiply[target] - 1.0) ** 2),)

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        view = self._view(scope)
        if view is None or self.shape != "level":
            return ()
        hours = float(-(-self.within // HOUR))
        lead, start = round((_LEAD + hours) * HOUR), _window(scope)[0]

        def born(entity: Entity) -> Ints:
            first = self._seen(view, start, entity)[0]
            return np.where(first >= OPEN, NEVER_BORN, first - lead)

        label, planted = f"before {self.before}", np.array([1.0, self.multiply[target], 1.0])
        edges = np.array([0.0, _LEAD, _LEAD + hours])
        return (Aged(label, ("earlier", "within it", "later"), planted, "each", born=born, edges=edges),)

    def _treatments(self, target: str, taken: Callable[[Entity], tuple[Ints, ...]]) -> tuple[Effect, ...]:
        factor = self.multiply[target]

        def span(number: int, entity: Entity) -> Interval:
            at = taken(entity)[number]
            never = at >= OPEN
            return np.where(never, OPEN, at - self.within), np.where(never, OPEN, at)

        length = self.within / HOUR
        left = None if self.shape == "level" else lambda hours: np.clip(hours * (1.0 / length), 0.0, 1.0)
        level = np.array([factor])
        ends = None if left is None else MultiplierEnds("countdown", "", None, (REST,), level, level)
        return tuple(
            Treatment(lambda entity: np.full(len(entity), factor), partial(span, number), left, ends)
            for number in range(self.most)
        )

    def _codes(self, process: DeclaredProcess) -> tuple[int, int]:
        origin, to = (process.state_names.index(name) for name in self.edge)
        return origin, to

    def _first(self, owner: Ints, took: Bools, left: Ints, entities: int) -> tuple[Ints, ...]:
        """When each entity took the transition for the first, second ... time, shape (entities,) each; `OPEN` where it
        did not.
        """
        at = np.flatnonzero(took)
        counts = np.bincount(owner[at], minlength=entities)
        number = ordinals(counts)
        times = np.full((self.most, entities), OPEN, np.int64)
        some = number < self.most
        times[number[some], owner[at[some]]] = left[at[some]]
        return tuple(times)

    # --- what files show ---------------------------------------------------------------------------------------

    def _view(self, scope: Scope) -> tuple[str, Mapping[str, str]] | None:
        """A table below the entity that shows every stay, and its columns by attribute."""
        for name, facts in scope.tables().items():
            if facts.parent == scope.table.name and facts.rows.follows == self.process and facts.rows.shows_every_stay:
                shown = _shown(facts)
                if set(_SHOWN) <= shown.keys():
                    return name, shown
        return None

    def _seen(self, view: tuple[str, Mapping[str, str]], start: int, entity: Entity) -> tuple[Ints, ...]:
        """When each entity took the transition after the start of the window, as the stays in the files show it."""
        assert isinstance(entity, Rows)
        table, shown = view
        stays = entity.block.children[table]
        assert stays.parent_row is not None
        cells = {name: stays.columns[shown[name]] for name in _SHOWN}
        took = _is(cells["state"], self.edge[0]) & _is(cells["next_state"], self.edge[1])
        left = cells["left_at"].data
        order = np.lexsort((left, stays.parent_row))
        took &= left > start
        times = self._first(stays.parent_row[order], took[order], left[order], len(entity.block))
        return times if entity.at is None else tuple(one[entity.at] for one in times)


def _window(scope: Scope) -> tuple[int, int]:
    """Start and end of the window, microseconds."""
    return (0, 0) if scope.window is None else (scope.window.start, scope.window.end)


def _took(found: Trajectory, edge: tuple[int, int]) -> Bools:
    """The stays that end with a transition."""
    took: Bools = (found.state == edge[0]) & (found.next == edge[1])
    return took


def _shown(table: Table) -> dict[str, str]:
    """Attributes of a view, each with the column that shows it as it is."""
    columns = ((column.row_attribute, name) for name, column in table.columns.items() if column.intact)
    return {attribute: name for attribute, name in columns if attribute is not None}


def _is(cells: Column, word: str) -> Bools:
    """Which cells hold a word."""
    words = [] if cells.dictionary is None else cells.dictionary.to_pylist()
    found = np.array([one == word for one in words], np.bool_)[cells.data] if words else np.zeros(len(cells), np.bool_)
    if cells.dictionary is None:
        found = np.array([one == word for one in cells.texts.to_pylist()], np.bool_)
    return found if cells.valid is None else found & cells.valid
