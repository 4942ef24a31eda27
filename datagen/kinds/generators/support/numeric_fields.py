"""Numeric fields of the document: numbers, or durations such as "2h"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from datagen.registry import describe
from datagen.time_units import DURATION_PATTERN, OutsideCalendar, parse_duration, parse_instant

LARGEST = 1e18
_NUMBER_OR_DURATION = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": DURATION_PATTERN}]}


def finite(data: Any) -> float | None:
    """A JSON number as float64; None for anything else. Raises a pydantic error for numbers out of range."""
    if not isinstance(data, int | float) or isinstance(data, bool):
        return None
    try:
        number = float(data)
    except OverflowError:
        number = math.inf
    if not abs(number) <= LARGEST:
        raise PydanticCustomError("range", "needs a number between -1e18 and 1e18")
    return number


def _checked(expected: str, parse: Callable[[str], int], positive: bool) -> Callable[[Any], float | str]:
    def check(data: Any) -> float | str:
        amount: float | str | None = finite(data)
        if amount is None:
            amount = _parsed(data, expected, parse)
        if positive and (amount if isinstance(amount, float) else parse(amount)) <= 0:
            raise PydanticCustomError("range", "must be above 0")
        return amount

    return check


def _parsed(data: Any, expected: str, parse: Callable[[str], int]) -> str:
    """The text, if it can be parsed."""
    if not isinstance(data, str):
        raise PydanticCustomError(
            "invalid-value", "needs {expected}, not {found}", {"expected": expected, "found": describe(data)}
        )
    try:
        value = parse(data)
    except OutsideCalendar as error:
        raise PydanticCustomError("invalid-value", "{message}", {"message": str(error)}) from None
    except (ValueError, OverflowError):
        raise PydanticCustomError(
            "invalid-value", "needs {expected}, not '{data}'", {"expected": expected, "data": data[:40]}
        ) from None
    finite(value)
    return data


def parse_moment(text: str) -> int:
    """Microseconds of a duration, or of an ISO date since 1970. Raises ValueError."""
    try:
        return parse_duration(text)
    except ValueError:
        return parse_instant(text)


Amount = Annotated[
    float | str,
    PlainValidator(_checked("a number or a duration such as '2h'", parse_duration, positive=False)),
    WithJsonSchema(_NUMBER_OR_DURATION),
]
"""A number, or a duration as written."""

Positive = Annotated[
    float | str,
    PlainValidator(_checked("a number or a duration such as '2h'", parse_duration, positive=True)),
    WithJsonSchema(_NUMBER_OR_DURATION),
]
"""An amount above 0."""

Bound = Annotated[
    float | str,
    PlainValidator(
        _checked("a number, a duration such as '2h' or a date such as '2024-01-31'", parse_moment, positive=False)
    ),
    WithJsonSchema({"type": ["number", "string"], "examples": [1, "2h", "2024-01-31"]}),
]
"""A number, a duration or a date as written."""


def number(amount: float | str) -> float:
    """The amount as float64: durations in microseconds."""
    return amount if isinstance(amount, float | int) else float(parse_moment(amount))


def is_date(amount: object) -> bool:
    """Whether the amount is written as a date."""
    if not isinstance(amount, str):
        return False
    try:
        parse_duration(amount)
    except ValueError:
        return True
    return False


def spelled_amount(amount: float | str) -> str:
    """The amount as written in a document."""
    return amount if isinstance(amount, str) else f"{amount:g}"
