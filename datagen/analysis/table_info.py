"""Facts about a parsed table: its ancestors, its key, its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.generators.base import Generator
from datagen.kinds.processes.base import Process
from datagen.kinds.row_sources.base import RowSource
from datagen.schema.correlation import Correlation
from datagen.schema.document import Table
from datagen.schema.reading.json_values import Keys
from datagen.schema.reading.placeholders import InvalidColumn, InvalidRows
from datagen.schema.reading.read import Schema

ANY_TIME = ("arrival_time", "event_time")


class OpenColumns(dict[str, Generator]):
    """The columns of a table that may have others: any, or those of certain names (None: any)."""

    names: frozenset[str] | None = None

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self.names is None or name in self.names

    def __missing__(self, name: str) -> Generator:
        if name not in self:
            raise KeyError(name)
        return InvalidColumn.model_construct(type="")

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401  # this is that method


@dataclass(eq=False)
class TableInfo:
    """A table of the document, which kinds see as `Table`.

    `lineage` is the table, its parent, its grandparent ... as far as known. `columns` has declared columns first, in
    document order, then `latent` ones, which behaviors add.
    """

    name: str
    parent: str | None
    lineage: tuple[str, ...]
    rows: RowSource
    columns: dict[str, Generator]
    behaviors: tuple[Behavior, ...]
    primary_key: tuple[str, ...]
    correlations: tuple[Correlation, ...] = ()
    processes: Mapping[str, Process] = field(default_factory=dict)
    latent: frozenset[str] = frozenset()
    hidden: bool = False
    """Whether the table is written to `_truth/` only. None of its columns is hidden separately then."""

    @property
    def declared(self) -> tuple[str, ...]:
        """The declared columns, in document order."""
        return tuple(name for name in self.columns if name not in self.latent)

    @property
    def row_times(self) -> tuple[str, ...]:
        if isinstance(self.rows, InvalidRows) and self.rows.source is None:
            return ANY_TIME
        time = self.rows.source.time if isinstance(self.rows, InvalidRows) and self.rows.source else self.rows.time
        return () if time is None else (time,)

    @property
    def is_root(self) -> bool | None:
        """Whether it is a root table; None if unknown."""
        if isinstance(self.rows, InvalidRows):
            return self.rows.source.root if self.rows.source else None
        return self.rows.root

    @property
    def root(self) -> str:
        return self.lineage[-1]

    @property
    def depth(self) -> int:
        return len(self.lineage) - 1

    @property
    def key(self) -> str | None:
        sure = next((name for name, column in self.columns.items() if column.role == "key"), None)
        return sure or self._may_be

    @property
    def identity(self) -> tuple[str, ...]:
        """The visible columns that identify a row: the primary key, else the column of type `key`, else the first
        unique one.
        """
        shown = [name for name in self.declared if not self.columns[name].hidden]
        if self.primary_key:
            return self.primary_key if set(self.primary_key) <= set(shown) else ()
        keys = [name for name in shown if self.columns[name].role == "key"]
        unique = [name for name in shown if self.columns[name].identifies and self.columns[name].intact]
        return tuple([*keys, *unique][:1])

    @property
    def _may_be(self) -> str | None:
        """A placeholder column, which may be of any type, if there is one."""
        unparsed = (name for name, one in self.columns.items() if isinstance(one, InvalidColumn) and one.nameless)
        return next(unparsed, "?" if "?" in self.columns else None)

    @property
    def moment(self) -> str | None:
        times = self.row_times
        sure = next((name for name, column in self.columns.items() if column.row_attribute in times), None)
        return sure or (self._may_be if times else None)


def facts_of(schema: Schema) -> dict[str, TableInfo]:
    """The facts of every table, by name, in document order."""
    tables = schema.document.tables
    found = {name: _facts(name, table, tables) for name, table in tables.items()}
    for keys in sorted(schema.unparsed, key=str):
        if keys[2:] == ("columns",) or keys[2:3] == ("behaviors",):
            facts = found[str(keys[1])]
            facts.columns = _more(facts.columns, _texts(schema, keys))
    return found


def _more(columns: dict[str, Generator], names: frozenset[str] | None) -> OpenColumns:
    more = OpenColumns(columns)
    before = columns.names if isinstance(columns, OpenColumns) else frozenset()
    more.names = None if names is None or before is None else before | names
    return more


def _texts(schema: Schema, keys: Keys) -> frozenset[str] | None:
    """The possible names of unparsed columns: hidden names of behaviors; None for unparsed columns of any name."""
    try:
        return frozenset(_written(schema.at(keys))) if keys[2] == "behaviors" else None
    except (KeyError, IndexError, TypeError):
        return None  # the key itself is invalid, or the whole table


def _written(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for value in inside:
        yield from _written(value)


def _facts(name: str, table: Table, tables: Mapping[str, Table]) -> TableInfo:
    lineage = lineage_of(name, tables)
    columns = dict(table.columns)
    return TableInfo(
        name,
        table.parent,
        lineage,
        table.rows,
        columns,
        table.behaviors,
        table.primary_key,
        table.correlations,
        table.processes,
        hidden=table.hidden,
    )


def lineage_of(name: str, tables: Mapping[str, Table]) -> tuple[str, ...]:
    """The table and its ancestors, up to an unknown parent or a cycle."""
    lineage = {name: None}  # ordered, with fast look-ups
    above = tables[name].parent
    while above is not None and above in tables and above not in lineage:
        lineage[above] = None
        above = tables[above].parent
    return tuple(lineage)
