"""Schema drift: a column is dropped, added, renamed or retyped from a date on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar import arrow_compute
from datagen.columnar.block import TEXT, Bools, Column, Ints, Rows, Type
from datagen.columnar.text import text_array
from datagen.kinds.faults.base import CellFault, Cells, ColumnShape, Damage, Selection
from datagen.kinds.faults.support.examples import visits
from datagen.names import ColumnName, comparison_key
from datagen.time_units import Instant

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class SchemaDrift(CellFault):
    """The producer of the rows changes their schema at `since`. Files keep one schema, so the change shows in cells.

    `dropped`: the cells are missing from then on. `added`: they are missing before. `renamed`: from then on they are in
    the column `to`, an additional last column of the table. `retyped`: from then on the cell is part of a text, such as
    `{} kg`; the column becomes text. With a `rate` below 1 some producers have not changed.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        visits({"type": "schema_drift", "columns": ["weight"], "drift": "dropped", "since": "2024-09-01"}),
        visits(
            {
                "type": "schema_drift",
                "columns": ["weight"],
                "drift": "renamed",
                "to": "mass",
                "since": "2024-09-01",
            }
        ),
        visits(
            {
                "type": "schema_drift",
                "columns": ["visit_id"],
                "drift": "retyped",
                "form": "v-{}",
                "since": "2024-05-01",
                "rate": 0.9,
            }
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "drifted_schema", "column_dropped", "column_added", "column_renamed", "renamed", "retyped",
    )  # fmt: skip
    type: Literal["schema_drift"] = "schema_drift"
    rate: float = Field(default=1.0, gt=0, le=1, description="share of the rows whose producer has changed")
    drift: Literal["dropped", "added", "renamed", "retyped"] = Field(description="what happens to the columns")
    since: Instant = Field(description="when it happens")
    form: Annotated[str, Field(max_length=60)] | None = Field(
        default=None, description="of 'retyped': the text; the cell replaces {}"
    )
    to: ColumnName | None = Field(default=None, description="of 'renamed': the new name of the column")

    def added(self) -> Mapping[str, str]:
        return {self.to: self.columns[0]} if self.drift == "renamed" and self.to is not None else {}

    def shape(self, column: str, before: ColumnShape) -> ColumnShape:
        if self.drift == "retyped":
            return ColumnShape(TEXT, before.nullable)
        return ColumnShape(before.type, nullable=True)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if not scope.table.row_times:
            message = f"rows of '{scope.table.name}' have no time of their own"
            yield scope.problem("no-effect", message, "name a table of arrivals or events", "since")
        if self.drift == "retyped" and (self.form is None or self.form.count("{}") != 1 or self.form == "{}"):
            message = "a retyped column needs a text around its cells"
            yield scope.problem("missing", message, 'write "form": "{} kg", for example', "form")
        if self.drift != "retyped" and self.form is not None:
            yield scope.problem("no-effect", f"columns that are {self.drift} have no form", "leave it out", "form")
        yield from self._name_problems(scope)

    def _name_problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of the new name."""
        if self.drift != "renamed":
            if self.to is not None:
                message = f"columns that are {self.drift} have no new name"
                yield scope.problem("no-effect", message, "leave it out", "to")
        elif self.to is None:
            yield scope.problem("missing", "the new name of the column is missing", "write 'to'", "to")
        elif comparison_key(self.to) in {comparison_key(name) for name in scope.table.columns}:
            message = f"'{scope.table.name}' has a column '{self.to}' already"
            yield scope.problem("duplicate", message, "write another name", "to")
        if self.drift == "renamed" and len(self.columns) > 1:
            message = "one new name is for one column"
            yield scope.problem("conflict", message, "write a fault for each column", "columns")

    def type_problems(self, scope: Scope, column: str, type_: Type) -> Iterator[Problem]:
        if self.drift == "retyped" and type_.nested:
            yield scope.problem("type", f"column '{column}' is a {type_.name}", "name a column of single values")

    def eligible(self, scope: Scope) -> Selection:
        allowed, time = super().eligible(scope), scope.table.rows.time
        before = self.drift == "added"

        def drifted(rows: Rows) -> Bools:
            assert time is not None
            found: Bools = allowed(rows) & ((rows.attribute(time).data < self.since) == before)
            return found

        return drifted

    def bind(self, scope: Scope) -> Damage:
        damage = super().bind(scope)
        if self.to is None:
            return damage
        source, new = self.columns[0], self.to

        def renamed(rows: Rows, at: Ints) -> Mapping[str, Cells]:
            return {**damage(rows, at), new: Cells(at, rows.column(source).take(at))}

        return renamed

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        if self.drift != "retyped":
            return lambda rows, cells: cells.where(np.zeros(len(rows), np.bool_))
        name = column.replace('"', '""')
        spelled = scope.expression(f"'' || \"{name}\"")
        before, _, after = (self.form or "").partition("{}")
        around = text_array([before, after, ""])

        def retyped(rows: Rows, cells: Column) -> Column:
            texts = spelled(rows).texts
            made = arrow_compute.binary_join_element_wise(around[0], texts, around[1], around[2])
            return Column(TEXT, made, cells.valid)

        return retyped
