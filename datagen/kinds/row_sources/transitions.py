"""A row for each transition from one state to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import INT, TIMESTAMP, Attribute, Column, Ints
from datagen.declarations.base import Declaration
from datagen.declarations.processes import LegalTransitionsDeclaration
from datagen.kinds.processes.support.examples import view_of
from datagen.kinds.row_sources.support.process_view import (
    ProcessView,
    Select,
    Words,
    run_column,
    state_attribute,
    value_attributes,
    value_columns,
)
from datagen.point_process.trajectory import Trajectory

if TYPE_CHECKING:
    from datagen.scope import Scope, StaticContext


class Transitions(ProcessView):
    """A row for each transition of the parent, in time order.

    Attributes: the states `from` and `to`, `at` (the row's time), the number of the `run` that ends or goes on, and for
    each attribute of the process its values before and after, such as `from_plan` and `to_plan`.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (view_of("changes", {"type": "transitions"}, "from", "to", "at"),)
    time: ClassVar[str | None] = "at"
    synonyms: ClassVar[tuple[str, ...]] = ("state_changes", "event_log", "moves")

    type: Literal["transitions"] = "transitions"

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        process = self.shown(context)
        state, values = state_attribute(process), value_attributes
        own = {"from": state, "to": state, "at": Attribute(TIMESTAMP), "run": Attribute(INT)}
        return own | values(process, "from_") | values(process, "to_")

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
        yield from self.agreement(scope)

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
                "run": run_column(found, at),
                **value_columns(process, found, at, "from_"),
                **value_columns(process, found, at + 1, "to_"),
            }

        return select
