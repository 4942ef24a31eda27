"""A schema for other tools: tables with keys, columns with types and constraints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from datagen.analysis.foreign_keys import ForeignKey, foreign_keys
from datagen.analysis.table_info import TableInfo
from datagen.columnar.block import Type
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import PatternDeclaration, RangeDeclaration, UniqueDeclaration
from datagen.engine.generate import program_of
from datagen.engine.program import Program
from datagen.kinds.expectations.base import Expectation
from datagen.kinds.faults.base import ColumnShape
from datagen.kinds.formats.base import KeyReference, TableKeys
from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.support.literals import parse_cell
from datagen.planning.plan import Plan

Value = str | int | bool
MOST_VALUES = 1000
"""Longer lists of values are not exported as a constraint."""


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """One column: `low` and `high` (included) in the units of the type; `refers` is the referenced table and key."""

    name: str
    type: Type
    nullable: bool
    description: str = ""
    values: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None
    pattern: str = ""
    unique: bool = False
    refers: tuple[str, str] | None = None
    precision: int | None = None


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """One table: `key` is its primary key, `conditions` hold for every row and use its own columns only. `enforced` are
    those of its `references` that a database accepts: the referenced columns are a key.
    """

    name: str
    description: str
    columns: tuple[ColumnSchema, ...]
    key: tuple[str, ...]
    parent: str | None = None
    conditions: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    references: tuple[ForeignKey, ...] = ()
    enforced: tuple[ForeignKey, ...] = ()

    def has_key(self, columns: tuple[str, ...]) -> bool:
        """Whether the rows have different values of these columns: the primary key or a unique column."""
        return {*columns} == {*self.key} or any(c.unique and columns == (c.name,) for c in self.columns)


@dataclass(frozen=True, slots=True)
class DescribedSchema:
    """The tables of a document in document order."""

    name: str
    description: str
    tables: tuple[DescribedTable, ...]

    def cycles(self) -> dict[str, frozenset[str]]:
        """For each table, the other tables of its reference cycles, direct or not."""
        leads = {table.name: {key.table for key in table.references} for table in self.tables}
        reached = {name: _reached(name, leads) for name in leads}
        return {
            name: frozenset(other for other in found if other != name and name in reached.get(other, ()))
            for name, found in reached.items()
        }

    def parents_first(self) -> tuple[DescribedTable, ...]:
        """Every table after those it refers to, except within reference cycles."""
        by_name = {table.name: table for table in self.tables}
        graph = {
            t.name: {key.table for key in t.references if key.table in by_name and key.table != t.name}
            for t in self.tables
        }
        while True:
            try:
                return tuple(by_name[name] for name in TopologicalSorter(graph).static_order())
            except CycleError as error:
                one, other = error.args[1][:2]
                graph[other].discard(one)


def _reached(name: str, leads: Mapping[str, set[str]]) -> set[str]:
    """All names reachable from a name."""
    found: set[str] = set()
    waiting = [*leads.get(name, ())]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += leads.get(one, ())
    return found


def described(program: Program) -> DescribedSchema:
    """The schema of a program, without hidden columns and tables, and without foreign keys to hidden tables."""
    model = program.model
    expectations = [expectation for _, expectation in model.expectations()]
    shown = (facts for facts in model.tables.values() if not facts.hidden)
    tables = {facts.name: _damaged(program, _table(program, facts, expectations)) for facts in shown}
    enforced = {
        name: tuple(one for one in table.references if tables[one.table].has_key(one.keys))
        for name, table in tables.items()
    }
    linked = tuple(replace(table, enforced=enforced[name]) for name, table in tables.items())
    return DescribedSchema(model.document.name, model.document.description, linked)


def _damaged(program: Program, table: DescribedTable) -> DescribedTable:
    """The table as the faults leave it: what does not hold any more of damaged columns and copied rows is left out."""
    table = _resolved(program, table)
    faults = program.model.document.faults.get(table.name, ())
    if not faults:
        return table
    from datagen.engine.faults import added_columns  # start-up: only tables with faults need it

    changed, copied = _shapes(program, table.name), any(fault.repeats for fault in faults)
    columns = tuple(
        _changed(c, changed[c.name]) if c.name in changed else replace(c, unique=c.unique and not copied)
        for c in table.columns
    )
    by_name, added = {c.name: c for c in table.columns}, added_columns(program.model, table.name)
    columns += tuple(_changed(replace(by_name[source], name=c), changed[c]) for c, source in added.items())
    whole = not copied and not changed.keys() & {*table.key}
    references = tuple(key for key in table.references if not changed.keys() & {*key.columns})
    return replace(
        table, columns=columns, key=table.key if whole else (), references=references, conditions=(), expectations=()
    )


def _shapes(program: Program, table: str) -> Mapping[str, ColumnShape]:
    """The columns of a table that its faults damage."""
    if not program.model.document.faults.get(table):
        return {}
    from datagen.engine.faults import shapes  # start-up: only tables with faults need it

    return shapes(program.model, table)


def _resolved(program: Program, table: DescribedTable) -> DescribedTable:
    """The table without references to keys that the faults of other tables damage."""
    kept = tuple(one for one in table.references if not _shapes(program, one.table).keys() & {*one.keys})
    if kept == table.references:
        return table
    single = {one.columns[0] for one in kept if len(one.columns) == 1}
    columns = (c if c.name in single else replace(c, refers=None) for c in table.columns)
    return replace(table, references=kept, columns=tuple(columns))


def _changed(column: ColumnSchema, shape: ColumnShape) -> ColumnSchema:
    """A damaged column: values and ranges are not known any more."""
    precision = column.precision if shape.type == column.type else None
    return ColumnSchema(column.name, shape.type, shape.nullable, column.description, precision=precision)


def _table(program: Program, facts: TableInfo, every: list[Expectation]) -> DescribedTable:
    shown = {name: facts.columns[name] for name in facts.declared if not facts.columns[name].hidden}
    every_table = program.model.tables
    foreign = tuple(key for key in foreign_keys(program.model, facts.name) if not every_table[key.table].hidden)
    parent = facts.parent if facts.parent and not every_table[facts.parent].hidden else None
    single = {key.columns[0]: (key.table, key.keys[0]) for key in foreign if len(key.columns) == 1}
    columns = tuple(
        replace(_column(program, facts.name, name, generator), refers=single.get(name))
        for name, generator in shown.items()
    )
    own = tuple(expectation for expectation in every if expectation.table == facts.name)
    conditions = tuple(_conditions(own, set(shown), program))
    if (
        facts.rows.row_filter is not None
        and program.rows_scope(facts.name).expression(facts.rows.row_filter).columns <= shown.keys()
    ):
        conditions = (facts.rows.row_filter, *conditions)
    description = program.model.document.tables[facts.name].description
    return DescribedTable(facts.name, description, columns, facts.identity, parent, conditions, own, references=foreign)


def _conditions(expectations: tuple[Expectation, ...], shown: set[str], program: Program) -> Iterator[str]:
    if not expectations:
        return
    from datagen.kinds.expectations.row_condition import RowCondition  # start-up: only where there are expectations

    for expectation in expectations:
        if isinstance(expectation, RowCondition) and expectation.where is None:
            place = program.model.column(expectation.table, next(iter(shown), ""))
            if place.expression(expectation.condition).columns <= shown:
                yield expectation.condition


def _column(program: Program, table: str, name: str, generator: Generator) -> ColumnSchema:
    model = program.model
    type_ = model.type_of(table, name)
    assert type_ is not None
    declared = tuple(generator.declarations(program.column_scope(table, name)))
    low, high = _range(declared)
    intact = all(modifier.keeps for modifier in generator.modifiers)
    pattern = next((d.regex for d in declared if isinstance(d, PatternDeclaration)), "")
    return ColumnSchema(
        name, type_, model.nullable(table, name), generator.description, _values(program, table, name, type_), low,
        high, pattern if intact else "",
        any(isinstance(d, UniqueDeclaration) and d.columns == (name,) for d in declared),
        precision=generator.decimal_digits(model.column(table, name)),
    )  # fmt: skip


def _range(declarations: Iterable[Declaration]) -> tuple[float | None, float | None]:
    for declared in declarations:
        if isinstance(declared, RangeDeclaration) and not declared.open_end:
            return declared.low, declared.high
    return None, None


def _values(program: Program, table: str, name: str, type_: Type) -> tuple[Value, ...]:
    """The possible values of a column, if they are few and no modifier changes them."""
    generator = program.model.tables[table].columns[name]
    if program.effects.on(table, name) or not all(modifier.keeps for modifier in generator.modifiers):
        return ()
    domain = generator.domain(program.model.column(table, name)) or ()
    if type_.name not in ("category", "text", "int", "bool") or len(domain) > MOST_VALUES:
        return ()
    if type_.textual:
        return domain
    return tuple(bool(v) if type_.name == "bool" else int(v) for v in (parse_cell(text, type_) for text in domain))


def table_keys(plan: Plan) -> Mapping[str, TableKeys]:
    """The keys of each visible table. Referenced tables come first, except within cycles."""
    schema = described(program_of(plan))
    return {table.name: _keys(schema, table) for table in schema.parents_first()}


def _keys(schema: DescribedSchema, table: DescribedTable) -> TableKeys:
    cycles = schema.cycles().get(table.name, frozenset())
    unique = tuple(c.name for c in table.columns if c.unique and table.key != (c.name,))
    references = (KeyReference(key.columns, key.table, key.keys, key.table in cycles) for key in table.enforced)
    return TableKeys(table.key, unique, tuple(references))
