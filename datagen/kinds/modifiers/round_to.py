"""Rounding to multiples of a step, and price endings such as .99."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Floats, Ints, Rows, Type
from datagen.declarations.constraints import MultipleDeclaration
from datagen.declarations.values import SharesDeclaration
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.literals import parse_cell
from datagen.kinds.generators.support.numeric_fields import Positive, number, spelled_amount
from datagen.kinds.modifiers.base import Change, Extent, Modifier
from datagen.random.discrete_inverse_cdf import Categories

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

Weight = Annotated[float, Field(ge=0, le=1e15)]
_MOST = 10**15
_EXACT = 2.0**53


class RoundTo(Modifier):
    """The nearest multiple of `step`, or the nearest number with one of the `endings` in every `unit`, chosen by
    weight.

    Endings of 0.99 with a unit of 10 make 9.99, 19.99 ...; a non-negative number stays non-negative.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            price={
                "type": "lognormal",
                "median": 20,
                "sigma": 0.6,
                "decimals": 2,
                "modifiers": [{"type": "round_to", "endings": {"0.99": 5, "0.49": 2, "0.00": 2}}],
            },
            weight_g={
                "type": "uniform",
                "min": 100,
                "max": 900,
                "decimals": 0,
                "modifiers": [{"type": "round_to", "step": 25}],
            },
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "round",
        "rounding",
        "step",
        "quantize",
        "snap",
    )
    type: Literal["round_to"] = "round_to"
    step: Positive | None = Field(default=None, description="a number, or a duration for durations")
    endings: dict[str, Weight] | None = Field(
        default=None, description="endings with weights, such as {'0.99': 5, '0.00': 2}"
    )
    unit: float = Field(default=1.0, gt=0, le=1e9, description="the interval at which endings repeat")

    def problems(self, scope: Scope, type_: Type) -> Iterator[Problem]:
        if (self.step is None) == (not self.endings):
            yield scope.problem("missing", "needs either a 'step' or 'endings'", "keep one")
        elif not type_.numeric and type_.name != "duration":
            yield scope.problem("type", f"cells of type {type_} cannot be rounded", "use it on numbers")
        elif self.step is not None:
            yield from self._step_problems(scope, type_, self.step)
        else:
            yield from self._ending_problems(scope, type_)

    def _step_problems(self, scope: Scope, type_: Type, step: float | str) -> Iterator[Problem]:
        if isinstance(step, str) != (type_.name == "duration"):
            yield scope.problem(
                "type",
                f"a step of {spelled_amount(step)} does not fit a column of type {type_}",
                "change its unit",
                "step",
            )
        elif type_.name != "float" and _minor(number(step), type_) is None:
            yield scope.problem(
                "range",
                f"a step of {spelled_amount(step)} is not a multiple of the column's decimals",
                "change 'decimals'",
                "step",
            )
        if self.unit != 1.0:
            yield scope.problem("no-effect", "'unit' is for endings", "leave it out", "unit")

    def _ending_problems(self, scope: Scope, type_: Type) -> Iterator[Problem]:
        if type_.name not in ("int", "decimal"):
            yield scope.problem(
                "type", f"a column of type {type_} has no exact endings", "give the column 'decimals'", "endings"
            )
            return
        unit = _minor(self.unit, type_)
        if unit is None:
            yield scope.problem(
                "range", f"{self.unit:g} is not a multiple of the column's decimals", "change 'decimals'", "unit"
            )
        for ending in self.endings or {}:
            cell = _ending(ending, type_)
            if cell is None or not 0 <= cell < (unit or _MOST):
                message = f"'{ending[:40]}' is not an ending of a {type_} within {self.unit:g}"
                yield scope.problem("range", message, "write one from 0 up to the unit", "endings", ending)
        if self.endings and not any(self.endings.values()):
            yield scope.problem("range", "all weights are 0", "give one ending a weight above 0", "endings")

    def declarations(self, scope: Scope, type_: Type) -> Iterable[Declaration]:
        later = scope.table.columns[scope.column or ""].modifiers[int(scope.keys[-1]) + 1 :]
        if type_.name == "float" or not all(modifier.keeps for modifier in later):
            return
        if self.step is not None:
            yield MultipleDeclaration(scope.table.name, scope.column, unit=_minor(number(self.step), type_) or 1)
        elif self.endings is not None:
            unit = _minor(self.unit, type_) or 1
            ends = {ending: end for ending in self.endings if (end := _ending(ending, type_)) is not None}
            yield MultipleDeclaration(scope.table.name, scope.column, unit=unit, endings=tuple(ends.values()))
            if len(set(ends.values())) == len(ends) > 1:
                yield self._chosen(scope, ends, unit)

    def _chosen(self, scope: Scope, ends: dict[str, int], unit: int) -> Declaration:
        """The weight of each ending."""
        assert self.endings is not None
        weights = np.array([self.endings[ending] for ending in ends])
        cells = np.array(list(ends.values()), np.int64)
        order = np.argsort(cells)

        def coding(values: Column) -> Ints:
            rest = values.data % unit
            at = order[np.minimum(np.searchsorted(cells[order], rest), len(cells) - 1)]
            found = np.where(cells[at] == rest, at, -1)
            return found if values.valid is None else np.where(values.valid, found, -1)

        labels = tuple(f"... {ending}" for ending in ends)
        planted = (weights / np.add.reduce(weights))[np.newaxis]
        return SharesDeclaration(scope.table.name, scope.column or "", labels, planted, coding)

    def extent(self, before: Extent, type_: Type) -> Extent | None:
        unit = _minor(self.unit if self.step is None else number(self.step), type_)
        ends = [0] if self.step is not None else [_ending(ending, type_) for ending in self.endings or {}]
        if type_.name == "float" or unit is None or not ends or None in ends or not all(map(isfinite, before)):
            return None
        reached = [
            (int(cell) - end + unit // 2) // unit * unit + end for cell in before for end in ends if end is not None
        ]
        return min(reached) if before[0] < 0 else max(min(reached), 0), max(reached)

    def blur(self, type_: Type) -> float | None:
        return (self.unit if self.step is None else number(self.step)) / 2.0

    def raised(self, type_: Type) -> float:
        return self.unit if self.endings else 0.0

    def bind(self, scope: Scope, type_: Type) -> Change:
        if self.step is None:
            return self._bind_endings(scope, type_)
        if type_.name == "float":
            step = number(self.step)
            return lambda _, values: Column(type_, _nearest_float(values.data, step), values.valid)
        minor = _minor(number(self.step), type_)
        assert minor is not None
        return lambda _, values: Column(type_, _nearest(values.data, minor) * minor, values.valid)

    def _bind_endings(self, scope: Scope, type_: Type) -> Change:
        assert self.endings is not None
        unit = _minor(self.unit, type_)
        assert unit is not None
        cells = np.array([_ending(ending, type_) for ending in self.endings], np.int64)
        stream, shares = scope.stream(), Categories.of(list(self.endings.values()))

        def change(rows: Rows, values: Column) -> Column:
            ends = cells[shares.codes(stream.words(rows.ids))]
            steps = _nearest(values.data - ends, unit)
            steps = np.where(values.data >= 0, np.maximum(steps, 0), steps)
            return Column(type_, steps * unit + ends, values.valid)

        return change


def _nearest_float(numbers: Floats, step: float) -> Floats:
    """The nearest multiple. A number whose float64 neighbours are further apart than the step stays unchanged."""
    near = np.abs(numbers) < _EXACT * step
    return np.where(near, np.rint(np.where(near, numbers, 0.0) / step) * step, numbers)


def _nearest(numbers: Ints, step: int) -> Ints:
    """The number of steps nearest to each number, halves up."""
    return (numbers + step // 2) // step


def _minor(amount: float, type_: Type) -> int | None:
    """An amount in minor units; None where it is not a whole number of them."""
    scaled = Decimal(repr(amount)).scaleb(type_.scale)
    return int(scaled) if scaled == scaled.to_integral_value() and 0 < scaled < _MOST else None


def _ending(text: str, type_: Type) -> int | None:
    try:
        return int(parse_cell(text, type_))
    except ValueError:
        return None
