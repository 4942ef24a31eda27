"""Numbers, durations or dates with a uniform distribution between two bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import DATE, TIMESTAMP, Column, Floats, Rows, Type, Words
from datagen.declarations.constraints import RangeDeclaration
from datagen.declarations.values import Unit
from datagen.kinds.generators.base import Draw, Extent, Fill, Numeric
from datagen.kinds.generators.support.distribution_declarations import even_fit
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_fields import Bound, is_date, number
from datagen.random.integers import uniform_below
from datagen.time_units import DAY

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext

_STEPS = 2**53


class Uniform(Numeric):
    """Uniformly distributed between `min` and `max`. With `decimals`, and for dates, both bounds are included; instants
    stay before `max`.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            dice={"type": "uniform", "min": 1, "max": 6, "decimals": 0},
            born_on={"type": "uniform", "min": "1950-01-01", "max": "2005-12-31", "as": "date"},
            pause={"type": "uniform", "min": "5min", "max": "1h"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "int", "integer", "age", "float", "number", "random", "rand", "random_int", "random_integer", "randint",
        "random_number", "pyint", "pyfloat", "pydecimal", "decimal", "double", "numeric", "range", "date",
        "datetime", "timestamp", "time", "date_between", "date_time_between", "date_time", "date_range",
        "past_date", "future_date", "random_float", "real", "bigint", "smallint", "percentage", "birthday",
        "date_of_birth", "birthdate", "dob", "timestamptz", "timestamp_ntz", "smalldatetime", "tinyint", "int32",
        "int64", "long", "float32", "float64", "double_precision",
    )  # fmt: skip
    snippets: ClassVar[tuple[tuple[str, str], ...]] = (
        (
            '{"type": "uniform", "min": 1, "max": 100, "decimals": 0}',
            "int integer bigint smallint tinyint int32 int64 long number random_int randint",
        ),
        (
            '{"type": "uniform", "min": 0, "max": 100, "decimals": 2}',
            "float double real decimal numeric float32 float64 double_precision",
        ),
        (
            '{"type": "uniform", "min": "2024-01-01", "max": "2024-12-31", "as": "date"}',
            "date birthday birthdate date_of_birth dob date_between past_date future_date",
        ),
        (
            """{"type": "uniform", "min": "2024-01-01", "max": "2025-01-01"}; for events write 'event_time'""",
            "datetime timestamp date_time timestamptz timestamp_ntz smalldatetime date_time_between",
        ),
    )
    tilts: ClassVar[bool] = True

    left_out: ClassVar[Mapping[str, str]] = {
        "low loc a left start start_date from": "min",
        "high b right end end_date to stop": "max",
        "scale": "'max' is loc + scale",
    }
    type: Literal["uniform"] = "uniform"
    min: Bound = Field(description="the lower bound: a number, a duration or a date")
    max: Bound = Field(description="the upper bound")
    as_: Literal["timestamp", "date"] | None = Field(
        default=None, alias="as", description="the type for dates; the default is timestamp"
    )

    @property
    def dated(self) -> bool:
        """Whether the bounds are dates."""
        return is_date(self.min) and is_date(self.max)

    def result(self, scope: Scope) -> Type | None:
        if self.dated:
            return DATE if self.as_ == "date" else TIMESTAMP
        return super().result(scope)

    def extent(self, scope: Scope) -> Extent | None:
        if not self.dated:
            return super().extent(scope)
        step = DAY if self.as_ == "date" else 1
        return number(self.min) // step, number(self.max) // step

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if is_date(self.min) != is_date(self.max):
            yield scope.problem("type", "only one bound is a date", "write both as dates", "max")
            return
        if self.as_ and not self.dated:
            yield scope.problem("no-effect", "'as' is for dates", "leave it out", "as")
        if self.dated:
            yield from self._date_problems(scope)
        else:
            yield from super().problems(scope)
            yield from self._step_problems(scope)

    def _date_problems(self, scope: Scope) -> Iterator[Problem]:
        if number(self.min) > number(self.max):
            yield scope.problem("range", f"min {self.min} is after max {self.max}", "swap them", "min")
        if self.decimals is not None:
            yield scope.problem("no-effect", "dates have no decimals", "leave 'decimals' out", "decimals")

    def _step_problems(self, scope: Scope) -> Iterator[Problem]:
        if self.decimals is None or self.timed or number(self.min) > number(self.max):
            return
        low, high = self._steps(self.decimals)
        if low <= high and (high >= low + _STEPS or abs(low) + abs(high) > _STEPS):
            yield scope.problem(
                "range",
                f"too many numbers with {self.decimals} decimals between min and max",
                "change 'decimals'",
                "decimals",
            )

    def _steps(self, decimals: int) -> tuple[int, int]:
        """The first and the last multiple of the smallest step in the range."""
        low, high = (Decimal(repr(number(bound))).scaleb(decimals) for bound in (self.min, self.max))
        return math.ceil(low), math.floor(high)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if not self.dated:
            yield from super().declarations(scope)
        elif self.intact:
            step, range_text = (DAY if self.as_ == "date" else 1), f"{self.min} to {self.max}"
            low, high = number(self.min) // step, number(self.max) // step
            yield RangeDeclaration(scope.table.name, scope.column, low=low, high=high, range=range_text)
            unit: Unit = "date" if self.as_ == "date" else "timestamp"
            yield replace(even_fit(scope, low, high + (self.as_ == "date"), None, 1.0), unit=unit)

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        return ()

    def draw(self, scope: Scope) -> Draw:
        at, stream = self._values(), scope.stream()
        return lambda rows: at(stream.uniforms(rows.ids))

    def at_words(self, scope: Scope) -> Callable[[Words], Floats]:
        at = self._values()
        return lambda words: at((words >> np.uint64(11)).astype(np.float64) * 2.0**-53)

    def _values(self) -> Callable[[Floats], Floats]:
        """Numbers from uniforms, which are overwritten."""
        low, high = number(self.min), number(self.max)
        steps = None if self.decimals is None or self.timed else self._steps(self.decimals)
        scale = float(10 ** (self.decimals or 0))

        def values(numbers: Floats) -> Floats:
            if steps is None:
                numbers *= high - low
                numbers += low
                return numbers
            numbers *= float(steps[1] - steps[0] + 1)
            np.floor(numbers, out=numbers)
            numbers += float(steps[0])
            numbers /= scale
            return numbers

        return values

    def bind(self, scope: Scope) -> Fill:
        return self._bind_dates(scope) if self.dated else super().bind(scope)

    def _bind_dates(self, scope: Scope) -> Fill:
        stream, low, high = scope.stream(), int(number(self.min)), int(number(self.max))
        type_ = DATE if self.as_ == "date" else TIMESTAMP
        if type_ is DATE:
            low, high = low // DAY, high // DAY + 1
        span = max(high - low, 1)

        def fill(rows: Rows) -> Column:
            return Column(type_, uniform_below(stream.words(rows.ids), span) + low)

        return fill
