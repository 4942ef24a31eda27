"""Parses literals: numbers, dates, timestamps and intervals, into the storage form of their types."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from datagen.columnar.block import DATE, DURATION, FLOAT, INT, TEXT, TIMESTAMP, Type, decimal
from datagen.errors import ExpressionError
from datagen.expressions.tree import Constant

MICROSECONDS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 7 * 86_400_000_000,
}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAY = MICROSECONDS["day"]

_LARGEST = 2**63 - 1
DIGITS = 18
_MINUS = re.compile(r"\s*(-?)\s*(\d+)(?:\.(\d{1,6}))?\s*\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number(text: str) -> Constant:
    """`12` is an int, `0.20` an exact decimal(2), `1e3` a float. Raises ExpressionError when it does not fit."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ExpressionError(f"'{text[:40]}' is not a number", "write digits, such as 12 or 0.5", "syntax") from None
    if "e" in text.lower():
        return Constant(_finite(text), FLOAT)
    exponent = value.as_tuple().exponent
    scale = -exponent if isinstance(exponent, int) else 0
    minor = int(value.scaleb(scale))
    if scale > DIGITS or minor > _LARGEST:
        raise ExpressionError(
            f"the number '{text[:40]}' has too many digits",
            f"at most {DIGITS} digits are exact; write it with an exponent (1.5e20) for a float",
            "too-large",
        )
    return Constant(minor, decimal(scale) if scale else INT)


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ExpressionError(f"the number '{text[:40]}' is too large for a float", "the limit is 1.8e308", "too-large")
    return value


def day(text: str) -> int:
    """Days since 1970 of `2024-01-31`. Raises ExpressionError."""
    try:
        return (date.fromisoformat(text.strip()) - date(1970, 1, 1)).days
    except ValueError:
        raise ExpressionError(f"'{text[:40]}' is not a date", "write it as 'YYYY-MM-DD'", "invalid-value") from None


def moment(text: str) -> int:
    """Microseconds since 1970 of `2024-01-31 10:30:00` (UTC unless an offset is written). Raises ExpressionError."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ExpressionError(
            f"'{text[:40]}' is not a timestamp", "write it as 'YYYY-MM-DD HH:MM:SS'", "invalid-value"
        ) from None
    aware = read.replace(tzinfo=UTC) if read.tzinfo is None else read
    return (aware - _EPOCH) // timedelta(microseconds=1)


def unit_name(text: str) -> str:
    """`HOURS`, `hour` and `Hour` are all `hour`."""
    lower = text.strip().lower()
    return lower[:-1] if lower.endswith("s") and lower[:-1] in MICROSECONDS | MONTHS else lower


def interval(amount: str, unit: str) -> tuple[int, bool]:
    """An interval as microseconds (False) or, if its length depends on the calendar, as months (True)."""
    found = _MINUS.match(amount)
    known = MICROSECONDS | MONTHS
    if found is None or unit not in known:
        raise ExpressionError(
            f"'{amount[:40]}' {unit[:20]} is not an interval",
            f"write INTERVAL '2' HOUR; units: {', '.join(known)}",
            "invalid-value",
        )
    sign, whole, fraction = found.groups()
    scaled = int(whole + (fraction or "").ljust(6, "0")) * known[unit]
    if scaled // 10**6 > _LARGEST:
        raise ExpressionError(
            f"an interval of {amount[:40]} {unit}s is too long", "times end at the year 9999", "invalid-value"
        )
    if scaled % 10**6:
        raise ExpressionError(
            f"'{amount[:40]}' {unit} is not a whole interval", "write a smaller unit", "invalid-value"
        )
    return (-1 if sign else 1) * (scaled // 10**6), unit in MONTHS


def of_type(text: str, kind: Type) -> Constant:
    """A string literal as a date, a timestamp or text."""
    if kind == DATE:
        return Constant(day(text), DATE)
    if kind == TIMESTAMP:
        return Constant(moment(text), TIMESTAMP)
    return Constant(text, TEXT)


def duration(microseconds: int) -> Constant:
    return Constant(microseconds, DURATION)
