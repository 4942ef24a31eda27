"""What must be made before what: rows after their parents, columns after their rows and what they read."""

from __future__ import annotations

from datagen.checks.house import House, Node


def needs_graph(house: House) -> dict[Node, set[Node]]:
    """Every row source and column with what it needs, in the order of the document; only what exists."""
    graph: dict[Node, set[Node]] = {}
    for facts in house.tables.values():
        graph[(facts.name, None)] = {*house.needs_of(facts.name, None)} | _parent(house, facts.name)
        for column in facts.columns:
            graph[(facts.name, column)] = {(facts.name, None), *house.needs_of(facts.name, column)}
    for node, needs in _multiplied(house):
        if node in graph:
            graph[node] |= needs
    return {node: {need for need in needs if need in graph and need != node} for node, needs in graph.items()}


def _parent(house: House, table: str) -> set[Node]:
    """The parent's rows; nothing where parents go round in a circle, which is told by itself."""
    lineage = house.tables[table].lineage
    ends = house.tables[lineage[-1]].parent is None
    return {(lineage[1], None)} if ends and len(lineage) > 1 else set()


def _multiplied(house: House) -> list[tuple[Node, set[Node]]]:
    """What behaviors read, for each of their targets."""
    found: list[tuple[Node, set[Node]]] = []
    for place, target in house.targets:
        behavior = house.tables[place.table.name].behaviors[int(place.keys[3])]
        table, _, column = target.partition(".")
        found.append(((table, column or None), {*behavior.needs(place)}))
    return found
