"""A small stand-in for plan and engine: one document, a few rows of each table, any kind of column filled.

Row sources are not run: each root table has `roots` rows, each parent up to three children, by its own identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import SimpleNamespace

import numpy as np
import pyarrow as pa

from datagen.columnar.block import TIMESTAMP, Block, Column, Rows
from datagen.errors import Problem
from datagen.expressions import compile_expression
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.support.bind import bind_generator
from datagen.kinds.row_sources.base import RowSource
from datagen.point_process.grid import Grid
from datagen.random.streams import Stream, child_identities, mix, root_identities
from datagen.registry import did_you_mean, load
from datagen.time_units import DAY, HOUR, parse_instant

load()
START, END = parse_instant("2024-01-01"), parse_instant("2025-01-01")


def within_reach(example: dict) -> bool:
    """Whether the stand-in can fill the example: it knows nothing of behaviors, and of causes of events."""
    return not any("behaviors" in table or "gaps" in str(table["rows"]) for table in example["tables"].values())


@dataclass(frozen=True)
class FakeWindow:
    start: int = START
    end: int = END


@dataclass(frozen=True)
class FakeTable:
    name: str
    parent: str | None
    columns: dict[str, Generator]
    behaviors: tuple[Behavior, ...] = ()
    root: str = ""
    depth: int = 0
    rows: RowSource | None = None
    latent: frozenset[str] = frozenset()
    row_times: tuple[str, ...] = ("arrival_time", "event_time")

    @property
    def key(self) -> str | None:
        return next((name for name, column in self.columns.items() if column.type == "key"), None)

    @property
    def identity(self) -> tuple[str, ...]:
        unique = (name for name, column in self.columns.items() if column.identifies)
        return (self.key,) if self.key else tuple(unique)[:1]

    @property
    def moment(self) -> str | None:
        return next((name for name, column in self.columns.items() if column.row_attribute in self.row_times), None)


def _times(moments) -> dict[str, Column]:
    return {name: Column(TIMESTAMP, moments) for name in ("arrival_time", "event_time")}


@dataclass(eq=False)
class World:
    """A document with its tables, and the rows of the roots from `start` to `stop`."""

    document: dict
    seed: int = 1
    start: int = 0
    stop: int = 60
    effects: dict = field(default_factory=dict)

    @cached_property
    def tables(self) -> dict[str, FakeTable]:
        return {name: self._table(name, raw) for name, raw in self.document["tables"].items()}

    def _table(self, name: str, raw: dict) -> FakeTable:
        columns = {column: Generator.parse(declared) for column, declared in raw["columns"].items()}
        return FakeTable(
            name,
            raw.get("parent"),
            columns,
            tuple(map(Behavior.parse, raw.get("behaviors", ()))),
            rows=RowSource.parse(raw.get("rows", 1)),
        )

    @property
    def window(self) -> FakeWindow | None:
        return FakeWindow() if "window" in self.document else None

    def scope(self, table: str, column: str | None = None) -> FakeScope:
        return FakeScope(self, self.tables[table], column, ("tables", table, "columns", column))

    def problems(self) -> list[Problem]:
        found = []
        for table in self.tables.values():
            for name, generator in table.columns.items():
                scope = self.scope(table.name, name)
                found += generator.problems(scope)
                type_ = generator.result(scope)
                for i, modifier in enumerate(generator.modifiers):
                    found += modifier.problems(scope.at("modifiers", i), type_)
        return found

    @cached_property
    def blocks(self) -> dict[str, Block]:
        blocks: dict[str, Block] = {}
        while len(blocks) < len(self.tables):
            for name, table in self.tables.items():
                if name not in blocks and (table.parent is None or table.parent in blocks):
                    blocks[name] = self._root(name) if table.parent is None else self._child(name, blocks[table.parent])
        return blocks

    def _root(self, name: str) -> Block:
        listed = getattr(self.tables[name].rows, "rows", None)  # rows that are listed are as many as they are
        stop = self.stop if listed is None else len(listed)
        index = np.arange(min(self.start, stop), min(self.stop, stop), dtype=np.int64)
        moments = START + index * DAY
        return Block(name, self.start, root_identities(index), attributes=_times(moments), time="event_time")

    def _child(self, name: str, parent: Block) -> Block:
        counts = (mix(parent.ids, 7) % np.uint64(4)).astype(np.int64)
        rows = np.repeat(np.arange(len(parent)), counts)
        ordinal = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        ids = child_identities(parent.ids[rows], ordinal)
        moments = parent.attributes["event_time"].data[rows] + (mix(ids) % np.uint64(90 * DAY)).astype(np.int64)
        first = 0 if self.start == 0 else len(World(self.document, self.seed, 0, self.start).blocks[name])
        block = Block(name, first, ids, parent, rows, counts, _times(moments), "event_time")
        parent.children[name] = block
        return block

    def filled(self, table: str, column: str) -> Column:
        """A column of all rows of the world."""
        block = self.blocks[table]
        if column not in block.columns:
            self.prepare(table, column)
            block.columns[column] = self.fill(table, column)(Rows(block))
        return block.columns[column]

    def prepare(self, table: str, column: str) -> None:
        """Fill what the column needs."""
        scope = self.scope(table, column)
        generator = self.tables[table].columns[column]
        own = {
            tuple(name.split(".")) if "." in name else (table, name) for m in generator.modifiers for name in m.reads()
        }
        for need in generator.needs(scope) | own:
            self.filled(*need)

    def fill(self, table: str, column: str):
        return bind_generator(self.tables[table].columns[column], self.scope(table, column))


@dataclass(frozen=True)
class FakeScope:
    """One column of the world."""

    world: World
    table: FakeTable
    column: str | None
    keys: tuple
    path: tuple = ()

    @property
    def window(self):
        return self.world.window

    def at(self, *keys):
        return replace(self, keys=self.keys + keys, path=self.path + keys)

    def behavior(self, index):
        return replace(
            self, column=None, keys=("tables", self.table.name, "behaviors", index), path=("behaviors", index)
        )

    def problem(self, code, message, hint="", *keys):
        return Problem(code, self.keys + keys, message, hint)

    def tables(self):
        return self.world.tables

    def _owner(self, column, table):
        name = column
        if "." in column:
            table, _, name = column.partition(".")
        owner = self.world.tables.get(table or self.table.name)
        return owner, name

    def type_of(self, column, table=None):
        owner, name = self._owner(column, table)
        if owner is None or name not in owner.columns:
            return None
        return owner.columns[name].result(self.world.scope(owner.name, name))

    def column_problem(self, column, *keys):
        owner, name = self._owner(column, None)
        if owner is not None and name in owner.columns:
            return None
        hint = did_you_mean(column, list(self.table.columns))
        return self.problem("unknown-column", f"there is no column '{column}'", hint, *keys)

    def nullable(self, column, table=None):
        owner, name = self._owner(column, table)
        generator = owner.columns[name]
        nullable = generator.nullable(self.world.scope(owner.name, name))
        for modifier in generator.modifiers:
            nullable = modifier.nullable(nullable)
        return nullable

    def rows_below(self, table, through=None):
        return None

    def extent(self, column, table=None):
        return None

    def empty(self, table):
        return False

    def longest(self, column, table=None):
        return None

    def expression(self, text, table=None):
        known = list(self.world.tables[table].columns) if table else list(self.table.columns)
        return compile_expression(text, lambda name: self.type_of(name, table), known)

    def grid(self):
        raise AssertionError("no column asks for it")

    rate = grid

    def span(self):
        return Grid(START // HOUR, (END - START) // HOUR)

    def effect(self):
        return self.world.effects.get((self.table.name, self.column))

    def planted(self):
        return SimpleNamespace(known=(), distributions=tuple, daily=(), rate=SimpleNamespace(treatments=()))

    def reference_weights(self, target):
        return None

    def choice_timed(self, table):
        return False

    def choice_rate(self, table, *, everyone):
        return None

    def freeze(self, name, compute):
        return compute()

    def table_stream(self, *purpose):
        return Stream.named(self.world.seed, self.table.name, "", "shared", *purpose)

    def stream(self, *purpose):
        return Stream.named(self.world.seed, self.table.name, self.column or "", *map(str, self.path), *purpose)

    def rows_in(self, table):
        return len(self.world.blocks[table])

    def recompute(self, table, column):
        return lambda index: self.world.filled(table, column).take(index)

    def scan(self, table, columns):
        for column in columns:
            self.world.filled(*column)
        return lambda: iter([self.world.blocks[table]])

    def existing(self, table):
        return lambda times: np.searchsorted(self.world.blocks[table].attributes["arrival_time"].data, times)


def column(
    declared: dict, n: int = 1000, *, effect=None, seed: int = 1, window: bool = False, **others: dict
) -> Column:
    """n cells of one column, alone with `others` in a table."""
    columns = {"id": {"type": "key"}, **others, "it": declared}
    world = World({"tables": {"t": {"columns": columns}}}, seed, 0, n, {} if effect is None else {("t", "it"): effect})
    if window:
        world.document["window"] = {}
    assert not list(map(str, world.problems()))
    return world.filled("t", "it")


def problems(declared: dict, *, window: bool = False, **others: dict) -> list[str]:
    """What is wrong with one column, word for word, without its place in the document."""
    columns = {"id": {"type": "key"}, **others, "it": declared}
    world = World({"tables": {"t": {"columns": columns}}, **({"window": {}} if window else {})})
    return [str(problem).replace("$.tables.t.columns.it", "$") for problem in world.problems()]


def listed(values: Column) -> list:
    """The cells as Python values: None where missing, words for codes."""
    cells = values.data.to_pylist() if hasattr(values.data, "to_pylist") else values.data.tolist()
    if values.dictionary is not None:
        cells = values.dictionary.take(pa.array(values.data)).to_pylist()
    return [cell if values.valid is None or values.valid[i] else None for i, cell in enumerate(cells)]
