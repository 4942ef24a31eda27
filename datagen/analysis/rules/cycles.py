"""Columns and rows do not depend on each other in a cycle, across tables."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from datagen.analysis.dependencies import needs_graph
from datagen.analysis.semantic_model import Node, SemanticModel
from datagen.errors import Problem


def cycles(model: SemanticModel) -> Iterator[Problem]:
    """The dependencies have a topological order."""
    graph = needs_graph(model)
    order = {node: position for position, node in enumerate(graph)}
    while cycle := _cycle(graph):
        first = cycle.index(min(cycle, key=order.__getitem__))
        path = cycle[first:] + cycle[:first]
        yield _problem(path)
        for node in cycle:
            del graph[node]
        graph = {node: needed - set(cycle) for node, needed in graph.items()}


def _cycle(graph: dict[Node, set[Node]]) -> list[Node]:
    """Nodes of a cycle, each depending on the next; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        path: list[Node] = error.args[1][:-1]
        return path[::-1]
    return []


def _problem(path: list[Node]) -> Problem:
    table, column = path[0]
    keys = ("tables", table, "rows") if column is None else ("tables", table, "columns", column)
    names = [name if inner is None else f"{name}.{inner}" for name, inner in [*path, path[0]]]
    return Problem("cycle", keys, f"depends on itself: {' -> '.join(names)}", "remove one of these dependencies")
