"""Exact arithmetic on minor units: rounding, and sums per parent."""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Ints, Rows, Type
from datagen.errors import ValueFault
from datagen.kinds.generators.support.numeric_range import rounded

_LARGEST = 2**63 - 1


def rescaled(values: Column, type_: Type) -> Column:
    """Numbers in another numeric type. Decimals round half away from zero, floats half to even. Raises ValueFault."""
    if values.type.name == "float":
        _holdable(values, type_)
        return Column(type_, rounded(values.data, type_).data, values.valid)
    steps = type_.scale - values.type.scale
    factor = 10 ** abs(steps)
    if steps >= 0:
        _fits(values.data, factor)
        return Column(type_, values.data * factor, values.valid)
    whole = (np.abs(values.data) + factor // 2) // factor
    return Column(type_, np.where(values.data < 0, -whole, whole), values.valid)


def _holdable(values: Column, type_: Type) -> None:
    """Refuse floats that are too large for minor units in 64 bits."""
    beyond = np.abs(values.data) >= float(_LARGEST // 10**type_.scale)
    if np.any(beyond if values.valid is None else beyond & values.valid):
        worst = float(np.abs(values.data[beyond]).max())
        raise ValueFault(f"{worst:.3g} is too large for a number with {type_.scale} decimals; use fewer, or none")


def sums_below(rows: Rows, child: Block, numbers: Ints, counted: Bools | None) -> Ints:
    """The sum of `numbers` over the children of each row, int64; only over those `counted`, if given. Raises
    ValueFault.
    """
    assert child.counts is not None
    if counted is not None:
        numbers = np.where(counted, numbers, 0)
    totals = _between(numbers, child.starts, child.counts)
    if _largest(numbers) * int(child.counts.max(initial=1)) > _LARGEST:
        _summable(numbers, child.starts, child.counts)
    return totals if rows.at is None else totals[rows.at]


def _between(numbers: Ints, starts: Ints, counts: Ints) -> Ints:
    """The sum of each range of numbers, modulo 2^64."""
    running = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(numbers, out=running[1:])
    totals: Ints = running[starts + counts] - running[starts]
    return totals


def _summable(numbers: Ints, starts: Ints, counts: Ints) -> None:
    """Refuse sums beyond int64, detected from the sums of the high halves with the carry of the low halves."""
    low, high = (_between(part, starts, counts) for part in (numbers & (2**32 - 1), numbers >> 32))
    beyond = np.abs(high + (low >> 32) + 0.5) > 2.0**31
    if beyond.any():
        at = int(np.flatnonzero(beyond)[0])
        message = f"the sum of {int(counts[at]):,} numbers up to {_largest(numbers)} does not fit in 64 bits"
        raise ValueFault(f"{message} (row {at + 1} of its block); use fewer decimals or fewer rows per parent")


def _largest(numbers: Ints) -> int:
    return max(int(numbers.max(initial=0)), -int(numbers.min(initial=0)))


def _fits(numbers: Ints, factor: int) -> None:
    """Refuse numbers that could leave int64 when multiplied by `factor`."""
    if _largest(numbers) * factor > _LARGEST:
        raise ValueFault(f"numbers up to {_largest(numbers)} are too large for this column's decimals; use fewer")
