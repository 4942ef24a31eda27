"""The order of work within a family: row sources and columns after what they depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from datagen.errors import PlanError


@dataclass(frozen=True, slots=True)
class Step:
    """Make the rows of a table (`column` is None) or fill one of its columns."""

    table: str
    column: str | None = None

    def __str__(self) -> str:
        return self.table if self.column is None else f"{self.table}.{self.column}"


Graph = Mapping[Step, frozenset[Step]]
"""The dependencies of each step, in document order."""


def ordered(graph: Graph) -> tuple[Step, ...]:
    """All steps in topological order; in document order where dependencies allow."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise PlanError("columns depend on each other in a cycle: " + " -> ".join(map(str, error.args[1]))) from None
    done: dict[Step, None] = {}
    position = {step: i for i, step in enumerate(graph)}
    for step in graph:
        _visit(step, graph, done, position)
    return tuple(done)


def _visit(step: Step, graph: Graph, done: dict[Step, None], position: Mapping[Step, int]) -> None:
    stack = [(step, False)]
    while stack:
        here, ready = stack.pop()
        if here in done:
            continue
        if ready:
            done[here] = None
            continue
        stack.append((here, True))
        before = sorted((s for s in graph[here] if s not in done), key=position.__getitem__, reverse=True)
        stack.extend((s, False) for s in before)


def closure(graph: Graph, targets: Iterable[Step]) -> frozenset[Step]:
    """The targets and their transitive dependencies."""
    found: set[Step] = set()
    open_ = list(targets)
    while open_:
        step = open_.pop()
        if step not in found:
            found.add(step)
            open_.extend(graph[step])
    return frozenset(found)
