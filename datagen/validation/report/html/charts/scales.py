"""Maps values to positions: linear, logarithmic and time scales with ticks at round values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from datagen.validation.report.chart_data import Number
from datagen.validation.report.number_format import digits, moment, show

Tick = tuple[float, str]
"""A position and its label."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` are mapped to positions from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = self.low, self.high, value
        if self.log:
            low, high, at = math.log(low), math.log(high), math.log(max(value, self.low * 1e-6))
        share = (at - low) / (high - low) if high > low else 0.5
        return self.start + min(max(share, -0.05), 1.05) * (self.end - self.start)


def spanned(values: Iterable[Number], start: float, end: float, *, log: bool = False, zero: bool = False) -> Scale:
    """A scale over all values, and 0 if requested; never of length 0."""
    known = [value for value in values if value is not None and (value > 0 or not log)]
    low, high = (min(known), max(known)) if known else (0.0 if not log else 1.0, 1.0)
    if zero and not log:
        low, high = min(low, 0.0), max(high, 0.0)
    if high <= low:
        low, high = (
            (low * 0.8, high * 1.25)
            if log
            else (low - (abs(low) or 1) * 0.5 * (not zero), high + (abs(high) or 1) * 0.5)
        )
    return Scale(low, high, start, end, log)


def with_margin(scale: Scale, *, both: bool = False) -> Scale:
    """The same scale with a margin above its highest value, and below its lowest one if requested or if that is
    negative.
    """
    if scale.log:
        room = (scale.high / scale.low) ** 0.04
        return Scale(scale.low / room if both else scale.low, scale.high * room, scale.start, scale.end, log=True)
    room = (scale.high - scale.low) * 0.04
    return Scale(scale.low - room * (both or scale.low < 0), scale.high + room, scale.start, scale.end)


def ticks(scale: Scale, count: int = 4, unit: str = "number") -> list[Tick]:
    """Some round values of the scale."""
    values = _log_values(scale) if scale.log and scale.high > 4 * scale.low else _values(scale, count)
    return [(scale(value), show(value, unit) if unit == "share" else digits(value)) for value in values]


def time_ticks(scale: Scale, count: int = 6) -> list[Tick]:
    """Years, months or days of a scale in microseconds since 1970."""
    first, last = moment(scale.low), moment(scale.high)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months < 2:
        return [(scale(value), f"{moment(value):%b %d}") for value in _day_values(scale, count)]
    step = next((size for size in (1, 2, 3, 6, 12, 24, 36, 60, 120, 600) if months / size <= count), 6000)
    found = []
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        if month % step == 0 and 12 <= month < 9999 * 12:
            at = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
            where = at.timestamp() * 1e6
            if scale.low <= where <= scale.high:
                found.append((scale(where), f"{at:%Y}" if step >= 12 else f"{at:%b %Y}"))
    return found


def _day_values(scale: Scale, count: int) -> list[float]:
    day = 86_400_000_000
    step = max(math.ceil((scale.high - scale.low) / day / count), 1) * day
    first = math.ceil(scale.low / day) * day
    return [first + step * k for k in range(count + 1) if first + step * k <= scale.high]


def _values(scale: Scale, count: int) -> list[float]:
    step = _step(scale.high - scale.low, count)
    first = math.ceil(scale.low / step - 1e-9)
    found = [(first + k) * step for k in range(3 * count)]
    near = (scale.high - scale.low) * 1e-4  # on a scale of a few bits, multiples of a step miss its ends
    return [value for value in found if scale.low - near <= value <= scale.high + near]


def _log_values(scale: Scale) -> list[float]:
    """Powers of ten, with 2 and 5 between them if they are few."""
    low, high = math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high))
    narrow = scale.high < scale.low * 160
    skip = max((high - low) // 5, 1)
    parts = (1, 2, 5) if narrow else (1,)
    found = [part * 10.0**power for power in range(low, high + 1, skip) for part in parts]
    return [value for value in found if scale.low <= value * (1 + 1e-9) and value <= scale.high * (1 + 1e-9)]


def _step(span: float, count: int) -> float:
    rough = max(span, 1e-300) / count
    power = 10.0 ** math.floor(math.log10(rough))
    return next((part * power for part in (1, 2, 2.5, 5) if part * power >= rough * 0.999), 10 * power)
