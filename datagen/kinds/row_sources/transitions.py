"""A row for each transition from one state to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import TIMESTAMP, Attribute, Column, Ints
from datagen.declarations.base import Declaration
from datagen.declarations.processes import LegalTransitionsDeclaration, ViewsAgreeDeclaration
from datagen.kinds.processes.support.examples import view_of
from datagen.kinds.processes.support.trajectory import Trajectory
from datagen.kinds.row_sources.stays import Stays
from datagen.kinds.row_sources.support.process_view import ProcessView, Select, Words, state_attribute

if TYPE_CHECKING:
    from datagen.kinds.generators.support.column_lookup import StaticContext
    from datagen.scope import Scope


class Transitions(ProcessView):
    """A row for each transition of the parent, in the order of time.

    Attributes: the states `from` and `to`, and `at` (the row's time).
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (view_of("changes", {"type": "transitions"}, "from", "to", "at"),)
    time: ClassVar[str | None] = "at"
    synonyms: ClassVar[tuple[str, ...]] = ("state_changes", "event_log", "moves")

    type: Literal["transitions"] = "transitions"

    def attributes(self, around: StaticContext) -> Mapping[str, Attribute] | None:
        state = state_attribute(self.shown(around))
        return {"from": state, "to": state, "at": Attribute(TIMESTAMP)}

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        process, shown = self.shown(scope), self.columns(scope.table)
        if process is None or not {"from", "to", "at"} <= shown.keys():
            return
        names, table = process.state_names, scope.table.name
        codes = {name: code for code, name in enumerate(names)}
        edges = tuple((codes[origin], codes[to]) for origin, to in process.edges)
        yield LegalTransitionsDeclaration(
            table, shown["to"], names=names, shown=shown, origin="from", to="to", edges=edges
        )
        for other, facts in scope.tables().items():
            there = facts.rows
            if facts.parent == scope.table.parent and isinstance(there, Stays) and there.process == self.process:
                seen = there.columns(facts)
                if there.in_ is None and {"state", "next_state", "left_at"} <= seen.keys():
                    yield ViewsAgreeDeclaration(
                        table, shown["at"], names=names, shown=shown, stays=other, shown_there=seen
                    )

    def select(self, scope: Scope) -> Select:
        process = self.shown(scope)
        assert process is not None
        words = Words(process.state_names)

        def select(found: Trajectory) -> tuple[Ints, dict[str, Column]]:
            at = np.flatnonzero(found.closed)
            return found.owner[at], {
                "from": words.column(found.state[at]),
                "to": words.column(found.next[at]),
                "at": Column(TIMESTAMP, found.left[at]),
            }

        return select
