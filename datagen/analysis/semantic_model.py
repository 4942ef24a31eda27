"""The semantic model of a document: tables, types and dependencies, for rules, kinds and the planner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from datagen.analysis.join_path import path_to
from datagen.analysis.row_filters import closure, filter_needs
from datagen.analysis.static_scope import StaticScope
from datagen.analysis.surrogate_keys import add_surrogate_keys
from datagen.analysis.switches import behaviors_off
from datagen.analysis.table_info import TableInfo, facts_of
from datagen.columnar.block import TIMESTAMP, Type
from datagen.errors import DatagenError, Problem
from datagen.expressions.compiled_expression import Compiled
from datagen.kinds.behaviors.support.lifetime_behavior import LifetimeBehavior
from datagen.kinds.expectations.base import Expectation
from datagen.kinds.generators.base import Generator, Numeric
from datagen.kinds.processes.base import Process
from datagen.schema.reading.read import Schema
from datagen.scope import ColumnRef

Node = tuple[str, str | None]
"""A unit of work: the rows of a table (None), or one of its columns."""


class SemanticModel:
    """Types and tables of one document. Every question has an answer, also for an invalid document."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.document = schema.document
        self.tables: dict[str, TableInfo] = facts_of(schema)
        self.empty = frozenset(name for name in self.tables if self._without_rows(name))
        self.latent_problems: list[Problem] = []
        self._places: dict[ColumnRef, StaticScope] = {}
        self._types: dict[ColumnRef, Type | None] = {}
        self._nullable: dict[ColumnRef, bool] = {}
        self._extents: dict[ColumnRef, tuple[float, float] | None] = {}
        self.compiled: dict[tuple[str, str, str], Compiled] = {}
        """Compiled expressions by table, text, and the reason why window functions are not available."""
        self._longest: dict[ColumnRef, int | None] = {}
        self._needs: dict[Node, frozenset[ColumnRef]] = {}
        self._readable: dict[str, tuple[str, ...]] = {}
        add_surrogate_keys(self.tables)
        for facts in self.tables.values():
            facts.processes = {**_lives(facts), **facts.processes}
            self._add_latent(facts)
            if facts.hidden:
                _show_all(facts)
        self._types.clear()
        self._nullable.clear()
        self._extents.clear()
        self.compiled.clear()
        self._longest.clear()
        self._needs.clear()
        self._readable.clear()

    @cached_property
    def behaviors_off(self) -> frozenset[tuple[str, int]]:
        """The table and position of each behavior that is switched off."""
        return behaviors_off(self)

    @cached_property
    def lost(self) -> frozenset[str]:
        """The tables with an unknown parent, and those below them."""
        adrift = {keys[1] for keys in self.schema.unparsed if keys[0] == "tables" and keys[2:] == ("parent",)}
        return frozenset(name for name, facts in self.tables.items() if adrift & set(facts.lineage))

    def _without_rows(self, table: str) -> bool:
        return any(self.tables[name].rows.none for name in self.tables[table].lineage)

    def without(self, tables: frozenset[str]) -> SemanticModel:
        """The same model, with these tables known to have no rows."""
        model = SemanticModel(self.schema)
        model.empty |= tables
        return model

    # --- places ------------------------------------------------------------------------------------------------

    def column(self, table: str, column: str) -> StaticScope:
        """The place of a column's declaration."""
        at = (table, column)
        if at not in self._places:
            keys = ("tables", table, "columns", column)
            self._places[at] = StaticScope(self, keys, self.tables[table], column, self.document.window)
        return self._places[at]

    def rows(self, table: str) -> StaticScope:
        """The place of a table's row source."""
        return StaticScope(self, ("tables", table, "rows"), self.tables[table], None, self.document.window)

    def behavior(self, table: str, index: int) -> StaticScope:
        """The place of one of a table's behaviors."""
        return StaticScope(self, ("tables", table, "behaviors", index), self.tables[table], None, self.document.window)

    def process(self, table: str, name: str) -> StaticScope:
        """The place of one of a table's processes."""
        return StaticScope(self, ("tables", table, "processes", name), self.tables[table], None, self.document.window)

    def fault(self, table: str, index: int) -> StaticScope:
        """The place where one of a table's faults is declared."""
        return StaticScope(self, ("faults", table, index), self.tables[table], None, self.document.window)

    def process_target(self, owner: str, target: str) -> tuple[str, str, str] | None:
        """Table, process and path below it of a target of a behavior of `owner`; None if the target is no part of a
        process.

        It is written `table.process.path`, or `process.path` for a process of the own table.
        """
        first, _, rest = target.partition(".")
        if first in self.tables:
            process, dot, path = rest.partition(".")
            return (first, process, path) if dot and process in self.tables[first].processes else None
        return (owner, first, rest) if rest and first in self.tables[owner].processes else None

    def following(self, table: str, process: str) -> Iterator[str]:
        """The tables whose rows follow a process of `table`."""
        return (name for name, facts in self.tables.items() if facts.parent == table and facts.rows.follows == process)

    def columns(self) -> Iterator[tuple[StaticScope, Generator]]:
        """Every column that the document declares, with its place."""
        for facts in self.tables.values():
            for name in facts.declared:
                yield self.column(facts.name, name), facts.columns[name]

    def expectations(self) -> Iterator[tuple[StaticScope, Expectation]]:
        """The expectations on existing tables, each with its place."""
        for index, expectation in enumerate(self.document.expectations):
            facts = self.tables.get(expectation.table)
            if facts is not None:
                yield StaticScope(self, ("expectations", index), facts, None, self.document.window), expectation

    def readable(self, table: str) -> tuple[str, ...]:
        """Every column that may be named in a table: its own, and those above it as `table.column`."""
        if table not in self._readable:
            own, *above = self.tables[table].lineage
            names = (f"{name}.{column}" for name in above for column in self.tables[name].columns)
            self._readable[table] = (*self.tables[own].columns, *names)
        return self._readable[table]

    # --- answers -----------------------------------------------------------------------------------------------

    def type_of(self, table: str, column: str) -> Type | None:
        """The type of a column; None if it is unknown, invalid, or part of a cycle."""
        at = (table, column)
        if at not in self._types:
            self._types[at] = None  # the answer within a cycle
            self._types[at] = self._type(table, column)
        return self._types[at]

    def nullable(self, table: str, column: str) -> bool:
        """Whether cells of a column can be missing, its modifiers included."""
        at = (table, column)
        if at not in self._nullable:
            self._nullable[at] = False
            self._nullable[at] = self._can_miss(table, column)
        return self._nullable[at]

    def extent(self, table: str, column: str) -> tuple[float, float] | None:
        """The smallest and the largest cell of a column, in storage form, its modifiers and behaviors included; None
        where unknown.
        """
        at = (table, column)
        if at not in self._extents:
            self._extents[at] = None
            self._extents[at] = self._extent(table, column)
        return self._extents[at]

    def _extent(self, table: str, column: str) -> tuple[float, float] | None:
        facts = self.tables.get(table)
        generator = facts.columns.get(column) if facts is not None else None
        if generator is None:
            return None
        bounded = isinstance(generator, Numeric) and None not in (generator.min, generator.max)
        if column in self._multiplied and not bounded:
            return None  # the factor is known only when planned
        try:
            return generator.modified(generator.extent(self.column(table, column)), self.type_of(table, column))
        except DatagenError:
            return None

    @cached_property
    def _multiplied(self) -> frozenset[str]:
        """The names of columns that behaviors may multiply."""
        return frozenset(target.rpartition(".")[2] for _, target in self.targets)

    def longest(self, table: str, column: str) -> int | None:
        """The bytes of the longest text of a column; None if unknown."""
        at = (table, column)
        if at not in self._longest:
            self._longest[at] = None
            facts = self.tables.get(table)
            generator = facts.columns.get(column) if facts is not None else None
            try:
                self._longest[at] = generator.longest(self.column(table, column)) if generator is not None else None
            except DatagenError:
                self._longest[at] = None
        return self._longest[at]

    def needs_of(self, table: str, column: str | None) -> frozenset[ColumnRef]:
        """The columns that a column, or the rows of a table, depend on. Some may not exist."""
        node = (table, column)
        if node not in self._needs:
            self._needs[node] = self._needed(table, column)
        return self._needs[node]

    def foreseen_needs(self, table: str, columns: Iterable[str] = ()) -> frozenset[ColumnRef]:
        """The columns that the rows of a table, and some of its columns, depend on before any process, behaviors on
        them included.
        """
        facts = self.tables.get(table)
        if facts is None or not facts.rows.foreseen or facts.parent not in self.tables:
            return frozenset()
        read = {*closure(self, table, {(table, name) for name in columns if name in facts.columns})}
        found = {*facts.rows.foreseen_needs(self.rows(table)), *(need for need in read if need[0] != table)}
        acted = {table, *(f"{table}.{name}" for owner, name in read if owner == table)}
        for scope in (scope for scope, target in self.targets if target in acted):
            path = path_to(self.tables, facts.parent, scope.table.name)
            if path is not None and path.through is not None:
                found.add((path.table, path.through))
            behavior = self.tables[scope.table.name].behaviors[int(scope.keys[3])]
            found |= {*behavior.needs(scope)} if behavior.follows is None else set()
        return frozenset(found)

    def foreseen_column_problem(self, table: str, column: str) -> str:
        """Why cells of a column cannot be known before a process; empty if they can."""
        facts = self.tables[table]
        read = {*closure(self, table, {(table, column)})}
        for owner, name in sorted(read):
            if owner != table and self.tables[owner].root == facts.root and owner not in facts.lineage:
                return f"'{column}' depends on '{owner}.{name}', whose rows are made after the process"
        acted = {f"{table}.{name}" for owner, name in read if owner == table}
        for scope in (scope for scope, target in self.targets if target in acted):
            behavior = self.tables[scope.table.name].behaviors[int(scope.keys[3])]
            if behavior.follows is not None:
                return f"a '{behavior.type}' that follows a process multiplies '{column}'"
        return ""

    def _needed(self, table: str, column: str | None) -> frozenset[ColumnRef]:
        facts = self.tables[table]
        try:
            if column is None:
                return facts.rows.needs(self.rows(table)) | filter_needs(self, table)
            generator, scope = facts.columns[column], self.column(table, column)
            read = frozenset(name for modifier in generator.modifiers for name in modifier.reads())
            return generator.needs(scope) | {scope.resolved(name) for name in read}
        except DatagenError:
            return frozenset()  # the syntax error is reported elsewhere

    @cached_property
    def targets(self) -> tuple[tuple[StaticScope, str], ...]:
        """The place of each behavior with each of its targets, as written."""
        found = []
        for facts in self.tables.values():
            for index, behavior in enumerate(facts.behaviors):
                scope = self.behavior(facts.name, index)
                found += [(scope, target) for target in sorted(behavior.targets(scope))]
        return tuple(found)

    def _type(self, table: str, column: str) -> Type | None:
        facts = self.tables.get(table)
        if facts is None or column not in facts.columns:
            return None
        try:
            type_, zone = facts.columns[column].result(self.column(table, column)), facts.columns[column].zone
            return replace(type_, zone=zone) if zone is not None and type_ == TIMESTAMP else type_
        except DatagenError:
            return None

    def _can_miss(self, table: str, column: str) -> bool:
        facts = self.tables.get(table)
        if facts is None or column not in facts.columns:
            return False
        generator = facts.columns[column]
        try:
            missing = generator.nullable(self.column(table, column))
        except DatagenError:
            return True
        for modifier in generator.modifiers:
            missing = modifier.nullable(missing)
        return missing

    # --- hidden columns of behaviors -------------------------------------------------------------

    def _add_latent(self, facts: TableInfo) -> None:
        for index, behavior in enumerate(facts.behaviors):
            scope = self.behavior(facts.name, index)
            for name, declared in behavior.latent(scope).items():
                if name in {*facts.columns}:
                    message = f"adds a hidden column '{name}', but the table has a column of that name"
                    self.latent_problems.append(scope.problem("invalid-name", message, "rename one of them"))
                    continue
                generator = self._latent(scope, declared)
                if generator is not None:
                    facts.columns[name] = generator
                    facts.latent |= {name} if generator.hidden else frozenset()

    def _latent(self, scope: StaticScope, declared: Mapping[str, Any]) -> Generator | None:
        try:
            made = Generator.parse(declared)
        except ValidationError as error:
            reasons = "; ".join(str(one["msg"]) for one in error.errors(include_url=False, include_input=False))
            self.latent_problems.append(
                scope.problem("invalid-value", f"its hidden column cannot be filled: {reasons.lower()}")
            )
            return None
        return made.model_copy(update={"hidden": declared.get("hidden", True)})


def _show_all(facts: TableInfo) -> None:
    """The columns of a hidden table are all written together."""
    for name, generator in [*facts.columns.items()]:
        if generator.hidden:
            facts.columns[name] = generator.model_copy(update={"hidden": False})


def _lives(facts: TableInfo) -> dict[str, Process]:
    """The processes that behaviors which end lives come down to, by the type of the behavior: the
    first of each type.
    """
    found: dict[str, Process] = {}
    for number, behavior in enumerate(facts.behaviors):
        if isinstance(behavior, LifetimeBehavior) and behavior.has_spells:
            from datagen.kinds.processes.support.lifetime_process import (
                LifetimeProcess,  # start-up: the simulation of processes
            )

            lives = LifetimeProcess(type="lives", born=behavior.born, behavior=behavior, number=number)
            found.setdefault(behavior.type, lives)
    return found
