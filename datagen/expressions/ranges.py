"""The valid results of expressions: finite floats, times from year 1 to 9999. Other results are NULL."""

from __future__ import annotations

import sys
from datetime import date

import numpy as np

from datagen.columnar.block import DATE, FLOAT, TIMESTAMP, Bools, Column, Floats, Type

_EPOCH = date(1970, 1, 1)
_DAY = 86_400_000_000
_FIRST, _LAST = (date.min - _EPOCH).days, (date.max - _EPOCH).days

CALENDAR: dict[Type, tuple[int, int]] = {DATE: (_FIRST, _LAST), TIMESTAMP: (_FIRST * _DAY, (_LAST + 1) * _DAY - 1)}
"""The first and the last day (days since 1970) and moment (microseconds since 1970), 0001-01-01 to 9999-12-31."""

LARGEST = sys.float_info.max


def finite(numbers: Floats, valid: Bools | None) -> Column:
    """Floats, missing if infinite or NaN (an overflow, a root of -1, a logarithm of 0)."""
    there = np.isfinite(numbers)
    if there.all():
        return Column(FLOAT, numbers, valid)
    return Column(FLOAT, np.where(there, numbers, 0.0), there if valid is None else valid & there)


def within_calendar(times: Column) -> Column:
    """Dates or timestamps, missing if outside the calendar."""
    low, high = CALENDAR[times.type]
    if not times.data.size or (times.data.min() >= low and times.data.max() <= high):
        return times
    there = (times.data >= low) & (times.data <= high)
    valid = there if times.valid is None else times.valid & there
    return Column(times.type, np.where(there, times.data, 0), valid)
