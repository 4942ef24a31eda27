"""Formats numbers for display: 12,400, 1.2M, 25 %, x 1.40."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from datagen.validation.report.chart_data import Number

MISSING = "\N{EN DASH}"


def show(number: Number, unit: str = "number") -> str:
    """A number in its unit: share, factor or number."""
    if number is None:
        return MISSING
    if number < 0:
        return f"\N{MINUS SIGN}{show(-number, unit)}"
    if unit == "share":
        return share(number)
    return f"\N{MULTIPLICATION SIGN}\N{NARROW NO-BREAK SPACE}{digits(number)}" if unit == "factor" else digits(number)


def digits(number: Number, figures: int = 3) -> str:
    """About three figures: 0.0123, 1.4, 12.4, 1,240, 1.24M."""
    if number is None:
        return MISSING
    size = abs(number)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{number:.{figures - 1}e}"
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            return _trimmed(number / limit * (10 if letter == "k" else 1), figures) + letter
    return f"{number:,.0f}" if size >= 1000 or number == int(number) else _trimmed(number, figures)


def _trimmed(number: float, figures: int) -> str:
    whole = len(f"{abs(number):.0f}") if abs(number) >= 1 else -_zeros(abs(number))
    shown = f"{number:.{max(figures - whole, 0)}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _zeros(size: float) -> int:
    """The zeros after the point before the first digit: 0.012 has one."""
    return max(-int(f"{size:e}".split("e")[1]) - 1, 0) if size else 0


def beside(number: Number, error: Number) -> str:
    """A number with the precision of its standard error: two digits of the error, 0.1962 beside 0.0121."""
    if number is None or error is None or not 1e-9 < error < 1e6 or abs(number) >= 1e9:
        return digits(number)
    return f"{number:,.{places_of(error)}f}".replace("-", "\N{MINUS SIGN}")


def places_of(error: float) -> int:
    """The decimals that show two digits of an error."""
    return max(1 - int(f"{error:e}".split("e")[1]), 0)


def signed(number: float) -> str:
    """+1.2, with a typographic minus sign."""
    shown = f"{abs(number):.1f}"
    return shown if shown == "0.0" else ("+" if number > 0 else "\N{MINUS SIGN}") + shown


def share(number: float) -> str:
    """0.254 as 25.4 %."""
    percent = number * 100
    shown = f"{percent:.{1 if abs(percent) >= 1 else 2}f}"
    return shown.rstrip("0").rstrip(".") + "\N{NO-BREAK SPACE}%"


def whole(number: float) -> str:
    """12,400."""
    return f"{number:,.0f}"


def exactly(value: float | str) -> str:
    """A number with all significant digits for display: 12,400, 35.3629, 1.2e+18; text unchanged."""
    if isinstance(value, str):
        return value
    if abs(value) >= 1e15:
        return f"{value:.4g}"
    if value == int(value):
        return f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")
    shown = f"{value:,.{max(5 - len(str(int(abs(value)))), 1) if abs(value) >= 1 else _zeros(abs(value)) + 4}f}"
    return shown.rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}")


def moment(microseconds: float) -> datetime:
    """The instant at microseconds since 1970, UTC; clipped to the calendar."""
    days = min(max(microseconds / 86_400_000_000, -719_000.0), 2_900_000.0)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=days)


def spelled(name: str) -> str:
    """The name of a metric as words: `DayToDayMemory` is "Day to day memory"; acronyms stay."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+", name)
    return " ".join(word if word.isupper() or not at else word.lower() for at, word in enumerate(words))


def shortened(message: str, most: int) -> str:
    return message if len(message) <= most else message[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


def format_score(score: float) -> str:
    """One decimal, never rounded up to 100."""
    return "100" if score >= 100 else f"{math.floor(score * 10) / 10:.1f}"
