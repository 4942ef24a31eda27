"""The filler of a column: its generator, then the multipliers of behaviors, then its modifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Column, Rows
from datagen.errors import PlanError
from datagen.kinds.generators.base import Draw, Fill, Generator, Numeric
from datagen.kinds.generators.support import numeric_range

if TYPE_CHECKING:
    from datagen.scope import Scope


def bind_generator(generator: Generator, scope: Scope) -> Fill:
    """The filler of a generator with the multipliers of behaviors and then its modifiers applied.

    Numeric and nested generators multiply before rounding themselves; the values of any other generator are multiplied
    here. Whole numbers are rounded at random, up with the probability of the fraction, so the mean is kept.
    """
    fill = generator.bind(scope)
    _check_precision(generator, scope)
    effect = None if isinstance(generator, Numeric) or generator.multiplies_parts else scope.effect()
    if effect is not None:
        fill = _multiplied(fill, effect, scope)
    type_ = generator.result(scope)
    if not generator.modifiers or type_ is None:
        return fill
    changes = [m.bind(scope.at("modifiers", i), type_) for i, m in enumerate(generator.modifiers)]

    def modified(rows: Rows) -> Column:
        values = fill(rows)
        for change in changes:
            values = change(rows, values)
        return values

    return modified


def _check_precision(generator: Generator, scope: Scope) -> None:
    """Raises PlanError if cells are known to have more digits than the file holds."""
    digits, type_, column = generator.precision, generator.result(scope), scope.column
    if digits is None or column is None or type_ is None or (isinstance(generator, Numeric) and generator.accumulates):
        return
    extent = scope.extent(column)
    if extent is not None and max(map(abs, extent)) >= 10**digits:
        most = max(map(abs, extent)) / 10**type_.scale
        raise PlanError(
            f"cells can be as large as {most:.6g}, which has more than {digits} digits; raise 'precision', or give the "
            "column a 'max'"
        )


def _multiplied(fill: Fill, effect: Draw, scope: Scope) -> Fill:
    stream = scope.stream("rounding")

    def multiplied(rows: Rows) -> Column:
        values = fill(rows)
        numbers = values.as_floats() * effect(rows)
        if values.type.name == "int":
            numeric_range.check_64_bits(numbers, 0)
            whole = np.floor(numbers + stream.uniforms(rows.ids)).astype(np.int64)
            return Column(values.type, whole, values.valid)
        return Column(values.type, numeric_range.rounded(numbers, values.type).data, values.valid)

    return multiplied
