"""A choice among a few values whose weights depend on another column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TEXT, Bools, Column, Floats, Ints, Rows, Type
from datagen.declarations.constraints import AllowedValuesDeclaration, ConditionalDeclaration
from datagen.declarations.values import DistributionDeclaration, SharesDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.choice import Weighted, coding
from datagen.kinds.generators.support.case_column import case_of_rows, deciding_problems
from datagen.kinds.generators.support.column_lookup import need
from datagen.kinds.generators.support.distribution_declarations import mean_case
from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.listed_cells import as_weight, listed_cells, listing_problems
from datagen.kinds.generators.support.literals import As, Cell, column_of, parse_cell, spelled, type_for
from datagen.random.discrete_inverse_cdf import ConditionalCategories
from datagen.scope import ColumnRef, StaticContext

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

Group = Mapping[Cell, float]
"""The weights of values."""

_MOST = 1_000
_MOST_MEASURED = 40
"""Shares of more groups are not measured one by one."""


class ConditionalChoice(Generator):
    """One of a few values; the weights depend on the column `by` of this table or of an ancestor (`customers.segment`):
    a conditional probability table.

    `weights` has values with weights (or a list of equally frequent values) for each value of `by`. Instead, they can
    be the rows of a `table` whose rows are `listed`: of those whose cell of `given` is the value of `by`, the cells of
    `column` with the weights of `weight`. Any other value of `by`, and a missing one, uses `default`. Without a
    default, missing ones stay missing.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(
            customers={"segment": {"type": "choice", "values": {"vip": 1, "standard": 9}}},
            orders={
                "shipping": {
                    "type": "conditional_choice",
                    "by": "customers.segment",
                    "weights": {
                        "vip": {"express": 7, "parcel": 3},
                        "standard": {"express": 1, "parcel": 6, "pickup": 3},
                    },
                }
            },
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "choice_by", "weights_by", "conditional_weights", "cpt", "conditional_probability", "transition_matrix",
        "dependent_choice", "crosstab", "contingency_table", "weighted_by",
    )  # fmt: skip
    type: Literal["conditional_choice"] = "conditional_choice"
    by: str = Field(description="the column that decides which weights apply")
    weights: Annotated[dict[str, Weighted], Field(max_length=_MOST)] = Field(
        default={}, description="for each value of that column: values with weights, or a list of values"
    )
    default: Weighted | None = Field(default=None, description="values with weights for every other value")
    table: str | None = Field(default=None, description="a table of listed rows, instead of `weights`")
    given: str | None = Field(default=None, description="the listed column that `by` is compared with")
    column: str | None = Field(default=None, description="the listed column with the values")
    weight: str | None = Field(default=None, description="the listed column with the weights; equal ones if not said")
    as_: As = Field(default=None, alias="as")

    def groups(self, context: StaticContext) -> Mapping[str, Group]:
        """The weights for each value of `by`, the default not included. Those of a table add up over its rows."""
        if self.table is None:
            return {name: _group(weights) for name, weights in self.weights.items()}
        given, cells = (listed_cells(context, self.table, name) or () for name in (self.given, self.column))
        weights = listed_cells(context, self.table, self.weight) if self.weight else (1.0,) * len(cells)
        found: dict[str, dict[Cell, float]] = {}
        for name, cell, weight in zip(given, cells, weights or (), strict=False):
            if name is not None and cell is not None:
                group = found.setdefault(spelled(name), {})
                group[cell] = group.get(cell, 0.0) + as_weight(weight)
        return found

    def _all(self, context: StaticContext) -> list[Group]:
        """The weights of all groups, the default last."""
        return [*self.groups(context).values(), *([] if self.default is None else [_group(self.default)])]

    def _type(self, context: StaticContext) -> Type | None:
        written = any(isinstance(one, dict) for one in (*self.weights.values(), self.default))
        values = [value for group in self._all(context) for value in group]
        return type_for(values, written, self.as_) if values else None

    def _cells(self, context: StaticContext) -> list[Cell]:
        """Every value with a weight above 0, once: numbers ascending, so that a larger word gives no smaller cell."""
        type_ = self._type(context)
        if type_ is None:
            return []
        cells = {parse_cell(v, type_): v for group in self._all(context) for v, weight in group.items() if weight > 0}
        return list(cells.values()) if type_.textual else [cells[key] for key in sorted(cells)]

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.by)})

    def result(self, scope: Scope) -> Type | None:
        return self._type(scope)

    def nullable(self, scope: Scope) -> bool:
        return self.default is None and scope.nullable(self.by)

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        try:
            return tuple(map(spelled, self._cells(context))) or None
        except ValueError:
            return None  # reported by another check

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.table is None:
            yield from self._weights_problems(scope)
        elif self.weights:
            message = "weights are written here and in a table"
            yield scope.problem("conflict", message, "leave one of them out", "weights")
        else:
            listed = {"given": self.given, "column": self.column, "weight": self.weight}
            yield from listing_problems(scope, self.table, listed)
            if self.groups(scope):
                known = [*self.groups(scope)]
                found = deciding_problems(scope, (self.by, "by"), "given", known, default=self.default is not None)
                yield from (problem for problem in found if problem.code != "no-effect")  # other columns may use them
        yield from self._value_problems(scope)

    def _weights_problems(self, scope: Scope) -> Iterator[Problem]:
        if not self.weights:
            message, hint = "there is nothing to choose from", "write 'weights', or 'table', 'given' and 'column'"
            yield scope.problem("missing", message, hint, "weights")
            return
        for name in ("given", "column", "weight"):
            if getattr(self, name) is not None:
                yield scope.problem("no-effect", f"'{name}' belongs to a table", "name the 'table'", name)
        names = [*self.weights]
        yield from deciding_problems(scope, (self.by, "by"), "weights", names, default=self.default is not None)

    def _value_problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of the values and weights of each group."""
        type_ = self._type(scope)
        places = [("weights", name) if self.table is None else ("table",) for name in self.groups(scope)]
        for group, place in zip(self._all(scope), [*places, ("default",)], strict=False):
            if not any(group.values()):
                yield scope.problem("range", "all weights are 0", "give at least one value a weight above 0", *place)
            for value in group:
                try:
                    parse_cell(value, type_ or TEXT)
                except ValueError as error:
                    yield scope.problem("type", str(error), "write another value, or another 'as'", *place)

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        return ()

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        type_ = self._type(scope)
        if not self.intact or type_ is None or type_.name == "float":
            return
        names, cells, table, column = [*self.groups(scope)], self._cells(scope), scope.table.name, scope.column or ""
        groups = self._all(scope)[:_MOST_MEASURED]
        titles = tuple([*(name[:60] for name in names), "any other value"][: len(groups)])
        shares, numbers = np.array([_shares(group, cells) for group in groups]), case_of_rows(scope, self.by, names)
        case = lambda rows: _measured(numbers(rows), len(groups))  # noqa: E731 - needed twice
        if scope.effect() is None:
            labels = tuple(spelled(cell) for cell in cells)
            yield SharesDeclaration(table, column, labels, shares, coding(cells, type_), titles, case)
            for i, title in enumerate(titles):
                allowed = tuple(parse_cell(cells[k], type_) for k in np.flatnonzero(shares[i]))
                constraint = AllowedValuesDeclaration(table, column, values=allowed)
                where = f"'{self.by}' is '{title}'" if i < len(names) else f"'{self.by}' is something else"
                rows = partial(_in_group, case, i)
                yield ConditionalDeclaration(table, column, constraint=constraint, rows=rows, where=where)
        elif type_.numeric:
            numbered = column_of(cells, type_).as_floats()
            cases = tuple(mean_case(numbered, one, title) for one, title in zip(shares, titles, strict=True))
            size = lambda: scope.rows_in(table)  # noqa: E731 - asked for only where there is data
            yield DistributionDeclaration(table, column, cases, (0.0, 0.0), size, case, planted=scope.planted())

    def bind(self, scope: Scope) -> Fill:
        type_, cells, groups = self._type(scope), self._cells(scope), self._all(scope)
        assert type_ is not None
        code = {parse_cell(cell, type_): i for i, cell in enumerate(cells)}
        weighted = [[(code[parse_cell(v, type_)], w) for v, w in group.items() if w > 0] for group in groups]
        categories, stream = ConditionalCategories.of([sorted(group) for group in weighted]), scope.stream()
        column, numbers = column_of(cells, type_), case_of_rows(scope, self.by, [*self.groups(scope)])
        plain, last = type_.name == "category", len(groups) - 1

        def fill(rows: Rows) -> Column:
            group = numbers(rows)
            codes = categories.sample(stream, rows.ids, np.minimum(group, last))
            chosen = (
                Column(type_, codes, dictionary=column.dictionary) if plain else column.take(codes.astype(np.int64))
            )
            return chosen if (group <= last).all() else chosen.where(group <= last)

        return fill


def _group(weights: Weighted) -> Group:
    return {cell: weights[str(cell)] if isinstance(weights, dict) else 1.0 for cell in weights}


def _in_group(numbers: Callable[[Rows], Ints], group: int, rows: Rows) -> Bools:
    found: Bools = numbers(rows) == group
    return found


def _shares(group: Group, cells: list[Cell]) -> Floats:
    """The shares of these cells under the weights of one group."""
    own = {spelled(cell): weight for cell, weight in group.items()}
    weights = np.array([own.get(spelled(cell), 0.0) for cell in cells])
    shares: Floats = weights / np.add.reduce(weights)
    return shares


def _measured(numbers: Ints, most: int) -> Ints:
    """The group of each row, -1 for groups that are not measured."""
    return np.where(numbers < most, numbers, -1)
