"""Checks that the numbers of a column fit its type and its range, also under multipliers.

A cell of type decimal holds 64 bits of minor units, drawn as a float64; a float has no limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Column, Floats, Type
from datagen.errors import PlanError, ValueFault
from datagen.kinds.generators.support.numeric_fields import spelled_amount
from datagen.point_process.multiplier_range import by_whom, drawn_often, multiplier_range
from datagen.random.shifting import Shifting
from datagen.random.streams import CHUNK, in_chunks

if TYPE_CHECKING:
    from datagen.point_process.ground_truth import GroundTruth

LARGEST = 9e18
"""The largest cell in minor units or microseconds."""
_DIGITS = 2.0**53
"""The largest number of minor units that a float64 represents exactly."""
RARE, UNSEEN, USUAL = 2.0**-50, 2.0**-40, 2.0**-30
"""Probabilities per cell: of a value that no dataset shows (fewer than one in 10^15 cells), that almost none shows, and
that few show.
"""
_SLACK = 1e-6
LEVELS = 512
"""The number of quantiles for means under multipliers."""


def check_fits(type_: Type, rare: float, usual: float) -> None:
    """Raises PlanError if numbers of these sizes do not fit the type: 64 bits, and for decimals the digits of a
    float64.
    """
    if type_.name == "float":
        return
    unit = "" if type_.name != "duration" else " microseconds"
    if rare * 10**type_.scale > LARGEST:
        raise PlanError(
            f"values can be as large as {rare:.3g}{unit}, beyond the 9e18 smallest steps that a cell of type "
            f"{type_} holds; {_fewer(rare, LARGEST)}"
        )
    if type_.name == "decimal" and usual * 10**type_.scale > _DIGITS:
        raise PlanError(
            f"values as large as {usual:.3g} with {type_.scale} decimals have more digits than a 64-bit float can "
            f"represent; {_fewer(usual, _DIGITS)}"
        )


def _fewer(size: float, most: float) -> str:
    fits = [scale for scale in range(9) if size * 10**scale <= most]
    bound = "give it a 'max', or lower its parameters or multipliers"
    return f"use {max(fits)} decimals at most, or {bound}" if fits else bound


def check_64_bits(numbers: Floats, scale: int) -> None:
    """Raises ValueFault for the first number of minor units beyond 64 bits. Nothing is clipped."""
    if len(numbers) and not float(np.abs(numbers).max()) <= LARGEST:
        at = int(np.flatnonzero(~(np.abs(numbers) <= LARGEST))[0])
        raise ValueFault(
            f"{numbers[at] / 10**scale:.3g} is beyond the 9e18 smallest steps that a cell holds; give the column a "
            f"'max', or lower its parameters or multipliers"
        )


def largest_multiplier(planted: GroundTruth | None) -> float:
    """The largest product of the declared multipliers, at least 1."""
    if planted is None:
        return 1.0
    treated = [one.ends.most for _, one in planted.rate.treatments if one.ends is not None]
    factors = [one.factor.planted for one in planted.known] + treated
    return math.prod(max(float(one.max(initial=1.0)), 1.0) for one in factors)


def check_mean_within(
    shifting: Shifting | None, planted: GroundTruth, bounds: tuple[float | str | None, float | str | None]
) -> None:
    """Raises PlanError if the product of all multipliers can move the mean beyond the range `bounds`."""
    if shifting is None:
        return
    together, often = multiplier_range(planted), drawn_often(planted)
    low, high = ("" if bound is None else spelled_amount(bound) for bound in bounds)
    change = f"change the {'multiplier' if len(planted.known) == 1 else 'multipliers'}, or widen the range"
    for factor, names in ((together.high, together.raising), (together.low, together.lowering)):
        if shifting.least - _SLACK <= factor <= shifting.most + _SLACK:
            continue
        limit = shifting.most if factor > 1.0 else shifting.least
        raise PlanError(
            f"{by_whom(names)} the mean by {factor:.4g}, but the range '{low}' to '{high}' allows at most x "
            f"{limit:.4g}; {change}"
        )
    if often > shifting.most + _SLACK:
        raise PlanError(
            f"one in twenty of the multipliers that are drawn is {often:.4g} or more, but the range '{low}' to "
            f"'{high}' has room for x {shifting.most:.4g} only; lower their dispersion, or widen the range"
        )


def cell_within(bound: float, type_: Type, whole: Callable[[Decimal], int]) -> float:
    """A bound, or the nearest number within it that the type can represent."""
    return bound if type_.name == "float" else whole(Decimal(repr(bound)).scaleb(type_.scale)) / 10**type_.scale


def clipped(numbers: Floats, low: float | None, high: float | None) -> Floats:
    """`numbers` kept within the range."""
    if low is None and high is None:
        return numbers
    kept: Floats = np.clip(numbers, low, high)
    return kept


def rounded(numbers: Floats, type_: Type) -> Column:
    """Float64 as cells of a numeric type or of durations, halves to even. Raises ValueFault beyond 64 bits."""
    if type_.name == "float":
        return Column(type_, numbers)
    out, scratch = np.empty(len(numbers), np.int64), np.empty(min(len(numbers), CHUNK))
    for chunk in in_chunks(len(numbers)):
        part = scratch[: chunk.stop - chunk.start]
        np.multiply(numbers[chunk], float(10**type_.scale), out=part)
        np.rint(part, out=part)
        check_64_bits(part, type_.scale)
        out[chunk] = part
    return Column(type_, out)
