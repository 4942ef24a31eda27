"""What is known of a table once the document is read: its place among the others, its key, its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datagen.behaviors.base import Behavior
from datagen.generators.base import Generator
from datagen.rows.base import RowSource
from datagen.schema.document import Document, Table


@dataclass(eq=False)
class TableFacts:
    """A table of the document; it is what kinds see as `Table`.

    `lineage` names the table itself, its parent, its grandparent ... as far as they are known. `columns` holds declared
    columns first, in the order of the document, then `latent` ones, which behaviors bring along.
    """

    name: str
    parent: str | None
    lineage: tuple[str, ...]
    rows: RowSource
    columns: dict[str, Generator]
    behaviors: tuple[Behavior, ...]
    primary_key: tuple[str, ...]
    latent: frozenset[str] = frozenset()

    @property
    def declared(self) -> tuple[str, ...]:
        """The columns that the document names, in its order."""
        return tuple(name for name in self.columns if name not in self.latent)

    @property
    def marks(self) -> tuple[str, ...]:
        return self.rows.marks

    @property
    def root(self) -> str:
        return self.lineage[-1]

    @property
    def depth(self) -> int:
        return len(self.lineage) - 1

    @property
    def key(self) -> str | None:
        return next((name for name, column in self.columns.items() if column.type == "key"), None)

    @property
    def moment(self) -> str | None:
        return next((name for name, column in self.columns.items() if column.type in self.marks), None)


def facts_of(document: Document) -> dict[str, TableFacts]:
    """The facts of every table, by name, in the order of the document."""
    return {name: _facts(name, table, document.tables) for name, table in document.tables.items()}


def _facts(name: str, table: Table, tables: Mapping[str, Table]) -> TableFacts:
    lineage = lineage_of(name, tables)
    return TableFacts(name, table.parent, lineage, table.rows, dict(table.columns), table.behaviors, table.primary_key)


def lineage_of(name: str, tables: Mapping[str, Table]) -> tuple[str, ...]:
    """The table and its ancestors; ends where a parent is unknown or comes round again."""
    lineage = {name: None}  # ordered, and quick to look in
    above = tables[name].parent
    while above is not None and above in tables and above not in lineage:
        lineage[above] = None
        above = tables[above].parent
    return tuple(lineage)
