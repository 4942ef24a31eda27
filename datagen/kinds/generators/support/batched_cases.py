"""Draws cases that are all plain distributions in one pass; the cells equal those of separate draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from datagen.columnar.block import Column, Rows
from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.holding import rounded
from datagen.random.stacked_inverse_cdf import StackedInverseCdf

if TYPE_CHECKING:
    from datagen.scope import Scope

FillCases = Callable[[Rows, npt.NDArray[np.int16]], Column]
"""The cells of rows from the numbers of their cases."""


def lawful(parts: Sequence[Generator], scope: Scope) -> FillCases | None:
    """The filler of cases that are laws of one type without range and modifiers; None for others."""
    laws = [part for part in parts if isinstance(part, DistributionGenerator)]
    if len(laws) < len(parts) or any(law.modifiers or law.min is not None or law.max is not None for law in laws):
        return None
    types = {law.result(scope) for law in laws}
    type_ = types.pop()
    if types or type_ is None:
        return None
    stacked, stream, effect = StackedInverseCdf.of([law.law() for law in laws]), scope.stream(), scope.effect()

    def fill(rows: Rows, cases: npt.NDArray[np.int16]) -> Column:
        numbers = stacked.sample(stream, rows.ids, cases)
        return rounded(numbers if effect is None else numbers * effect(rows), type_)

    return fill
