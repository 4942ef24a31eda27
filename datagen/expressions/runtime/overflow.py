"""int64 arithmetic that raises on overflow.

The extremes of both sides usually prove that nothing can overflow, with one pass each. Only otherwise is every cell
checked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints
from datagen.expressions.functions.registry import CellError

LOW, HIGH = -(2**63), 2**63 - 1


def span(data: Ints) -> tuple[int, int]:
    """The smallest and the largest, as Python ints; (0, 0) without cells."""
    return (int(data.min()), int(data.max())) if data.size else (0, 0)


def _fits(*bounds: int) -> bool:
    return min(bounds) >= LOW and max(bounds) <= HIGH


def refuse(wrong: Bools, valid: Bools | None, what: str, hint: str = "CAST an argument to DOUBLE") -> None:
    """Raise if a non-missing cell is wrong."""
    if np.any(wrong if valid is None else wrong & valid):
        raise CellError(f"{what} does not fit in 64 bits; {hint}")


Wrapped = tuple[Ints, Bools | None]
"""Results, and where they overflowed; None for nowhere."""


def wrapping_add(a: Ints, b: Ints) -> Wrapped:
    (low_a, high_a), (low_b, high_b) = span(a), span(b)
    result: Ints = a + b
    fits = _fits(low_a + low_b, high_a + high_b)
    return result, None if fits else ((a ^ result) & (b ^ result)) < 0


def wrapping_subtract(a: Ints, b: Ints) -> Wrapped:
    (low_a, high_a), (low_b, high_b) = span(a), span(b)
    result: Ints = a - b
    fits = _fits(low_a - high_b, high_a - low_b)
    return result, None if fits else ((a ^ b) & (a ^ result)) < 0


def wrapping_multiply(a: Ints, b: Ints) -> Wrapped:
    result: Ints = a * b
    if _fits(*(x * y for x in span(a) for y in span(b))):
        return result, None
    divisor = np.where(a == 0, 1, a)
    # the quotient of the smallest int64 and -1 overflows, so that pair is checked separately
    wrong = (result // divisor != b) | (result % divisor != 0) | ((a == -1) & (b == LOW))
    return result, (a != 0) & wrong


def add(a: Ints, b: Ints, valid: Bools | None) -> Ints:
    """a + b. Raises CellError on overflow of a cell that is not missing."""
    return _whole(wrapping_add(a, b), valid, "a sum")


def subtract(a: Ints, b: Ints, valid: Bools | None) -> Ints:
    """a - b. Raises CellError on overflow of a cell that is not missing."""
    return _whole(wrapping_subtract(a, b), valid, "a difference")


def multiply(a: Ints, b: Ints, valid: Bools | None) -> Ints:
    """a * b. Raises CellError on overflow of a cell that is not missing."""
    return _whole(wrapping_multiply(a, b), valid, "a product")


def _whole(found: Wrapped, valid: Bools | None, what: str) -> Ints:
    result, wrapped = found
    if wrapped is not None:
        refuse(wrapped, valid, what)
    return result


def power_of_ten(data: Ints, exponent: int, valid: Bools | None) -> Ints:
    """data * 10**exponent; a negative exponent divides and rounds half away from zero."""
    if exponent == 0:
        return data
    if exponent > 0:
        return multiply(data, np.array([10**exponent]), valid)
    return rounded_quotient(data, 10**-exponent)


def rounded_quotient(data: Ints, divisor: int) -> Ints:
    """data / divisor rounded half away from zero; divisor even and positive."""
    # floor and remainder cannot overflow, unlike adding half of the divisor
    floor, rest = np.divmod(data, np.int64(divisor))
    half = divisor // 2
    up = (rest > half) | ((rest == half) & (data >= 0))
    result: Ints = floor + up
    return result


def from_floats(numbers: Floats, valid: Bools | None, what: str) -> Ints:
    """Whole floats as int64. Raises CellError on NaN, infinity and values beyond 64 bits."""
    fits: Any = (numbers >= -(2.0**63)) & (numbers < 2.0**63)
    if fits.all():
        return numbers.astype(np.int64)
    refuse(~fits, valid, what, "TRY_CAST gives NULL, and LEAST(number, 1e9) a bound")
    return np.where(fits, numbers, 0.0).astype(np.int64)


def away(numbers: Floats) -> Floats:
    """Floats rounded to whole ones, half away from zero."""
    size = np.abs(numbers)
    low = np.floor(size)
    result: Floats = np.copysign(low + (size - low >= 0.5), numbers)
    return result
