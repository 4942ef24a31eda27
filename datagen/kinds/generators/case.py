"""A column with a generator for each value of another column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.columnar.block import Bools, Column, Ints, Rows, Type
from datagen.declarations.constraints import AllowedValuesDeclaration, ConditionalDeclaration, ConstraintDeclaration
from datagen.kinds.generators.base import Extent, Fill, Generator
from datagen.kinds.generators.support.bind import bind_generator
from datagen.kinds.generators.support.case_column import case_of_rows, deciding_problems
from datagen.kinds.generators.support.case_declarations import fits
from datagen.kinds.generators.support.column_lookup import need
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.literals import parse_cell
from datagen.kinds.generators.support.merge_cases import (
    CaseNumbers,
    FillCases,
    assembled,
    batched_cases,
    case_numbers,
    widest,
)
from datagen.kinds.generators.support.nested_parts import part_needs, part_nullable, part_problems
from datagen.scope import ColumnRef, StaticContext

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

MOST = 1_000
_FEW = 12  # up to this many cases, searching for each is faster than sorting


def _case(data: Any) -> Any:
    return {"type": "constant", "value": data} if isinstance(data, str | int | float) else data


Case = Annotated[
    Generator,
    BeforeValidator(_case),
    WithJsonSchema({"anyOf": [{"x-family": "generators"}, {"type": ["string", "number", "boolean"]}]}),
]
"""A generator; a bare value is short for a constant."""


class ByCase(Generator):
    """A generator for each value of a column of this table or of an ancestor (`customers.segment`).

    Values without a case, and missing ones, use `default`. Without a default, missing ones stay missing. Cases that
    are choices alone are shorter as a `conditional_choice`.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            kind={"type": "choice", "values": {"coffee": 5, "tea": 3, "mug": 2}},
            price={
                "type": "case",
                "column": "kind",
                "cases": {
                    "coffee": {"type": "lognormal", "median": 12, "sigma": 0.3, "decimals": 2},
                    "tea": {"type": "lognormal", "median": 8, "sigma": 0.3, "decimals": 2},
                },
                "default": 15,
            },
        ),
    )
    multiplies_parts: ClassVar[bool] = True

    synonyms: ClassVar[tuple[str, ...]] = ("by",
        "case", "switch", "conditional", "when", "depends_on", "mapping", "if",
    )  # fmt: skip
    type: Literal["case"] = "case"
    column: str = Field(description="the column that selects the case")
    cases: Annotated[dict[str, Case], Field(min_length=1, max_length=MOST)] = Field(
        description="a generator for each value"
    )
    default: Case | None = Field(default=None, description="the generator of every other value, and of missing ones")

    def _parts(self, scope: Scope) -> list[tuple[Generator, Scope]]:
        """The generators, the default last, each with its scope."""
        parts = [(generator, scope.at("cases", name)) for name, generator in self.cases.items()]
        return [*parts, (self.default, scope.at("default"))] if self.default else parts

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.column)}).union(*(part_needs(part, at) for part, at in self._parts(scope)))

    @property
    def most_rows(self) -> int | None:
        parts = [*self.cases.values(), *([self.default] if self.default else [])]
        return min((part.most_rows for part in parts if part.most_rows is not None), default=None)

    @property
    def measures_length(self) -> bool:
        return any(part.measures_length for part in (*self.cases.values(), *([self.default] if self.default else [])))

    def result(self, scope: Scope) -> Type | None:
        return widest([part.result(at) for part, at in self._parts(scope)])

    def nullable(self, scope: Scope) -> bool:
        nullable = any(part_nullable(part, at) for part, at in self._parts(scope))
        return nullable or (self.default is None and scope.nullable(self.column))

    def extent(self, scope: Scope) -> Extent | None:
        type_, ends = self.result(scope), list[float]()
        for part, at in self._parts(scope):
            own = part.result(at)
            extent = part.modified(part.extent(at), own)
            if type_ is None or own is None or extent is None:
                return None
            ends += [end * 10 ** (type_.scale - own.scale) for end in extent]
        return min(ends), max(ends)

    def longest(self, scope: Scope) -> int | None:
        found = [part.longest(at) for part, at in self._parts(scope)]
        known = [length for length in found if length is not None]
        return max(known) if known and len(known) == len(found) else None

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        parts = [*self.cases.values(), *([self.default] if self.default else [])]
        domains = [part.domain(context) for part in parts]
        known = [domain for domain in domains if domain is not None]
        return (
            tuple(dict.fromkeys(value for domain in known for value in domain)) if len(known) == len(domains) else None
        )

    def problems(self, scope: Scope) -> Iterator[Problem]:
        for part, at in self._parts(scope):
            yield from part_problems(part, at)
        yield from deciding_problems(
            scope, (self.column, "column"), "cases", [*self.cases], default=self.default is not None
        )
        types = {str(type_) for part, at in self._parts(scope) if (type_ := part.result(at))}
        if len(types) > 1 and self.result(scope) is None:
            yield scope.problem(
                "type", f"the cases give different types: {', '.join(sorted(types))}", "make their types equal", "cases"
            )

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        for part in (*self.cases.values(), *([self.default] if self.default else [])):
            path = part.inversion(scope)
            if isinstance(path, str) and part.type != "constant":
                return f"in one of its cases {path}"
            if isinstance(path, tuple) and path:
                return f"one of its cases is of type '{part.type}'"
        return ("cases",)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        type_, read = self.result(scope), scope.type_of(self.column)
        blur = self.blur(type_) if type_ is not None else None
        if type_ is None or read is None or blur is None:
            return
        numbers = case_of_rows(scope, self.column, [*self.cases])
        yield from fits(self._parts(scope), (type_, blur, self.raised(type_)), numbers)
        if not self.intact or scope.effect() is not None:
            return
        for i, (part, at) in enumerate(self._parts(scope)):
            domain = part.domain(at)
            constraints: list[ConstraintDeclaration] = [
                constraint for constraint in part.declarations(at) if isinstance(constraint, ConstraintDeclaration)
            ]
            if domain and part.intact:
                constraints.append(
                    AllowedValuesDeclaration(
                        scope.table.name, scope.column, values=tuple(parse_cell(v, type_) for v in domain)
                    )
                )
            message = f"'{self.column}' is '{[*self.cases, 'something else'][i][:60]}'"
            yield from (
                ConditionalDeclaration(
                    scope.table.name, scope.column, constraint=constraint, rows=_belongs(numbers, i), where=message
                )
                for constraint in constraints
            )

    def bind(self, scope: Scope) -> Fill:
        type_, read = self.result(scope), scope.type_of(self.column)
        assert type_ is not None and read is not None
        at = scope.at("cases")  # one scope for all: a row has one case, so cases can share their streams
        parts = [part for part, _ in self._parts(scope)]
        fills = [bind_generator(part, at) for part in parts]
        number = case_numbers(tuple(parse_cell(name, read) for name in self.cases), read)
        return _Split(self.column, number, tuple(fills), len(self.cases), type_, batched_cases(parts, at))


@dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """Rows split by case, filled per case and merged."""

    column: str
    number: CaseNumbers
    fills: tuple[Fill, ...]
    cases: int
    type: Type
    at_once: FillCases | None

    def __call__(self, rows: Rows) -> Column:
        numbers = self._numbers(rows)
        if self.at_once is not None and numbers.max(initial=0) < len(self.fills):
            return self.at_once(rows, numbers)
        parts = _rows_of(numbers, self.cases + 1)
        filled = [fill(rows.take(part)) for fill, part in zip(self.fills, parts, strict=False)]
        return assembled(filled, parts[: len(filled)], len(rows), self.type)

    def _numbers(self, rows: Rows) -> npt.NDArray[np.int16]:
        """The case of each row, computed at the ancestor if many rows share it."""
        table, dot, column = self.column.partition(".")
        deciding = rows.above(table) if dot else rows
        if deciding.at is not None and len(deciding) > len(deciding.block):
            return self._of(Rows(deciding.block).column(column)).take(deciding.at)
        return self._of(deciding.column(column if dot else table))

    def _of(self, deciding: Column) -> npt.NDArray[np.int16]:
        numbers = self.number(deciding)
        numbers[numbers < 0] = self.cases
        if deciding.valid is not None:
            numbers[~deciding.valid] = self.cases
        return numbers


def _belongs(numbers: Callable[[Rows], Ints], case: int) -> Callable[[Rows], Bools]:
    """Which rows belong to a case."""

    def belongs(rows: Rows) -> Bools:
        found: Bools = numbers(rows) == case
        return found

    return belongs


def _rows_of(numbers: npt.NDArray[np.int16], cases: int) -> list[Ints]:
    """The rows of each case, ascending."""
    if cases <= _FEW:
        return [np.flatnonzero(numbers == case) for case in range(cases)]
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=cases))
    return [order[end - n : end] for end, n in zip(ends, np.diff(ends, prepend=0), strict=True)]
