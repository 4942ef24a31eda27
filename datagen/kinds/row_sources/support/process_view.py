"""Views of a process: row sources that show a process of the parent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.columnar.block import CATEGORY, INT, TIMESTAMP, Attribute, Block, Bools, Column, Ints
from datagen.columnar.text import text_array
from datagen.declarations.processes import Rebuild, ViewsAgreeDeclaration
from datagen.kinds.row_sources.base import Expansion
from datagen.kinds.row_sources.support.filterable import FilterableRows
from datagen.point_process.trajectory import OPEN, Trajectory
from datagen.random.streams import repeat_child_identities
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, DeclaredProcess, Scope, StaticContext, Table


def _listed(data: object) -> object:
    return (data,) if isinstance(data, str) else data


States = Annotated[
    tuple[str, ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
"""Names of states. A bare name is short for a list of one."""


def name_problems(scope: Scope, process: str, named: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[Problem]:
    """Problems of a process of the parent that does not exist, and of unknown states; `named` are states by their
    field.
    """
    parent = scope.tables().get(scope.table.parent or "")
    if parent is None:
        return
    if process not in parent.processes:
        message = f"'{parent.name}' has no process '{process[:60]}'"
        hint = did_you_mean(process, list(parent.processes)) if parent.processes else "declare it in 'processes'"
        yield scope.problem("unknown-process", message, hint, "process")
        return
    known = parent.processes[process].state_names
    for field, names in named:
        for name in names if known else ():
            if name not in known:
                hint = did_you_mean(name, list(known))
                yield scope.problem("unknown-process", f"there is no state '{name[:60]}'", hint, field)


def process_needs(scope: Scope, process: str) -> frozenset[ColumnRef]:
    """The columns of the parent that its process reads."""
    parent = scope.table.parent or ""
    found = scope.tables().get(parent)
    known = found.processes.get(process) if found is not None else None
    if known is None:
        return frozenset()
    return frozenset((table or parent, column) for table, column in known.needs(scope.above()))


Select = Callable[[Trajectory], "tuple[Ints, dict[str, Column]]"]
"""From a trajectory to the position of the entity of each row, non-decreasing, and the attributes of the rows."""


class ProcessView(FilterableRows):
    """Rows below an entity that show its process. All views of one process use the same trajectory."""

    root: ClassVar[bool] = False
    multiplied: ClassVar[bool] = False

    process: str = Field(description="the process of the parent")

    @property
    def follows(self) -> str | None:
        return self.process

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return process_needs(scope, self.process)

    def shown(self, context: StaticContext) -> DeclaredProcess | None:
        """The process, if the parent has it."""
        parent = context.tables().get(context.table.parent or "")
        return parent.processes.get(self.process) if parent is not None else None

    def named_states(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The fields with names of states, and the names."""
        return ()

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from name_problems(scope, self.process, self.named_states())

    def place(self, scope: Scope) -> Scope:
        """The place of the process."""
        return scope.above().at("processes", self.process)

    def columns(self, table: Table) -> dict[str, str]:
        """The columns of a table that show attributes unchanged, by attribute."""
        shown = ((column.row_attribute, name) for name, column in table.columns.items() if column.intact)
        return {attribute: name for attribute, name in shown if attribute is not None}

    def agreement(self, scope: Scope) -> Iterator[Declaration]:
        """What this view shows follows from the stays, where another table shows all of them and none is filtered."""
        process, own = self.shown(scope), self.columns(scope.table)
        if self.filtered or process is None or self.time is None or self.time not in own or scope.window is None:
            return
        for other, facts in scope.tables().items():
            view = facts.rows
            if facts.parent != scope.table.parent or not isinstance(view, ProcessView) or view.process != self.process:
                continue
            seen, kept = view.columns(facts), process.kept_attributes
            changing = process.attribute_values.keys() - kept.keys()
            if view.shows_every_stay and {"state", "entered_at", "left_at", "next_state", *changing} <= seen.keys():
                yield ViewsAgreeDeclaration(
                    scope.table.name, own[self.time], names=process.state_names, shown=own, stays=other,
                    shown_there=seen, kept=kept, values=process.attribute_values, rebuild=self._rebuild(scope, process),
                )  # fmt: skip
                return

    def _rebuild(self, scope: Scope, process: DeclaredProcess) -> Rebuild:
        codes = {name: code for code, name in enumerate(process.state_names)}
        restarts = frozenset((codes[origin], codes[to]) for origin, to in process.restarts)

        def rebuild(counts: Ints, stays: Sequence[Ints], values: Mapping[str, Ints]) -> tuple[Ints, dict[str, Column]]:
            return self.select(scope)(Trajectory(counts, *stays, values=values, restarts=restarts))

        return rebuild

    def bind(self, scope: Scope, scale: float) -> ViewRows:
        return ViewRows(scope.process(self.process), self.select(scope))

    def select(self, scope: Scope) -> Select:
        """Selects the rows of a trajectory."""
        raise TypeError(f"row source '{self.type}' has no select")


@dataclass(frozen=True, slots=True, eq=False)
class ViewRows:
    """The rows of a view below each entity."""

    simulate: Callable[[Block], Trajectory]
    select: Select
    fixed: int | None = None

    def counts(self, parents: Block) -> Ints:
        return np.bincount(self.select(self.simulate(parents))[0], minlength=len(parents)).astype(np.int64)

    def expand(self, parents: Block) -> Expansion:
        owner, attributes = self.select(self.simulate(parents))
        counts = np.bincount(owner, minlength=len(parents)).astype(np.int64)
        return Expansion(counts, repeat_child_identities(parents.ids, counts), attributes)


class Words:
    """The states of a process as a category."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self._words = text_array(list(names))

    def column(self, codes: Ints) -> Column:
        """Codes as a category; -1 is missing."""
        valid = codes >= 0
        cells = np.where(valid, codes, 0).astype(np.int32)
        return Column(CATEGORY, cells, None if valid.all() else valid, self._words)

    def codes(self, names: tuple[str, ...]) -> Ints:
        """The codes of these states; of all states by default."""
        return np.array([self.names.index(name) for name in names or self.names], np.int64)


def state_attribute(process: DeclaredProcess | None, *, nullable: bool = False) -> Attribute:
    """An attribute that holds a state."""
    return Attribute(CATEGORY, nullable, (process.state_names or None) if process is not None else None)


def value_attributes(
    process: DeclaredProcess | None, prefix: str = "", *, nullable: bool = False
) -> dict[str, Attribute]:
    """The attributes that change along the way, each as a category."""
    known = process.attribute_values if process is not None else {}
    return {prefix + name: Attribute(CATEGORY, nullable, values) for name, values in known.items()}


def value_columns(process: DeclaredProcess, found: Trajectory, at: Ints, prefix: str = "") -> dict[str, Column]:
    """The values of these attributes during the stays at `at`."""
    known = process.attribute_values.items()
    return {prefix + name: Words(values).column(found.values[name][at]) for name, values in known}


def run_column(found: Trajectory, at: Ints) -> Column:
    """The number of the run that each of the stays at `at` belongs to."""
    return Column(INT, found.run[at])


def ends(left: Ints) -> Column:
    """The end of each stay; missing while it is open."""
    valid: Bools = left < OPEN
    return Column(TIMESTAMP, np.where(valid, left, 0), None if valid.all() else valid)
