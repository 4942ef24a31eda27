"""The base classes of faults: damage to a finished table, recorded in an answer key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from datagen.columnar.block import TEXT, Bools, Column, Ints, Rows, Type
from datagen.kinds.generators.support.column_lookup import expression_problems
from datagen.names import ColumnName
from datagen.registry import Kind, did_you_mean
from datagen.time_units import Instant

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


ANSWER_KEY = "faults"
"""The folder below `_truth/` with the answer key."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """New values for some cells of a column: `at` are positions in the rows, shape (n,), `values` the n cells."""

    at: Ints
    values: Column


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column after a fault: its type and nullability."""

    type: Type
    nullable: bool


Damage = Callable[[Rows, Ints], Mapping[str, Cells]]
"""From the clean rows and the positions of the selected rows, shape (n,), to the damaged cells of each column."""
Selection = Callable[[Rows], Bools]
"""From the clean rows to the selected ones, shape (n,)."""


class Fault(Kind, family="faults"):
    """Damage to rows of a table, selected by a rate, a condition and a period."""

    independent: ClassVar[bool] = True
    """Whether each row is damaged by its own draw alone, so that the rate can be estimated from the answer key."""
    moves: ClassVar[bool] = False
    """Whether it changes the order of rows."""
    name: str | None = Field(
        default=None, max_length=60, description="its name in the answer key; the default is the type"
    )
    rate: float = Field(
        gt=0, le=1, description="share of the damaged rows among those that `when` and the period allow"
    )
    when: str | None = Field(default=None, description="SQL condition on the clean row; other rows are not damaged")
    start: Instant | None = Field(default=None, description="rows before this time are not damaged")
    end: Instant | None = Field(default=None, description="rows from this time on are not damaged")

    @property
    def label(self) -> str:
        """Its name in the answer key."""
        return self.name or self.type

    @property
    def repeats(self) -> int:
        """The number of additional copies of a selected row."""
        return 0

    @property
    def of_copies(self) -> tuple[Fault, ...]:
        """The faults of these copies."""
        return ()

    def touched(self) -> tuple[str, ...]:
        """The damaged columns."""
        return ()

    def added(self) -> Mapping[str, str]:
        """The columns that it adds to the table, each with the column here whose type it has."""
        return {}

    def shape(self, column: str, before: ColumnShape) -> ColumnShape:
        """The type and nullability of a damaged column."""
        return before

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of the fault at this place of the document."""
        if self.when is not None:
            yield from expression_problems(scope, self.when, "when", "bool")
        if self.start is not None and self.end is not None and self.start >= self.end:
            yield scope.problem("range", "the period ends before it starts", "swap start and end", "end")
        timed = "start" if self.start is not None else "end" if self.end is not None else None
        if timed and not scope.table.row_times:
            hint = "use 'when' with a condition on a column of times"
            yield scope.problem("no-effect", f"rows of '{scope.table.name}' have no time of their own", hint, timed)
        yield from self.column_problems(scope)

    def column_problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of its columns."""
        table = scope.table
        shown = [name for name, generator in table.columns.items() if not generator.hidden]
        for index, column in enumerate(self.touched()):
            if column not in shown:
                reason = "is hidden" if column in table.columns else "is unknown"
                code = "conflict" if column in table.columns else "unknown-column"
                message = f"column '{column}' of '{table.name}' {reason}"
                yield scope.problem(code, message, did_you_mean(column, shown), "columns", index)
                continue
            type_ = scope.type_of(column)
            if type_ is not None:
                yield from self.type_problems(scope.at("columns", index), column, type_)

    def type_problems(self, scope: Scope, column: str, type_: Type) -> Iterator[Problem]:
        """Problems of damaging a column of this type."""
        yield from ()

    def eligible(self, scope: Scope) -> Selection:
        """The rows that the condition and the period allow."""
        time = scope.table.rows.time
        condition = scope.expression(self.when) if self.when is not None else None

        def allowed(rows: Rows) -> Bools:
            found = np.ones(len(rows), np.bool_)
            if condition is not None:
                holds = condition(rows)
                found &= holds.data if holds.valid is None else holds.data & holds.valid
            if time is not None and self.start is not None:
                found &= rows.attribute(time).data >= self.start
            if time is not None and self.end is not None:
                found &= rows.attribute(time).data < self.end
            return found

        return allowed

    def picked(self, scope: Scope) -> Selection:
        """The rows that are drawn by the rate, eligible or not. The draw depends on the row's identity alone."""
        pick = scope.stream("pick")
        return lambda rows: pick.uniforms(rows.ids) < self.rate

    def order(self, rows: Rows, at: Ints) -> Ints | None:
        """The positions of all rows in written order, shape (n,); None for a fault that moves no rows."""
        return None

    def bind(self, scope: Scope) -> Damage:
        """The damage to cells, ready to be done."""
        return _no_cells


def _no_cells(_rows: Rows, _at: Ints) -> Mapping[str, Cells]:
    return {}


class CellFault(Fault):
    """A fault that changes single cells, each from its own value."""

    columns: tuple[ColumnName, ...] = Field(min_length=1, description="the columns whose cells are changed")

    def touched(self) -> tuple[str, ...]:
        return self.columns

    def bind(self, scope: Scope) -> Damage:
        changes = {column: self.change(scope.at(column), column) for column in self.columns}

        def damage(rows: Rows, at: Ints) -> Mapping[str, Cells]:
            hit = rows.take(at)
            return {column: Cells(at, change(hit, hit.column(column))) for column, change in changes.items()}

        return damage

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        """From the selected rows and their clean cells to the damaged ones, shape (n,)."""
        raise TypeError(f"fault '{self.type}' has no change")


class TextFault(CellFault):
    """A fault that changes how text is written; a category becomes text."""

    def added(self) -> Mapping[str, str]:
        """The columns that it adds to the table, each with the column here whose type it has."""
        return {}

    def shape(self, column: str, before: ColumnShape) -> ColumnShape:
        return ColumnShape(TEXT, before.nullable)

    def type_problems(self, scope: Scope, column: str, type_: Type) -> Iterator[Problem]:
        if not type_.textual:
            yield scope.problem("type", f"column '{column}' is {type_}, not text", "name a column of text")
