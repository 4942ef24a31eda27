"""The `Scope` of a place in a planned document: streams, sizes, recomputation, effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from datagen.analysis.row_filters import own_columns
from datagen.columnar.block import Block, Column, Floats, Ints, Rows, Type
from datagen.engine.compiled_document import CompiledDocument
from datagen.errors import Problem
from datagen.expressions.compiled_expression import Compiled
from datagen.kinds.generators.base import Numeric
from datagen.kinds.generators.support.numeric_range import largest_multiplier
from datagen.point_process.effects import Entity, Grid
from datagen.point_process.factors import Grouped
from datagen.point_process.ground_truth import GroundTruth
from datagen.point_process.peaks import EntityRate
from datagen.point_process.rate import Rate
from datagen.random.streams import Stream
from datagen.scope import ColumnRef, ForeseenRows, Scope, Simulation, Table, Window


class PlannedScope:
    """The scope of a place in the document, bound to a program. Streams are named by document, table, column and
    the path below it.
    """

    def __init__(
        self, program: CompiledDocument, scope: Scope, path: tuple[str, ...] = (), grid: Grid | None = None
    ) -> None:
        self._program, self._scope, self._path, self._grid = program, scope, path, grid
        self.keys: tuple[str | int, ...] = scope.keys
        self.table: Table = scope.table
        self.column: str | None = scope.column
        self.window: Window | None = scope.window

    def at(self, *keys: str | int) -> PlannedScope:
        return PlannedScope(self._program, self._scope.at(*keys), (*self._path, *map(str, keys)), self._grid)

    def behavior(self, index: int) -> Scope:
        return self._program.behavior_scope(self.table.name, index)

    def above(self) -> PlannedScope:
        return PlannedScope(self._program, self._scope.above())

    @property
    def switched_off(self) -> frozenset[str]:
        return self._scope.switched_off

    def problem(self, code: str, message: str, hint: str = "", *keys: str | int) -> Problem:
        return self._scope.problem(code, message, hint, *keys)

    def tables(self) -> Mapping[str, Table]:
        return self._scope.tables()

    def type_of(self, column: str, table: str | None = None) -> Type | None:
        return self._scope.type_of(column, table)

    def column_problem(self, column: str, *keys: str | int) -> Problem | None:
        return self._scope.column_problem(column, *keys)

    def nullable(self, column: str, table: str | None = None) -> bool:
        return self._scope.nullable(column, table)

    def extent(self, column: str, table: str | None = None) -> tuple[float, float] | None:
        known = self._scope.extent(column, table)
        other, dot, last = column.partition(".")
        owner, name = (other, last) if dot else (table or self.table.name, column)
        facts = self._program.model.tables.get(owner)
        generator = facts.columns.get(name) if facts is not None else None
        if known is not None or not isinstance(generator, Numeric):
            return known
        grown = largest_multiplier(self._program.effects.planted(owner, name))
        reached = generator.reached(self._program.column_scope(owner, name), grown)
        return generator.modified(reached, self.type_of(column, table))

    def rows_below(self, table: str, through: str | None = None) -> int | None:
        return self._scope.rows_below(table, through)

    def longest(self, column: str, table: str | None = None) -> int | None:
        return self._scope.longest(column, table)

    def empty(self, table: str) -> bool:
        return self._scope.empty(table)

    def expression(self, text: str, table: str | None = None) -> Compiled:
        return self._scope.expression(text, table)

    def grid(self) -> Grid:
        return self._grid if self._grid is not None else self._program.effects.grid(self.table.name, self.column)

    def span(self) -> Grid:
        return self._program.grid

    def freeze(self, name: str, compute: Callable[[], Any]) -> Any:
        if name not in self._program.frozen:
            self._program.frozen[name] = compute()
        return self._program.frozen[name]

    def effect(self) -> Callable[[Rows], Floats] | None:
        if self.column is None:
            return None
        return self._program.effects.value(self.table.name, self.column)

    def rate(self) -> Rate:
        return self._program.effects.rate(self.table.name)

    def factual(self) -> tuple[Rate, Rate] | None:
        return self._program.effects.factual(self.table.name)

    def multipliers(self, path: str) -> Rate:
        return self._program.effects.multipliers(self.table.name, path)

    def planted_multipliers(self, path: str) -> GroundTruth:
        return self._program.effects.planted(self.table.name, path)

    def process(self, name: str) -> Simulation:
        return self._program.process(self.table.parent or "", name)

    def own_process(self, name: str) -> Simulation:
        return self._program.process(self.table.name, name)

    def foreseen_needs(self, table: str, columns: Iterable[str] = ()) -> frozenset[ColumnRef]:
        return self._scope.foreseen_needs(table, columns)

    def foreseen_column_problem(self, table: str, column: str) -> str:
        return self._scope.foreseen_column_problem(table, column)

    def foreseen_fill(self) -> Callable[[Block, str], Column]:
        program, table = self._program, self.table.name

        def fill(block: Block, column: str) -> Column:
            for name in own_columns(program.model, table, column):
                if name not in block.columns:
                    block.columns[name] = program.table_programs[table].fills[name](Rows(block))
            return block.columns[column]

        return fill

    def candidates(self, table: str) -> ForeseenRows:
        return self._program.candidates(table)

    def planted(self) -> GroundTruth:
        return self._program.effects.planted(self.table.name, self.column)

    def choice_timed(self, table: str) -> bool:
        return self._scope.choice_timed(table)

    def choice_rate(self, table: str, *, everyone: bool) -> EntityRate | None:
        return self._program.effects.choice_rate(self.table.name, table, everyone=everyone)

    def entities(self, table: str) -> Callable[[Ints], Entity]:
        return self._program.effects.entities(table)

    def reference_weights(self, target: str) -> Callable[[], Floats] | None:
        return self._program.effects.weights(self.table.name, target)

    def chosen_by(self, target: str) -> tuple[tuple[str, Grouped, Callable[[], Ints]], ...]:
        return self._program.effects.chosen_by(self.table.name, target)

    def stream(self, *purpose: str) -> Stream:
        if not purpose and self.column is not None:
            correlated = self._program.correlated(self.table.name).get((self.column, *self._path))
            if correlated is not None:
                return correlated
        return self._program.stream(self.table.name, self.column or "", *self._path, *purpose)

    def table_stream(self, *purpose: str) -> Stream:
        return self._program.stream(self.table.name, "", "shared", *purpose)

    def rows_in(self, table: str) -> int:
        return self._program.rows_in(table)

    def recompute(self, table: str, column: str) -> Callable[[Ints], Column]:
        return self._program.recomputed(table, column)

    def scan(self, table: str, columns: Iterable[tuple[str, str]]) -> Callable[[], Iterator[Block]]:
        self._program.tallied.add((self.table.name, self.column or ""))
        return self._program.scan(table, tuple(columns))

    def existing(self, table: str) -> Callable[[Ints], Ints]:
        return self._program.existing(table)
