"""Why values differ between two documents: what changed that a column, or the rows of a table, depend on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from datagen.analysis.dependencies import needs_graph
from datagen.analysis.semantic_model import Node, SemanticModel
from datagen.errors import json_path
from datagen.schema.reading.json_values import Keys

Reason = Literal[
    "declaration",
    "rows",
    "parent",
    "reads",
    "behavior",
    "process",
    "correlation",
    "faults",
    "stream",
    "window",
    "other",
]
MOST = 4
_EVERYWHERE: Mapping[str, tuple[Reason, str]] = {
    "name": ("stream", "the name of the document, a part of the name of every random stream, changed"),
    "seed": ("stream", "the seed, a part of the name of every random stream, changed"),
    "window": ("window", "the window changed"),
    "without": ("other", "other declarations are switched off"),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: `source` is the place of a declaration, or the column or table that changed; `text` is for readers."""

    reason: Reason
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """A place that differs between two documents; values are shortened JSON, empty where there is none."""

    keys: Keys
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.keys[-1]} {self.before or 'nothing'} -> {self.after or 'nothing'}"


class ValueCauses:
    """The causes for the nodes of two documents. `differing` are the columns with other values and the tables (without
    a column) with another number of rows.
    """

    def __init__(
        self, models: tuple[SemanticModel, SemanticModel], changes: Sequence[PlaceChange], differing: Collection[Node]
    ) -> None:
        self._models, self._changes = models, changes
        self._declared: dict[Node, list[Cause]] = defaultdict(list)
        self._general: list[Cause] = []
        for change in changes:
            self._sort(change)
        self._behaviors()
        self._differing = {*differing, *(node for node in self._declared if node[1] is None)}
        self._needs: dict[Node, dict[Node, None]] = defaultdict(dict)
        for model in models:
            for node, needs in needs_graph(model).items():
                self._needs[node] |= dict.fromkeys([*sorted(needs, key=str), *_referred(model, node)])

    def of(self, table: str, column: str | None = None) -> tuple[Cause, ...]:
        """The causes of other values of a column, or of other rows of a table: its own declaration first.

        Other rows of its table are listed only if there is no other cause: more rows do not change the values of the
        first ones.
        """
        node = (table, column)
        direct = [*self._general, *self._declared.get(node, ())]
        changed = [need for need in self._needs[node] if need in self._differing]
        found = [*direct, *(self._read(node, need) for need in changed if need != (table, None))]
        found = found or [self._read(node, need) for need in changed]
        unique = list(dict.fromkeys(found or self._distant(node)))
        return tuple(unique[:MOST]) or (self._unknown(),)

    def _sort(self, change: PlaceChange) -> None:
        """Note a change at the columns and rows that it is about. Descriptions, expectations and formats decide no
        value.
        """
        place, first = json_path(*change.keys), str(change.keys[0])
        if first in _EVERYWHERE:
            reason, text = _EVERYWHERE[first]
            self._general.append(Cause(reason, place, f"{text}: {change}"))
        for node, why, words in self._affected(change):
            self._note(node, why, place, words)

    def _affected(self, change: PlaceChange) -> Iterator[tuple[Node, Reason, str]]:
        """The nodes that a change of a table is about, with the reason in a word and in words."""
        match change.keys:
            case ("tables", str(table), "columns", str(column), *_):
                yield (table, column), "declaration", f"its declaration changed: {change}"
            case ("tables", str(table), "rows" | "parent", *_):
                yield (table, None), "rows", f"the declaration of the rows of {table} changed: {change}"
            case ("tables", str(table), "processes", str(name), *_):
                text = f"the process {name} of {table} changed: {change}"
                yield from (((view, None), "process", text) for view in self._following(table, name))
            case ("tables", str(table), "correlations", *_):
                text = f"a correlation of {table} changed"
                yield from (((table, column), "correlation", text) for column in self._correlated(table))
            case ("faults", str(table), *_):
                text = f"the faults of {table} changed"
                yield from (((table, column), "faults", text) for column in self._columns(table))

    def _note(self, node: Node, reason: Reason, place: str, text: str) -> None:
        self._declared[node].append(Cause(reason, place, text))

    def _behaviors(self) -> None:
        """Note each behavior that only one of the documents has at its targets."""
        lists = [{name: _behaviors_of(model, name) for name in model.tables} for model in self._models]
        for model, own, other in zip(self._models, lists, reversed(lists), strict=True):
            for place, target in model.targets:
                owner, index = place.table.name, int(place.keys[3])
                behavior = own[owner][index]
                if behavior in other.get(owner, ()):
                    continue
                source = json_path("tables", owner, "behaviors", index)
                text = f"the behavior {behavior.get('type')} of {owner} changed"
                for node in self._targeted(model, owner, target):
                    self._note(node, "behavior", source, text)

    def _targeted(self, model: SemanticModel, owner: str, target: str) -> Iterator[Node]:
        meant = model.process_target(owner, target)
        if meant is not None:
            yield from ((view, None) for view in model.following(meant[0], meant[1]))
            return
        table, _, column = target.partition(".")
        yield (table, column or None)
        if not column and table in model.tables:
            yield from ((table, name) for name in self._columns(table) if _refers(model, table, name) == owner)

    def _following(self, table: str, process: str) -> dict[str, None]:
        found = (view for model in self._models if table in model.tables for view in model.following(table, process))
        return dict.fromkeys(found)

    def _columns(self, table: str) -> dict[str, None]:
        return dict.fromkeys(c for model in self._models if table in model.tables for c in model.tables[table].columns)

    def _correlated(self, table: str) -> dict[str, None]:
        declared = (model.document.tables.get(table) for model in self._models)
        entries = (entry for one in declared if one is not None for entry in one.correlations)
        return dict.fromkeys(column for entry in entries for column in entry.columns)

    def _read(self, node: Node, need: Node) -> Cause:
        """The cause for a node of something that it needs and that changed."""
        table, column = need
        if column is not None:
            return Cause("reads", f"{table}.{column}", f"it reads {table}.{column}, which changed")
        if table == node[0]:
            return Cause("rows", table, "the rows of its table changed")
        if any(model.tables[node[0]].parent == table for model in self._models if node[0] in model.tables):
            return Cause("parent", table, f"the rows of its parent {table} changed")
        return Cause("rows", table, f"the rows of {table}, to which it refers, changed")

    def _distant(self, node: Node) -> Iterator[Cause]:
        """The declarations that changed and that a node depends on through others, nearest first."""
        seen, layer = {node}, [node]
        while layer:
            layer = [need for one in layer for need in self._needs[one] if need not in seen]
            seen.update(layer)
            for need in layer:
                for cause in self._declared.get(need, ()):
                    name = need[0] if need[1] is None else f"{need[0]}.{need[1]}"
                    yield Cause(cause.reason, cause.source, f"it depends on {name}: {cause.text}")

    def _unknown(self) -> Cause:
        places = ", ".join(json_path(*change.keys) for change in self._changes[:3])
        return Cause("other", "$", f"it follows from what changed at {places}")


def _behaviors_of(model: SemanticModel, table: str) -> list[dict[str, Any]]:
    found = model.schema.raw["tables"].get(table, {}).get("behaviors", [])
    return [one if isinstance(one, dict) else {} for one in found]


def _referred(model: SemanticModel, node: Node) -> list[Node]:
    """The rows of the table whose keys a column holds: a key is chosen among them."""
    table, column = node
    to = _refers(model, table, column) if column is not None else None
    return [(to, None)] if to is not None and to in model.tables and to != table else []


def _refers(model: SemanticModel, table: str, column: str) -> str | None:
    generator = model.tables[table].columns.get(column)
    return generator.refers_to(model.column(table, column)) if generator is not None else None
