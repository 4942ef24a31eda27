"""The `Scope` of a place in the document before planning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, Self

from datagen import expressions
from datagen.analysis.document_model import DocumentModel
from datagen.analysis.join_path import chosen_from
from datagen.analysis.switches import parts_off
from datagen.columnar.block import Type
from datagen.errors import ExpressionError, Problem
from datagen.names import is_plain
from datagen.registry import did_you_mean
from datagen.schema.reading.json_values import Keys
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.columnar.block import Block, Column, Floats, Ints, Rows
    from datagen.expressions.compiled_expression import Compiled
    from datagen.point_process.effects import Entity, Grid
    from datagen.point_process.factors import Grouped
    from datagen.point_process.ground_truth import GroundTruth
    from datagen.point_process.peaks import EntityRate
    from datagen.point_process.rate import Rate
    from datagen.random.streams import Stream
    from datagen.scope import ForeseenRows, Simulation, Table, Window


@dataclass(eq=False)
class StaticScope:
    """A scope that knows only the document. Questions that need a plan are refused."""

    model: DocumentModel
    keys: Keys
    table: Table
    column: str | None
    window: Window | None

    def at(self, *keys: str | int) -> Self:
        return replace(self, keys=(*self.keys, *keys))

    def behavior(self, index: int) -> Self:
        return replace(self, keys=("tables", self.table.name, "behaviors", index), column=None)

    def above(self) -> StaticScope:
        parent = self.table.parent or ""
        return replace(self, keys=("tables", parent), table=self.model.tables[parent], column=None)

    @property
    def switched_off(self) -> frozenset[str]:
        return parts_off(self.model, self.table.name)

    def problem(self, code: str, message: str, hint: str = "", *keys: str | int) -> Problem:
        return Problem(code, (*self.keys, *keys), message, hint)

    def tables(self) -> Mapping[str, Table]:
        return self.model.tables

    def resolved(self, column: str) -> ColumnRef:
        """The table and column of a name. Neither needs to exist."""
        table, dot, name = column.partition(".")
        return (table, name) if dot else (self.table.name, column)

    def type_of(self, column: str, table: str | None = None) -> Type | None:
        return self.model.type_of(*self._seen_from(table).resolved(column))

    def nullable(self, column: str, table: str | None = None) -> bool:
        return self.model.nullable(*self._seen_from(table).resolved(column))

    def extent(self, column: str, table: str | None = None) -> tuple[float, float] | None:
        return self.model.extent(*self._seen_from(table).resolved(column))

    def rows_below(self, table: str, through: str | None = None) -> int | None:
        facts = self.model.tables.get(table)
        if facts is None or facts.parent is None or through is not None:
            return None
        return facts.rows.most_below(multiplied=any(target == table for _, target in self.model.targets))

    def longest(self, column: str, table: str | None = None) -> int | None:
        return self.model.longest(*self._seen_from(table).resolved(column))

    def empty(self, table: str) -> bool:
        return table in self.model.empty

    def column_problem(self, column: str, *keys: str | int) -> Problem | None:
        table, name = self.resolved(column)
        wrong = self._unknown(table, name) or self._too_early(table, name)
        return self.problem(*wrong, *keys) if wrong else None

    def expression(self, text: str, table: str | None = None) -> Compiled:
        here = self._seen_from(table)
        at = (here.table.name, text, here.alone)
        if at not in self.model.compiled:
            self.model.compiled[at] = self._compiled(here, text)
        return self.model.compiled[at]

    @staticmethod
    def _compiled(here: StaticScope, text: str) -> Compiled:
        known = (*here.readable(), *here.unreadable(text)) if here.model.schema.unparsed else here.readable()
        try:
            return expressions.compile_expression(text, here.type_of, known, here.alone)
        except ExpressionError as error:
            quoted = _unquoted(text, known) if error.code in ("syntax", "unknown-column", "not-allowed") else ""
            if not quoted:
                raise
            raise ExpressionError(error.message, f'write "{quoted}" in double quotes', error.code) from None

    @property
    def alone(self) -> str:
        """Why window functions are not available here; empty if they are."""
        if self.keys[:1] == ("expectations",):
            return "and an expectation is about single rows"
        if self.keys[2:3] == ("rows",):
            return "and the rows are made before their columns"
        return "" if self.table.parent is not None else f"and '{self.table.name}' has no parent"

    def readable(self) -> tuple[str, ...]:
        """Every column that can be named here: those of this table, and of ancestors as `table.column`."""
        return self.model.readable(self.table.name)

    def unreadable(self, text: str) -> list[str]:
        """The names in an expression that may be columns of tables with unparsed columns."""
        tables = self.model.tables
        needs = {name: self.resolved(name) for name in sorted(expressions.columns_of(text))}
        known = {*self.readable()}
        return [
            name
            for name, (table, column) in needs.items()
            if name not in known and table in tables and column in tables[table].columns
        ]

    def _seen_from(self, table: str | None) -> StaticScope:
        if table is None or table == self.table.name or table not in self.model.tables:
            return self
        return replace(self, table=self.model.tables[table], column=None)

    def _unknown(self, table: str, column: str) -> tuple[str, str, str] | None:
        tables = self.model.tables
        if table not in tables:
            return "unknown-table", f"there is no table '{table[:60]}'", did_you_mean(table, list(tables))
        if table not in tables[self.table.name].lineage:
            return (
                "unrelated-table",
                f"'{table}' is not an ancestor of '{self.table.name}'",
                "read it by a lookup through a reference",
            )
        if column not in tables[table].columns:
            return no_column(table, column, list(tables[table].columns))
        return None

    def _too_early(self, table: str, column: str) -> tuple[str, str, str] | None:
        if table != self.table.name:
            return None
        if self.keys[2:3] == ("rows",):
            hint = "name a column of an ancestor" if self.table.parent else "leave it out"
            return "invalid-order", f"the columns of '{table}' are filled after its rows are made", hint
        if column == self.column:
            return "cycle", f"'{column}' reads itself", "name another column"
        return None

    def choice_timed(self, table: str) -> bool:
        tables, here = self.model.tables, self.table.name
        if here not in tables or table not in chosen_from(tables, here):
            return False
        acting = (scope for scope, target in self.model.targets if target == here and scope.table.name == table)
        return any(tables[table].behaviors[int(scope.keys[3])].varies for scope in acting)

    def foreseen_needs(self, table: str, columns: Iterable[str] = ()) -> frozenset[ColumnRef]:
        return self.model.foreseen_needs(table, columns)

    def foreseen_column_problem(self, table: str, column: str) -> str:
        return self.model.foreseen_column_problem(table, column)

    def foreseen_fill(self) -> Callable[[Block, str], Column]:
        self._unplanned("foreseen_fill")

    # --- available after planning ---------------------------------------------------------------------------------

    def span(self) -> Grid:
        self._unplanned("span")

    def grid(self) -> Grid:
        self._unplanned("grid")

    def freeze(self, name: str, compute: Callable[[], Any]) -> Any:
        self._unplanned("freeze", name)

    def choice_rate(self, table: str, *, everyone: bool) -> EntityRate | None:
        self._unplanned("choice_rate")

    def entities(self, table: str) -> Callable[[Ints], Entity]:
        self._unplanned("entities", table)

    def reference_weights(self, target: str) -> Callable[[], Floats] | None:
        self._unplanned("reference_weights")

    def chosen_by(self, target: str) -> tuple[tuple[str, Grouped, Callable[[], Ints]], ...]:
        self._unplanned("chosen_by")

    def effect(self) -> Callable[[Rows], Floats] | None:
        self._unplanned("effect")

    def rate(self) -> Rate:
        self._unplanned("rate")

    def factual(self) -> tuple[Rate, Rate] | None:
        self._unplanned("factual")

    def multipliers(self, path: str) -> Rate:
        self._unplanned("multipliers", path)

    def planted_multipliers(self, path: str) -> GroundTruth:
        self._unplanned("planted_multipliers", path)

    def process(self, name: str) -> Simulation:
        self._unplanned("process", name)

    def own_process(self, name: str) -> Simulation:
        self._unplanned("own_process", name)

    def candidates(self, table: str) -> ForeseenRows:
        self._unplanned("candidates", table)

    def planted(self) -> GroundTruth:
        self._unplanned("planted")

    def stream(self, *purpose: str) -> Stream:
        self._unplanned("stream", *purpose)

    def table_stream(self, *purpose: str) -> Stream:
        self._unplanned("table_stream", *purpose)

    def rows_in(self, table: str) -> int:
        self._unplanned("rows_in", table)

    def recompute(self, table: str, column: str) -> Callable[[Ints], Column]:
        self._unplanned("recompute", table, column)

    def scan(self, table: str, columns: Iterable[ColumnRef]) -> Callable[[], Iterator[Block]]:
        self._unplanned("scan", table)

    def existing(self, table: str) -> Callable[[Ints], Ints]:
        self._unplanned("existing", table)

    def _unplanned(self, *question: str) -> NoReturn:
        raise TypeError(f"'{' '.join(question)}' is available only after planning")


def _unquoted(text: str, known: Sequence[str]) -> str:
    """A column that must be in double quotes in SQL but is not quoted in a text; empty if there is none."""
    names = (name.rpartition(".")[2] for name in known)
    return next((name for name in names if name in text and not is_plain(name) and f'"{name}"' not in text), "")


def no_column(table: str, column: str, known: list[str]) -> tuple[str, str, str]:
    """The code, message and hint for an unknown column."""
    return "unknown-column", f"'{table}' has no column '{column[:60]}'", did_you_mean(column, known)
