"""Targets of a number: equal to a value, between bounds, at least, at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from datagen.columnar.block import Type
from datagen.registry import Strict
from datagen.time_units import DAY, format_instant, parse_duration, parse_instant

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Amount = float | str
"""A number, also as a share such as '90%'; a date or duration for values of such types."""
_UNITS = (("d", DAY), ("h", DAY // 24), ("min", DAY // 1440), ("s", DAY // 86_400))
_SLACK = 1e-12
"""Relative tolerance, because sums of floats depend on the order of the files."""


@dataclass(frozen=True, slots=True)
class Target:
    """The bounds, both included; None for no bound."""

    low: float | None
    high: float | None

    def met(self, found: float) -> bool:
        slack = _SLACK * max(abs(found), 1.0)
        return (self.low is None or found >= self.low - slack) and (self.high is None or found <= self.high + slack)

    def missed(self, found: float) -> float | None:
        """The bound that is relevant for `found`."""
        if self.low is None or self.high is None:
            return self.low if self.high is None else self.high
        return self.low if found < (self.low + self.high) / 2 else self.high

    def message(self, type_: Type) -> str:
        low, high = (None if bound is None else written(bound, type_) for bound in (self.low, self.high))
        if low == high:
            return f"expected {low}"
        if low is None or high is None:
            return f"expected at least {low}" if high is None else f"expected at most {high}"
        return f"expected {low} to {high}"


class Targeted(Strict):
    """The fields of a target."""

    equals: Amount | None = Field(default=None, description="the value, within `tolerance`")
    tolerance: Amount | None = Field(
        default=None, description="the allowed deviation from `equals`: an amount, or a share as '5%'"
    )
    between: Annotated[tuple[Amount, ...], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="the smallest and the largest value"
    )
    at_least: Amount | None = Field(default=None, description="the smallest value")
    at_most: Amount | None = Field(default=None, description="the largest value")

    def target(self, type_: Type) -> Target:
        """The bounds in the units of the type. Raises ValueError for an amount of another type."""
        if self.equals is not None:
            middle, give = amount(self.equals, type_), 0.0
            if self.tolerance is not None:
                give = _tolerance(self.tolerance, middle, type_)
            return Target(middle - give, middle + give)
        if self.between is not None:
            return Target(amount(self.between[0], type_), amount(self.between[1], type_))
        low = None if self.at_least is None else amount(self.at_least, type_)
        return Target(low, None if self.at_most is None else amount(self.at_most, type_))

    def target_problems(
        self, scope: Scope, type_: Type | None, span: tuple[float, float | None] | None
    ) -> Iterator[Problem]:
        """Problems of the target; `span` is the range of possible values."""
        fields = ("equals", "between", "at_least", "at_most")
        given = [name for name in fields if getattr(self, name) is not None]
        if not given:
            yield scope.problem("missing", "there is no target", f"write one of {', '.join(fields)}")
        elif len(given) > 1 and given != ["at_least", "at_most"]:
            yield scope.problem("duplicate", f"'{given[0]}' and '{given[1]}' are both targets", "keep one", given[1])
        elif self.tolerance is not None and given != ["equals"]:
            yield scope.problem("no-effect", "'tolerance' has no effect without 'equals'", "leave it out", "tolerance")
        elif type_ is not None:
            yield from self._amount_problems(scope, type_, given[0], span)

    def _amount_problems(
        self, scope: Scope, type_: Type, key: str, span: tuple[float, float | None] | None
    ) -> Iterator[Problem]:
        try:
            target = self.target(type_)
        except ValueError as error:
            yield scope.problem("type", str(error), f"the values are of type {type_}", key)
            return
        low, high = target.low, target.high
        if low is not None and high is not None and low > high:
            message = "the tolerance is negative" if key == "equals" else "the smallest value is above the largest"
            yield scope.problem("range", message, "swap them" if key != "equals" else "write it without a sign", key)
        elif span is not None:
            yield from _idle(scope, target, key, span)


def _idle(scope: Scope, target: Target, key: str, span: tuple[float, float | None]) -> Iterator[Problem]:
    """The problem of a target that no data, or all data, can meet."""
    lowest, highest = span
    bounded = f"at least {lowest:g}" if highest is None else f"{lowest:g} to {highest:g}"
    if (target.high is not None and target.high < lowest) or (
        highest is not None and target.low is not None and target.low > highest
    ):
        yield scope.problem("range", "no data can meet the target", f"it is always {bounded}", key)
    elif (target.low is None or target.low <= lowest) and (
        target.high is None or (highest is not None and target.high >= highest)
    ):
        yield scope.problem("no-effect", "all data meets the target", f"it is always {bounded}", key)


def amount(given: Amount, type_: Type) -> float:
    """An amount in the units of the type: microseconds, days, numbers. Raises ValueError for another type."""
    if type_.name not in ("timestamp", "date", "duration"):
        return _percent(given) if isinstance(given, str) else given
    if isinstance(given, str):
        return parse_duration(given) if type_.name == "duration" else parse_instant(given) / _unit(type_)
    example = "a duration such as '2h'" if type_.name == "duration" else "a date such as '2024-01-31'"
    raise ValueError(f"{given:g} is not {example}")


def _percent(given: str) -> float:
    """The number that a text such as '5%' stands for. Raises ValueError for another text."""
    try:
        number = float(given.strip().removesuffix("%")) / 100 if given.strip().endswith("%") else float("nan")
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ValueError(f"'{given[:40]}' is not a number or a share such as '5%'")
    return number


def _unit(type_: Type) -> int:
    """Microseconds per unit of a timestamp or date."""
    return DAY if type_.name == "date" else 1


def _tolerance(given: Amount, middle: float, type_: Type) -> float:
    if isinstance(given, str) and given.strip().endswith("%"):
        return abs(middle) * _percent(given)
    if isinstance(given, str) and type_.name in ("timestamp", "date"):
        return parse_duration(given) / _unit(type_)
    return amount(given, type_)


def _decimal(number: float) -> str:
    """Six digits, at least all before the point, with commas between thousands; very large numbers with an exponent."""
    if not 1e-4 <= abs(number) < 1e15:
        return "0" if number == 0 else f"{number:.6g}"
    decimals = max(0, 6 - len(f"{abs(number):.0f}"))
    text = f"{number:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def written(number: float, type_: Type) -> str:
    """A number in the type's units as text."""
    if type_.name in ("timestamp", "date"):
        return format_instant(round(number * _unit(type_)))
    if type_.name != "duration":
        return _decimal(number)
    unit, size = next((one for one in _UNITS if abs(number) >= one[1]), ("us", 1))
    return f"{number / size:.4g}{unit}"
