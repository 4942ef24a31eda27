"""The order of work: rows after their parents, columns after their rows and the columns they read."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.join_path import Path, path_to
from datagen.analysis.semantic_model import Node, SemanticModel
from datagen.analysis.static_scope import StaticScope
from datagen.kinds.generators.base import Generator


def needs_graph(model: SemanticModel) -> dict[Node, set[Node]]:
    """The dependencies of every row source and column, in document order, limited to existing ones."""
    graph: dict[Node, set[Node]] = {}
    for facts in model.tables.values():
        graph[(facts.name, None)] = {*model.needs_of(facts.name, None)} | _parent(model, facts.name)
        if facts.rows.after is not None:
            graph[(facts.name, None)].add((facts.rows.after, None))
        for column in facts.columns:
            counted = _counted(model, facts.name, column)
            graph[(facts.name, column)] = {(facts.name, None), *model.needs_of(facts.name, column), *counted}
            if _bounds(facts.columns[column], facts.name):
                graph[(facts.name, None)] |= counted
    for node, needs in _multiplied(model):
        if node in graph:
            graph[node] |= needs
    return {node: {need for need in needs if need in graph and need != node} for node, needs in graph.items()}


def _bounds(column: Generator, table: str) -> bool:
    """Whether the column limits the rows of a parent to the number of its candidates."""
    return column.exhausts not in (None, table)


def _parent(model: SemanticModel, table: str) -> set[Node]:
    """The parent's rows; empty for a cycle of parents, which is reported elsewhere."""
    lineage = model.tables[table].lineage
    ends = model.tables[lineage[-1]].parent is None
    return {(lineage[1], None)} if ends and len(lineage) > 1 else set()


def _counted(model: SemanticModel, table: str, column: str) -> set[Node]:
    """The referenced table must be counted before a key is chosen."""
    target = model.tables[table].columns[column].refers_to(model.column(table, column))
    counted = target in model.tables and model.tables[target].parent is not None
    return {(target, None)} if target is not None and counted else set()


def _multiplied(model: SemanticModel) -> list[tuple[Node, set[Node]]]:
    """What behaviors read, for each of their targets: the columns of the entity, and the key that refers to it."""
    found: list[tuple[Node, set[Node]]] = []
    for scope, target in model.targets:
        owner = scope.table.name
        meant = model.process_target(owner, target)
        if meant is not None:
            found += _of_process(model, scope, meant)
            continue
        table, _, column = target.partition(".")
        needs: set[Node] = {*model.tables[owner].behaviors[int(scope.keys[3])].needs(scope)}
        path = _path(model, owner, table, column)
        if path is not None and path.through is not None:
            needs.add((path.table, path.through))
        found.append(((table, column or None), needs))
        if path is None and not column and owner != table:  # the multiplier chooses the keys of the entity
            found += [((table, chosen), needs) for chosen in _references(model, table, owner)]
    return found


def _of_process(
    model: SemanticModel, scope: StaticScope, meant: tuple[str, str, str]
) -> Iterator[tuple[Node, set[Node]]]:
    """What behaviors on a process read. The rows of every table that follows the process depend on it."""
    table, process, _ = meant
    behavior = model.tables[scope.table.name].behaviors[int(scope.keys[3])]
    needs: set[Node] = {*behavior.needs(scope)}
    path = path_to(model.tables, table, scope.table.name)
    if path is not None and path.through is not None:
        needs.add((path.table, path.through))
    for view in model.following(table, process):
        yield (view, None), needs


def _path(model: SemanticModel, owner: str, table: str, column: str) -> Path | None:
    """The join path to the entity from a row or, for a rate, from its parent."""
    start = table if column or table not in model.tables else model.tables[table].parent
    return path_to(model.tables, start, owner) if start is not None and start in model.tables else None


def _references(model: SemanticModel, table: str, owner: str) -> list[str]:
    """The columns of a table that hold keys of `owner`."""
    columns = model.tables[table].columns if table in model.tables else {}
    return [name for name, one in columns.items() if one.refers_to(model.column(table, name)) == owner]


def settle(model: SemanticModel) -> None:
    """Infers types, nullability, lengths and ranges in dependency order, so that no inference recurses
    along a chain.
    """
    graph = needs_graph(model)
    seen: set[Node] = set()
    for node in graph:
        for table, column in _needs_first(node, graph, seen):
            if column is not None:
                model.type_of(table, column)
                model.nullable(table, column)
                model.longest(table, column)
                model.extent(table, column)


def _needs_first(node: Node, graph: dict[Node, set[Node]], seen: set[Node]) -> Iterator[Node]:
    """The node and its dependencies in topological order as far as there is no cycle; without those in `seen`."""
    stack = [(node, False)]
    while stack:
        here, ready = stack.pop()
        if ready:
            yield here
        elif here not in seen:
            seen.add(here)
            stack.append((here, True))
            stack.extend((need, False) for need in graph[here])
