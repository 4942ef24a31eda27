"""Columns without duplicate rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.columnar.block import Bools, Rows
from datagen.columnar.cell_hashes import row_hashes
from datagen.columnar.integer_ranges import Runs, as_numbers, runs_of, united
from datagen.declarations.expectations import NOTHING, Judgement, Show
from datagen.kinds.expectations.base import Expectation
from datagen.kinds.expectations.support.examples import expecting

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, str) else data


Columns = Annotated[
    tuple[Annotated[str, Field(max_length=130)], ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


@dataclass(frozen=True, slots=True)
class DuplicateRows:
    """Rows whose columns, taken together, occur once. Rows with a missing cell are left out."""

    columns: tuple[str, ...]

    def observe(self, rows: Rows, show: Show) -> Runs:
        cells = [rows.column(name) for name in self.columns]
        there: Bools = np.ones(len(rows), np.bool_)
        for values in cells:
            there &= True if values.valid is None else values.valid
        return runs_of(as_numbers(row_hashes(cells)[there]))

    def merge(self, one: Runs, other: Runs) -> Runs:
        return united(one, other)

    def judge(self, state: Runs) -> Judgement:
        if not state.count:
            return NOTHING
        compared = "" if not state.level else f" (one in {2**state.level} compared)"
        message = f"{state.twice:,} of {state.count:,} rows are duplicates{compared}"
        return Judgement(not state.twice, message, float(state.twice), 0.0, state.twice, state.twice / state.count)


class Unique(Expectation):
    """No two rows have the same values in these columns. Rows with a missing value are left out, as in SQL."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting({"type": "unique", "table": "orders", "columns": ["customer_id", "ordered_at"]}),
    )

    type: Literal["unique"] = "unique"
    columns: Columns = Field(description="a column of the table, or several")

    @property
    def what(self) -> str:
        return f"unique {', '.join(self.columns)}"

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        for i, name in enumerate(self.columns):
            problem = scope.column_problem(name, "columns", i)
            if problem is not None:
                yield problem
            if name in self.columns[:i]:
                yield scope.problem("duplicate", f"'{name[:60]}' is given twice", "name it once", "columns", i)

    def statistic(self, scope: Scope) -> DuplicateRows:
        return DuplicateRows(self.columns)
