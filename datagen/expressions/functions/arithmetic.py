"""Plus, minus, times, divided by, modulo: exact for int and decimal, IEEE for float.

Division by zero, floats beyond 1.8e308, times outside the calendar and durations beyond 292,000 years give NULL; whole
numbers beyond 64 bits are an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from datagen.columnar.block import DATE, DURATION, FLOAT, INT, TIMESTAMP, Bools, Column, Type, decimal
from datagen.expressions.functions.registry import Arguments, Typed, function
from datagen.expressions.ranges import CALENDAR, finite, within_calendar
from datagen.expressions.runtime import overflow
from datagen.expressions.tree import NULL, Call, Constant, Node
from datagen.expressions.typing import advice, coerce, common_type, named, numeric, type_error

EXACT_DECIMALS = 12
"""A product with more decimals than this is a float: as a decimal it would allow few digits before the point."""

_WORDS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "take the remainder of"}
_RESULTS = {"+": "a sum", "-": "a difference", "*": "a product"}
_TIMES = (DATE, TIMESTAMP)


def both(a: Column, b: Column) -> Bools | None:
    """Where neither is missing; None for everywhere."""
    if a.valid is None or b.valid is None:
        return a.valid if b.valid is None else b.valid
    both: Bools = a.valid & b.valid
    return both


def _filled(args: tuple[Node, ...]) -> tuple[Node, ...]:
    """A bare NULL gets the type of the other side; with a time it is a duration."""
    common = common_type([arg.type for arg in args])
    if common is None or common == NULL:
        common = DURATION if common is None else INT
    if common in _TIMES:
        common = DURATION
    return tuple(Constant(None, common) if arg.type == NULL else arg for arg in args)


def _refusal(sign: str, args: tuple[Node, ...]) -> Exception:
    first, second = args
    wrong = first if not first.type.numeric else second
    hint = advice(wrong, INT)
    if first.type.textual and second.type.textual:
        hint = "|| joins texts"
    elif sign == "+" and (first.type.textual or second.type.textual):
        hint = f"|| joins texts, also with the text of a number; {hint}"
    elif first.type in _TIMES or second.type in _TIMES:
        hint = "add an interval to a time, such as INTERVAL '1' DAY"
    return type_error(f"cannot {_WORDS[sign]} {named(first)} and {named(second)}: '{sign}' needs numbers", hint)


def _numbers(sign: str, args: tuple[Node, ...]) -> Typed:
    common = common_type([arg.type for arg in args])
    if common is None or not common.numeric:
        raise _refusal(sign, args)
    requirement = f"'{sign}' needs numbers"
    if sign == "/" or common == FLOAT:
        return tuple(coerce(arg, FLOAT, requirement) for arg in args), FLOAT
    if sign == "*":
        scale = sum(arg.type.scale for arg in args)
        if scale > EXACT_DECIMALS:
            return tuple(coerce(arg, FLOAT, requirement) for arg in args), FLOAT
        return args, decimal(scale) if scale else INT
    return tuple(coerce(arg, common, requirement) for arg in args), common


def _plus(args: tuple[Node, ...]) -> Typed:
    first, second = _filled(args)
    if first.type in (DURATION, INT) and second.type in _TIMES:
        first, second = second, first
    types = (first.type, second.type)
    if types == (DURATION, DURATION):
        return (first, second), DURATION
    if types == (DATE, INT):
        return (first, second), DATE
    if first.type in _TIMES and second.type == DURATION:
        return (coerce(first, TIMESTAMP, "'+'"), second), TIMESTAMP
    return _numbers("+", (first, second))


def _minus(args: tuple[Node, ...]) -> Typed:
    first, second = _filled(args)
    types = (first.type, second.type)
    if types == (DATE, DATE):
        return (first, second), INT
    if first.type in _TIMES and second.type in _TIMES:
        return (coerce(first, TIMESTAMP, "'-'"), coerce(second, TIMESTAMP, "'-'")), DURATION
    if types in ((DURATION, DURATION), (DATE, INT)):
        return (first, second), first.type
    if first.type in _TIMES and second.type == DURATION:
        return (coerce(first, TIMESTAMP, "'-'"), second), TIMESTAMP
    return _numbers("-", (first, second))


def _times(args: tuple[Node, ...]) -> Typed:
    first, second = _filled(args)
    if {first.type, second.type} == {INT, DURATION}:
        return (first, second), DURATION
    return _numbers("*", (first, second))


def _over(args: tuple[Node, ...]) -> Typed:
    return _numbers("/", _filled(args))


def _modulo(args: tuple[Node, ...]) -> Typed:
    return _numbers("%", _filled(args))


@function("+", (2, 2), _plus)
def _add(args: Arguments) -> Column:
    return _moved(args, np.add, overflow.wrapping_add)


@function("-", (2, 2), _minus)
def _subtract(args: Arguments) -> Column:
    return _moved(args, np.subtract, overflow.wrapping_subtract)


def _moved(args: Arguments, plain: Any, wrapping: Any) -> Column:
    a, b = args[0], args[1]
    kind, valid = args.call.type, both(a, b)
    if kind == FLOAT:
        return finite(plain(a.data, b.data), valid)
    if kind in _TIMES:
        low, high = CALENDAR[kind]
        # amounts are clipped to the width of the calendar, so that no sum overflows
        amount = np.clip(b.data, low - high - 1, high - low + 1)
        start = within_calendar(a)
        return within_calendar(Column(kind, plain(start.data, amount), both(start, b)))
    return _held(kind, wrapping(a.data, b.data), valid, args.call.function)


def _held(kind: Type, found: overflow.Wrapped, valid: Bools | None, sign: str) -> Column:
    """Whole numbers that fit in 64 bits; a duration that does not is missing. Raises CellError for other types."""
    result, wrapped = found
    if wrapped is None or not wrapped.any():
        return Column(kind, result, valid)
    if kind == DURATION:
        return Column(kind, np.where(wrapped, 0, result), ~wrapped if valid is None else valid & ~wrapped)
    overflow.refuse(wrapped, valid, _RESULTS[sign])
    return Column(kind, result, valid)


@function("*", (2, 2), _times)
def _multiply(args: Arguments) -> Column:
    a, b = args[0], args[1]
    valid = both(a, b)
    if args.call.type == FLOAT:
        return finite(a.data * b.data, valid)
    return _held(args.call.type, overflow.wrapping_multiply(a.data, b.data), valid, "*")


def _divided(args: Arguments, divide: Any) -> Column:
    a, b = args[0], args[1]
    valid, zero = both(a, b), b.data == 0
    if zero.any():
        valid = ~zero if valid is None else valid & ~zero
    quotient = divide(a.data, np.where(zero, 1, b.data) if zero.any() else b.data)
    return finite(quotient, valid) if args.call.type == FLOAT else Column(args.call.type, quotient, valid)


def _by_zero(call: Call, nullable: Sequence[bool]) -> bool:
    divisor = call.args[1]
    return any(nullable) or not (isinstance(divisor, Constant) and divisor.value)


@function("/", (2, 2), _over, _by_zero)
def _divide(args: Arguments) -> Column:
    return _divided(args, np.divide)


@function("%", (2, 2), _modulo, _by_zero)
def _remainder(args: Arguments) -> Column:
    """The sign is the dividend's, as in SQL. fmod is exact, so it is portable."""
    return _divided(args, np.fmod)


