"""Indices of month, weekday and hour with mean 1."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from datagen.columnar.block import Floats, Ints
from datagen.registry import Strict, describe, did_you_mean

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS = tuple(str(hour) for hour in range(24))
MONTH_DAYS = (31.0, 28.25, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0)
"""The days of each month in a mean year."""

PROFILES: Mapping[str, tuple[float, ...]] = {
    "flat": (1.0,) * 24,
    "office": (
        0.05, 0.03, 0.02, 0.02, 0.03, 0.08, 0.25, 0.80, 1.80, 2.60, 2.80, 2.60,
        1.90, 2.20, 2.60, 2.50, 2.20, 1.50, 0.70, 0.40, 0.30, 0.20, 0.15, 0.10,
    ),
    "retail": (
        0.35, 0.20, 0.12, 0.10, 0.10, 0.15, 0.30, 0.55, 0.85, 1.15, 1.35, 1.40,
        1.40, 1.35, 1.30, 1.30, 1.35, 1.40, 1.45, 1.55, 1.65, 1.55, 1.15, 0.65,
    ),
    "evening": (
        0.70, 0.40, 0.20, 0.12, 0.10, 0.12, 0.20, 0.35, 0.45, 0.50, 0.60, 0.70,
        0.85, 0.85, 0.85, 0.95, 1.15, 1.50, 2.00, 2.50, 2.80, 2.60, 2.00, 1.30,
    ),
    "night": (
        2.40, 2.30, 2.10, 1.90, 1.60, 1.20, 0.80, 0.50, 0.35, 0.30, 0.30, 0.30,
        0.35, 0.35, 0.35, 0.40, 0.50, 0.60, 0.80, 1.10, 1.50, 1.90, 2.20, 2.40,
    ),
    "commute": (
        0.15, 0.08, 0.05, 0.06, 0.15, 0.60, 1.60, 2.60, 2.40, 1.20, 0.80, 0.80,
        0.95, 0.90, 0.95, 1.30, 2.10, 2.60, 1.90, 1.10, 0.70, 0.50, 0.35, 0.25,
    ),
}  # fmt: skip
"""Named daily profiles, 24 weights from midnight on: business hours 8 to 18 with a lunch break; shopping, with its peak
at 20; leisure, with a steep peak at 20; bars, freight and batch jobs; trains at 7 and 17.
"""


def _key(names: Sequence[str], key: Any) -> int:
    """The matching name: in full, or by its first three letters."""
    text = str(key).strip().lower()
    for number, name in enumerate(names):
        if text == name or (text == name[:3] and not name.isdigit()):
            return number
    raise PydanticCustomError(
        "unknown-name", "'{name}' is not known here", {"name": text[:40], "hint": did_you_mean(text, list(names))}
    )


def _weight(data: Any) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise PydanticCustomError("invalid-value", "needs a number, not {found}", {"found": describe(data)})
    if not (0 <= data <= 1e6 and math.isfinite(data)):
        raise PydanticCustomError("range", "needs a weight from 0 to 1,000,000")
    return float(data)


def _weights(names: Sequence[str], profiles: Mapping[str, tuple[float, ...]]) -> Callable[[Any], tuple[float, ...]]:
    """A parser of weights for these names: a list of all, a mapping of some (the others are 1), or a profile."""

    def parse(data: Any) -> tuple[float, ...]:
        weights = [1.0] * len(names)
        if isinstance(data, str) and profiles:
            return _profile(data, profiles)
        if isinstance(data, list | tuple) and len(data) == len(names):
            weights = [_weight(item) for item in data]
        elif isinstance(data, dict):
            weights = _named(names, data)
        else:
            context = {"n": len(names), "found": describe(data)}
            raise PydanticCustomError("invalid-value", "needs {n} weights, or names with weights, not {found}", context)
        if not any(weights):
            raise PydanticCustomError("range", "all weights are 0")
        return tuple(weights)

    return parse


def _named(names: Sequence[str], data: dict[Any, Any]) -> list[float]:
    """The weights of all names, 1 for those missing in the mapping."""
    found: dict[int, float] = {}
    for key, value in data.items():
        number = _key(names, key)
        if number in found:
            raise PydanticCustomError("duplicate", "'{name}' is given twice", {"name": names[number]})
        found[number] = _weight(value)
    return [found.get(number, 1.0) for number in range(len(names))]


def _profile(name: str, profiles: Mapping[str, tuple[float, ...]]) -> tuple[float, ...]:
    if name not in profiles:
        key = {"name": name[:40], "hint": did_you_mean(name, list(profiles))}
        raise PydanticCustomError("unknown-name", "there is no profile '{name}'", key)
    return profiles[name]


def _schema(names: Sequence[str], profiles: Sequence[str] = ()) -> WithJsonSchema:
    weight = {"type": "number", "minimum": 0, "description": "times the mean of the cycle", "examples": [1.2]}
    known = sorted({*names, *(name[:3] for name in names)})
    forms: list[dict[str, Any]] = [
        {"type": "array", "items": weight, "minItems": len(names), "maxItems": len(names)},
        {"type": "object", "properties": dict.fromkeys(known, weight), "additionalProperties": False},
    ]
    return WithJsonSchema({"anyOf": [*forms, {"enum": list(profiles)}] if profiles else forms})


Weights = tuple[float, ...]
Months = Annotated[Weights, BeforeValidator(_weights(MONTHS, {})), _schema(MONTHS)]
Weekdays = Annotated[Weights, BeforeValidator(_weights(WEEKDAYS, {})), _schema(WEEKDAYS)]
DayHours = Annotated[Weights, BeforeValidator(_weights(HOURS, PROFILES)), _schema(HOURS, tuple(PROFILES))]


class SeasonalIndices(Strict):
    """The indices of month, weekday and hour. Each is scaled to mean 1 over its cycle, so the declared mean is kept."""

    month: Months | None = Field(default=None, description="weights of the months, jan to dec; the default is 1")
    weekday: Weekdays | None = Field(default=None, description="weights of the days, mon to sun; the default is 1")
    hour: DayHours | None = Field(
        default=None, description="weights of the hours 0 to 23, or a profile: " + ", ".join(PROFILES)
    )

    def by_hour(self) -> Callable[[Ints], Floats]:
        """The product of the indices in local hours since 1970, shape (n,)."""
        month = index(self.month or (1.0,) * 12, MONTH_DAYS)
        weekday = index(self.weekday or (1.0,) * 7)
        hour = index(self.hour or (1.0,) * 24)

        def weigh(hours: Ints) -> Floats:
            days = hours // 24
            return month.take(month_of(days)) * weekday.take((days + 3) % 7) * hour.take(hours - days * 24)

        return weigh


def index(weights: Sequence[float], lengths: Sequence[float] | None = None) -> Floats:
    """Weights scaled to mean 1 over a cycle whose parts have these lengths (equal by default)."""
    total = length = 0.0
    for weight, part in zip(weights, lengths or (1.0,) * len(weights), strict=True):
        total, length = total + weight * part, length + part
    return np.array(weights) * (length / total)


def month_of(days: Ints) -> Ints:
    """The month, 0 to 11, of days since 1970, shape (n,)."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
