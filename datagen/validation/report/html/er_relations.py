"""The relations of the tables of a schema: parents, references, keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datagen.analysis.foreign_keys import foreign_keys
from datagen.analysis.semantic_model import SemanticModel


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key: a column of one table holds keys of another; `child` if it is the parent's key."""

    table: str
    column: str
    to: str
    child: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A table of the diagram: its key, its foreign keys, the number of other columns and of rows."""

    name: str
    key: str | None
    links: tuple[Link, ...]
    others: int
    rows: int | None

    @property
    def lines(self) -> list[str]:
        """The lines below the name."""
        own = [self.key] if self.key else []
        return [*own, *(link.column for link in self.links if link.column and link.column != self.key)]


@dataclass(frozen=True, slots=True)
class Relations:
    """All tables, in schema order, and their parents."""

    boxes: dict[str, Box]
    parent: dict[str, str | None]
    root: dict[str, str]

    @property
    def links(self) -> list[Link]:
        return [link for box in self.boxes.values() for link in box.links]


def relations_of(model: SemanticModel, rows: Mapping[str, int]) -> Relations:
    """The relations of a document with the number of rows found in each table."""
    boxes = {name: _box(model, name, rows.get(name)) for name in model.tables}
    parents = {name: facts.parent for name, facts in model.tables.items()}
    return Relations(boxes, parents, {name: facts.root for name, facts in model.tables.items()})


def _box(model: SemanticModel, table: str, rows: int | None) -> Box:
    facts = model.tables[table]
    shown = [name for name in facts.declared if not facts.columns[name].hidden]
    links = [link for name in shown if (link := link_of(model, table, name)) is not None]
    if facts.parent in model.tables and not any(link.child for link in links):
        links.insert(0, Link(table, "", facts.parent or "", child=True))
    key = facts.identity[0] if facts.identity else None
    named = {key, *(link.column for link in links)}
    return Box(table, key, tuple(links), sum(name not in named for name in shown), rows)


def link_of(model: SemanticModel, table: str, column: str) -> Link | None:
    """The foreign key in a column; None if it is none."""
    generator = model.tables[table].columns[column]
    to = next((key.table for key in foreign_keys(model, table) if column in key.columns), None)
    if to is None or to not in model.tables:
        return None
    return Link(table, column, to, child=generator.role == "parent_key" and to == model.tables[table].parent)
