"""One of a few values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from datagen.columnar.block import Column, Ints, Rows, Type
from datagen.declarations.values import SharesDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import StaticContext
from datagen.kinds.generators.support.distribution_metrics import mean_fit
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.literals import As, Cell, Scalar, column_of, parse_cell, spelled, type_for
from datagen.kinds.generators.support.merge_cases import case_numbers
from datagen.random.discrete_inverse_cdf import Categories
from datagen.registry import describe

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

MOST = 10_000


def _listed(data: Any) -> Any:
    if not isinstance(data, dict | list | tuple):
        raise PydanticCustomError(
            "invalid-value", "needs values as a list, or with weights, not {found}", {"found": describe(data)}
        )
    if not 1 <= len(data) <= MOST:
        raise PydanticCustomError("invalid-value", "needs between 1 and 10,000 values, has {n}", {"n": len(data)})
    return data


Weight = Annotated[float, Field(ge=0, le=1e15)]
Weighted = Annotated[dict[str, Weight] | tuple[Scalar, ...], BeforeValidator(_listed)]
"""Values: a list of equally frequent ones, or each with its weight."""


class Choice(Generator):
    """One of a few values, equally often if they are listed, by weight if they are given weights.

    The values make the type: all integers an `int`, all with a point a `decimal`, true and false a `bool`, else a category.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            colour={"type": "choice", "values": ["red", "green", "blue"]},
            size={"type": "choice", "values": {"S": 2, "M": 5, "L": 3}},
            stars={"type": "choice", "values": {"1": 1, "2": 1, "3": 2, "4": 5, "5": 6}},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "enum", "category", "categorical", "random_element", "random_elements", "random_choice", "choices",
        "weighted_choice", "custom_list", "one_of", "pick", "sample", "values", "boolean", "bool", "pybool",
        "elements", "discrete", "multinomial", "bernoulli", "random_value", "weighted", "gender",
    )  # fmt: skip
    type: Literal["choice"] = "choice"
    values: Weighted = Field(description="a list of values, or values with weights")
    as_: As = Field(default=None, alias="as")

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(self.values)

    @property
    def weights(self) -> tuple[float, ...]:
        return tuple(self.values.values()) if isinstance(self.values, dict) else (1.0,) * len(self.values)

    def result(self, scope: Scope) -> Type | None:
        return type_for(self.cells, isinstance(self.values, dict), self.as_)

    def domain(self, around: StaticContext) -> tuple[str, ...] | None:
        return tuple(spelled(cell) for cell, weight in zip(self.cells, self.weights, strict=True) if weight > 0)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if not any(self.weights):
            yield scope.problem("range", "all weights are 0", "give at least one value a weight above 0", "values")
        type_ = self.result(scope)
        seen: Counter[int | float | str] = Counter()
        for i, cell in enumerate(self.cells):
            key = cell if isinstance(self.values, dict) else i
            try:
                value = parse_cell(cell, type_) if type_ else spelled(cell)
            except ValueError as error:
                yield scope.problem(
                    "type",
                    str(error),
                    "write another value, or another 'as'",
                    "values",
                    str(key) if isinstance(self.values, dict) else i,
                )
                continue
            seen[value] += 1
            if seen[value] == 2:
                yield scope.problem(
                    "duplicate",
                    f"'{spelled(cell)[:40]}' stands there twice",
                    "give values with weights instead",
                    "values",
                )

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        type_ = type_for(self.cells, isinstance(self.values, dict), self.as_)
        if type_.textual:
            return ()
        try:
            cells = [parse_cell(cell, type_) for cell in self.cells]
        except ValueError:
            return ()  # a problem that is told elsewhere
        numbers = np.array(cells)
        return () if (numbers[:-1] < numbers[1:]).all() else "its values do not ascend"

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        type_ = self.result(scope)
        if not self.intact or type_ is None or type_.name == "float":
            return
        table, column = scope.table.name, scope.column or ""
        shares = np.array(self.weights) / np.add.reduce(np.array(self.weights))
        if scope.effect() is None:
            labels = tuple(spelled(cell) for cell in self.cells)
            yield SharesDeclaration(table, column, labels, shares[np.newaxis], coding(self.cells, type_))
        elif type_.numeric:
            cells = column_of(self.cells, type_).as_floats()
            yield mean_fit(scope, cells, shares)

    def bind(self, scope: Scope) -> Fill:
        type_ = type_for(self.cells, isinstance(self.values, dict), self.as_)
        column, categories, stream = column_of(self.cells, type_), Categories.of(self.weights), scope.stream()
        plain = type_.name == "category"

        def fill(rows: Rows) -> Column:
            codes = categories.sample(stream, rows.ids)
            return Column(type_, codes, words=column.words) if plain else column.take(codes.astype(np.int64))

        return fill


def coding(cells: Sequence[Cell], type_: Type) -> Callable[[Column], Ints]:
    """A function from a column to the position of each cell among these, -1 for any other and where it is missing."""
    number = case_numbers([parse_cell(cell, type_) for cell in cells], type_)

    def codes(values: Column) -> Ints:
        found = number(values).astype(np.int64)
        return found if values.valid is None else np.where(values.valid, found, -1)

    return codes