def _signed(what: str) -> Any:
    rule = numeric(what)

    def signed(args: tuple[Node, ...]) -> Typed:
        return (args, DURATION) if args[0].type == DURATION else rule(args)

    return signed


@function("NEGATE", (1, 1), _signed("'-'"), public=False)
def _negate(args: Arguments) -> Column:
    a = args[0]
    if args.call.type == FLOAT:
        return Column(FLOAT, -a.data, a.valid)
    return Column(args.call.type, overflow.subtract(np.zeros(1, np.int64), a.data, a.valid), a.valid)


@function("ABS", (1, 1), _signed("ABS"))
def _absolute(args: Arguments) -> Column:
    a = args[0]
    if args.call.type != FLOAT and overflow.span(a.data)[0] == overflow.LOW:
        overflow.subtract(np.zeros(1, np.int64), a.data, a.valid)
    return Column(args.call.type, np.abs(a.data), a.valid)


@function("SIGN", (1, 1), numeric("SIGN", INT))
def _sign(args: Arguments) -> Column:
    a = args[0]
    return Column(INT, (a.data > 0).astype(np.int64) - (a.data < 0), a.valid)


@function("MOD", (2, 2), _modulo, _by_zero)
def _mod(args: Arguments) -> Column:
    return _remainder(args)
