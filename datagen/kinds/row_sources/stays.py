"""A row for each stay in a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import INT, TIMESTAMP, Attribute, Column, Ints
from datagen.columnar.row_time import births_above
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import NoOverlapDeclaration
from datagen.declarations.processes import (
    ContiguousStaysDeclaration,
    DwellDeclaration,
    IncidenceDeclaration,
    LegalTransitionsDeclaration,
    StaysDeclaration,
    TransitionsDeclaration,
)
from datagen.kinds.processes.support.ended import ends_of
from datagen.kinds.processes.support.examples import view_of
from datagen.kinds.row_sources.support.process_view import (
    ProcessView,
    Select,
    States,
    Words,
    ends,
    run_column,
    state_attribute,
    value_attributes,
    value_columns,
)
from datagen.point_process.trajectory import Trajectory

if TYPE_CHECKING:
    from datagen.scope import Scope, StaticContext


_SHOWN = ("state", "entered_at", "left_at", "next_state")


class Stays(ProcessView):
    """A row for each stay of the parent in a state, in the order of time.

    Attributes: `state`, `entered_at` (the row's time), `left_at` (missing while the stay is open at the window's end),
    `next_state` (missing likewise, and where the process ends: `until`), the number of the `run`, and what else the
    process says of the stay (its `attributes`). Stays follow each other without a gap from the birth of the entity on.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        view_of("stays", {"type": "stays"}, "state", "entered_at", "left_at", "next_state"),
        view_of("times_active", {"type": "stays", "in": ["active", "past_due"]}, "state", "entered_at", "left_at"),
    )
    time: ClassVar[str | None] = "entered_at"
    synonyms: ClassVar[tuple[str, ...]] = ("spells", "state_history", "episodes")

    type: Literal["stays"] = "stays"
    in_: States | None = Field(default=None, alias="in", description="only stays in these states; the default is all")

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        process = self.shown(context)
        return {
            "state": state_attribute(process),
            "entered_at": Attribute(TIMESTAMP),
            "left_at": Attribute(TIMESTAMP, nullable=True),
            "next_state": state_attribute(process, nullable=True),
            "run": Attribute(INT),
            **value_attributes(process),
        }

    @property
    def shows_every_stay(self) -> bool:
        return self.in_ is None and not self.filtered

    def named_states(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (("in", self.in_ or ()),)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        process, shown, window = self.shown(scope), self.columns(scope.table), scope.window
        if not set(_SHOWN) <= shown.keys() and {"entered_at", "left_at"} <= shown.keys():
            yield NoOverlapDeclaration(scope.table.name, shown["entered_at"], ends=shown["left_at"])
        if process is None or window is None or not set(_SHOWN) <= shown.keys():
            return
        names, table = process.state_names, scope.table.name
        codes = {name: code for code, name in enumerate(names)}
        edges = tuple((codes[origin], codes[to]) for origin, to in process.edges)
        whole, born, until = self.shows_every_stay, process.born, process.until
        birth = births_above if born is None else (lambda rows: rows.up().column(born))
        ended = None if until is None else (lambda rows: ends_of(rows.up().column(until), window.end))
        yield LegalTransitionsDeclaration(table, shown["next_state"], names=names, shown=shown, edges=edges)
        yield ContiguousStaysDeclaration(
            table, shown["entered_at"], names=names, shown=shown, all_states=whole, born=birth, ended=ended
        )
        recovery = process.recovery(self.place(scope)) if whole else None
        if recovery is not None:
            acting, end = process.acting_attributes, window.end
            values = {name: words for name, words in process.attribute_values.items() if name in acting}
            yield TransitionsDeclaration(
                table, shown, names, values, end, until, lambda: [*recovery.edges()], lambda: recovery.latent
            )
            yield DwellDeclaration(table, shown, names, values, end, until, lambda: [*recovery.dwells()])
            seen = StaysDeclaration(table, shown, names, values, end, until)
            together = process.interaction(self.place(scope), seen)
            if together is not None:
                yield together
            elif len(edges) == 1:
                yield IncidenceDeclaration(
                    table, shown, names, values, end, until, window.start, lambda: next(iter(recovery.edges()))
                )
        yield from self.agreement(scope)

    def select(self, scope: Scope) -> Select:
        process = self.shown(scope)
        assert process is not None
        words = Words(process.state_names)
        states = words.codes(self.in_ or ())

        def select(found: Trajectory) -> tuple[Ints, dict[str, Column]]:
            at = np.flatnonzero(found.within(states))
            return found.owner[at], {
                "state": words.column(found.state[at]),
                "entered_at": Column(TIMESTAMP, found.entered[at]),
                "left_at": ends(found.left[at]),
                "next_state": words.column(found.next[at]),
                "run": run_column(found, at),
                **value_columns(process, found, at),
            }

        return select
