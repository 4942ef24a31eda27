"""A choice among a few values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from datagen.columnar.block import Column, Ints, Rows, Type
from datagen.declarations.values import SharesDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.distribution_declarations import mean_fit
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.listed_cells import as_weight, listed_cells, listing_problems
from datagen.kinds.generators.support.literals import As, Cell, Scalar, column_of, parse_cell, spelled, type_for
from datagen.kinds.generators.support.merge_cases import case_numbers
from datagen.random.discrete_inverse_cdf import Categories
from datagen.registry import describe
from datagen.scope import StaticContext

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
"""A list of equally frequent values, or values with weights."""


class Choice(Generator):
    """One of a few values, equally often if they are listed, by weight if they are given weights.

    The values make the type: all integers an `int`, all with a point a `decimal`, true and false a `bool`, else a
    category. Instead of `values`, they can be the cells of a `column` of a `table` whose rows are `listed`, with the
    weights in another column of it. Weights that depend on another column: `conditional_choice`. Shares that change
    over the window: `drifting_choice`.
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
        "weighted_choice", "custom_list", "one_of", "pick", "sample", "values",
        "elements", "discrete", "multinomial", "random_value", "weighted", "array_element", "array_elements",
    )  # fmt: skip
    left_out: ClassVar[Mapping[str, str]] = {
        "elements options items a categories array": "values",
        "p weights probabilities ext_word_list": 'weights stand with the values: {"a": 70, "b": 30}',
        "size replace": "each row draws one value, with replacement",
    }
    type: Literal["choice"] = "choice"
    values: Weighted = Field(default=(), description="a list of values, or values with weights")
    table: str | None = Field(default=None, description="a table of listed rows, instead of `values`")
    column: str | None = Field(default=None, description="the listed column with the values")
    weight: str | None = Field(default=None, description="the listed column with the weights; equal by default")
    as_: As = Field(default=None, alias="as")

    def drawn(self, context: StaticContext) -> tuple[tuple[Cell, ...], tuple[float, ...]]:
        """The values and their weights; those of a table add up over its rows. Empty where there is no such table or
        column.
        """
        if self.table is None:
            return tuple(self.values), tuple(self.values.values()) if isinstance(self.values, dict) else (1.0,) * len(
                self.values
            )
        cells = listed_cells(context, self.table, self.column) or ()
        weights = listed_cells(context, self.table, self.weight) if self.weight else (1.0,) * len(cells)
        values: dict[str, Cell] = {}
        sums: dict[str, float] = {}
        for cell, weight in zip(cells, weights or (), strict=False):
            if cell is not None:
                values[spelled(cell)] = cell
                sums[spelled(cell)] = sums.get(spelled(cell), 0.0) + as_weight(weight)
        return tuple(values.values()), tuple(sums.values())

    def _type(self, context: StaticContext) -> Type:
        return type_for(self.drawn(context)[0], isinstance(self.values, dict), self.as_)

    def result(self, scope: Scope) -> Type | None:
        return self._type(scope) if self.drawn(scope)[0] else None

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        drawn = zip(*self.drawn(context), strict=True)
        return tuple(spelled(cell) for cell, weight in drawn if weight > 0) or None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.table is None:
            yield from self._values_problems(scope)
        elif self.values:
            yield scope.problem("conflict", "values are written here and in a table", "leave one of them out", "values")
        else:
            yield from listing_problems(scope, self.table, {"column": self.column, "weight": self.weight})

    def _values_problems(self, scope: Scope) -> Iterator[Problem]:
        if not self.values:
            yield scope.problem(
                "missing", "there is nothing to choose from", "write 'values', or 'table' and 'column'", "values"
            )
            return
        for name, column in (("column", self.column), ("weight", self.weight)):
            if column is not None:
                yield scope.problem("no-effect", f"'{name}' belongs to a table", "name the 'table'", name)
        cells = tuple(self.values)
        weights = tuple(self.values.values()) if isinstance(self.values, dict) else (1.0,)
        if not any(weights):
            yield scope.problem("range", "all weights are 0", "give at least one value a weight above 0", "values")
        type_ = self._type(scope)
        seen: Counter[int | float | str] = Counter()
        for i, cell in enumerate(cells):
            key = cell if isinstance(self.values, dict) else i
            try:
                value = parse_cell(cell, type_)
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
                    f"'{spelled(cell)[:40]}' is given twice",
                    "give values with weights instead",
                    "values",
                )

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        type_ = self._type(scope)
        if type_.textual:
            return ()
        try:
            cells = [parse_cell(cell, type_) for cell in self.drawn(scope)[0]]
        except ValueError:
            return ()  # reported by another check
        numbers = np.array(cells)
        return () if (numbers[:-1] < numbers[1:]).all() else "its values are not in ascending order"

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        type_ = self.result(scope)
        if not self.intact or type_ is None or type_.name == "float":
            return
        table, column = scope.table.name, scope.column or ""
        cells, weights = self.drawn(scope)
        shares = np.array(weights) / np.add.reduce(np.array(weights))
        if scope.effect() is None:
            labels = tuple(spelled(cell) for cell in cells)
            yield SharesDeclaration(table, column, labels, shares[np.newaxis], coding(cells, type_))
        elif type_.numeric:
            yield mean_fit(scope, column_of(cells, type_).as_floats(), shares)

    def bind(self, scope: Scope) -> Fill:
        type_, drawn = self._type(scope), zip(*self.drawn(scope), strict=True)
        possible = [(cell, weight) for cell, weight in drawn if weight > 0]  # codes are as wide as the domain needs
        categories, stream = Categories.of([weight for _, weight in possible]), scope.stream()
        column = column_of([cell for cell, _ in possible], type_)
        plain = type_.name == "category"

        def fill(rows: Rows) -> Column:
            codes = categories.sample(stream, rows.ids)
            return Column(type_, codes, dictionary=column.dictionary) if plain else column.take(codes.astype(np.int64))

        return fill


def coding(cells: Sequence[Cell], type_: Type) -> Callable[[Column], Ints]:
    """A function from a column to the position of each cell among these values, -1 for others and missing cells."""
    number = case_numbers([parse_cell(cell, type_) for cell in cells], type_)

    def codes(values: Column) -> Ints:
        found = number(values).astype(np.int64)
        return found if values.valid is None else np.where(values.valid, found, -1)

    return codes
