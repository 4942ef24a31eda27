"""Parts of dates and timestamps, DATE_TRUNC, DATE_DIFF and calendar months: integer arithmetic on UTC microseconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datagen.columnar.block import DATE, DURATION, FLOAT, INT, TEXT, TIMESTAMP, Column, Ints
from datagen.errors import ExpressionError
from datagen.expressions.frontend.literals import DAY, MICROSECONDS, MONTHS, unit_name
from datagen.expressions.functions.arithmetic import both
from datagen.expressions.functions.registry import Arguments, Evaluate, Rule, Typed, function
from datagen.expressions.ranges import within_calendar
from datagen.expressions.runtime import overflow
from datagen.expressions.tree import NULL, Call, Constant, Node
from datagen.expressions.typing import coerce, named, type_error, written
from datagen.registry import did_you_mean

UNITS = (*MICROSECONDS, *MONTHS)
_LIMIT = 20_000 * 12
"""More months than this lead out of the calendar from any time in it."""


def _days(cells: Column) -> Ints:
    days: Ints = cells.data // DAY if cells.type == TIMESTAMP else cells.data
    return days


def _microseconds(cells: Column) -> Ints:
    return overflow.multiply(cells.data, np.array([DAY]), cells.valid) if cells.type == DATE else cells.data


def months_of(days: Ints) -> Ints:
    """Calendar months since January 1970, of days since 1970."""
    return _by_table(days, "D", "M")


def first_day(months: Ints) -> Ints:
    """The first day of months since January 1970."""
    return _by_table(months, "M", "D")


def _by_table(numbers: Ints, unit: str, to_unit: str) -> Ints:
    """One calendar unit as another. If many cells share few days, each day is computed once."""
    low, high = overflow.span(numbers)
    if high - low < numbers.size:
        return _calendar(np.arange(low, high + 1), unit, to_unit)[numbers - low]
    return _calendar(numbers, unit, to_unit)


def _calendar(numbers: Ints, unit: str, to_unit: str) -> Ints:
    counted: Ints = numbers.astype(f"datetime64[{unit}]").astype(f"datetime64[{to_unit}]").astype(np.int64)
    return counted


def _day(cells: Column) -> Ints:
    days = _days(cells)
    return days - first_day(months_of(days)) + 1


def _day_of_year(cells: Column) -> Ints:
    days = _days(cells)
    return days - first_day(months_of(days) // 12 * 12) + 1


def _clock(unit: str, cycle: int) -> Callable[[Column], Ints]:
    def part(cells: Column) -> Ints:
        if cells.type == DATE:
            return np.zeros_like(cells.data)
        count: Ints = cells.data // MICROSECONDS[unit]
        return count - count // cycle * cycle  # three times as fast as %

    return part


_PARTS: dict[str, Callable[[Column], Ints]] = {
    "YEAR": lambda cells: months_of(_days(cells)) // 12 + 1970,
    "QUARTER": lambda cells: months_of(_days(cells)) % 12 // 3 + 1,
    "MONTH": lambda cells: months_of(_days(cells)) % 12 + 1,
    "DAY": _day,
    "DAYOFYEAR": _day_of_year,
    "DAYOFWEEK": lambda cells: (_days(cells) + 4) % 7,  # 1970-01-01 was a Thursday
    "HOUR": _clock("hour", 24),
    "MINUTE": _clock("minute", 60),
    "SECOND": _clock("second", 60),
}


def time_like(what: str, node: Node) -> Node:
    """An argument that is a date or a timestamp. Raises ExpressionError."""
    if node.type == NULL:
        return Constant(None, TIMESTAMP)
    if isinstance(node, Constant) and node.type == TEXT:
        return coerce(node, TIMESTAMP, what)
    if node.type not in (DATE, TIMESTAMP):
        raise type_error(f"{what} needs a date or a timestamp, not {named(node)}", "CAST(... AS TIMESTAMP) reads text")
    return node


def _part_rule(what: str) -> Rule:
    def rule(args: tuple[Node, ...]) -> Typed:
        return (time_like(what, args[0]),), INT

    return rule


def _part(compute: Callable[[Column], Ints]) -> Evaluate:
    def evaluate(args: Arguments) -> Column:
        cells = args[0]
        return Column(INT, compute(cells), cells.valid)

    return evaluate


for _name, _compute in _PARTS.items():
    function(_name, (1, 1), _part_rule(_name))(_part(_compute))


def _epoch_rule(args: tuple[Node, ...]) -> Typed:
    cell = args[0]
    return (cell if cell.type == DURATION else coerce(time_like("EPOCH", cell), TIMESTAMP, "EPOCH"),), FLOAT


@function("EPOCH", (1, 1), _epoch_rule, public=False)
def _epoch(args: Arguments) -> Column:
    """Seconds since 1970, or the seconds that a duration lasts."""
    cells = args[0]
    return Column(FLOAT, cells.data / 1e6, cells.valid)


def unit(what: str, node: Node) -> str:
    """A literal unit. Raises ExpressionError."""
    name = unit_name(str(written(f"the unit of {what}", node, TEXT).value))
    if name not in UNITS:
        raise ExpressionError(
            f"{what} does not support the unit '{name[:40]}'", did_you_mean(name, list(UNITS)), "invalid-value"
        )
    return name


def steps(name: str, cells: Column) -> Ints:
    """The number of whole units between 1970 and each time; weeks begin on Monday."""
    if name in MONTHS:
        months = months_of(_days(cells))
        return months // MONTHS[name]
    if name == "week":
        return (_days(cells) + 3) // 7
    if name == "day":
        return _days(cells)
    return _microseconds(cells) // MICROSECONDS[name]


def _trunc_rule(args: tuple[Node, ...]) -> Typed:
    name = unit("DATE_TRUNC", args[0])
    cell = time_like("DATE_TRUNC", args[1])
    if cell.type == DATE and MICROSECONDS.get(name, DAY) < DAY:
        cell = coerce(cell, TIMESTAMP, "DATE_TRUNC")
    return (Constant(name, TEXT), cell), cell.type


@function("DATE_TRUNC", (2, 2), _trunc_rule)
def _trunc(args: Arguments) -> Column:
    name, cells = _unit_of(args.call), args[1]
    count = steps(name, cells)
    if name in MONTHS:
        return _at_day(first_day(count * MONTHS[name]), cells)
    if name in ("week", "day"):
        return _at_day(count * 7 - 3 if name == "week" else count, cells)
    return Column(args.call.type, count * MICROSECONDS[name], cells.valid)


def _at_day(days: Ints, like: Column) -> Column:
    return Column(like.type, days if like.type == DATE else days * DAY, like.valid)


def _unit_of(call: Call) -> str:
    first = call.args[0]
    assert isinstance(first, Constant)
    return str(first.value)


def _diff_rule(args: tuple[Node, ...]) -> Typed:
    name = unit("DATE_DIFF", args[0])
    return (Constant(name, TEXT), *(time_like("DATE_DIFF", arg) for arg in args[1:])), INT


@function("DATE_DIFF", (3, 3), _diff_rule)
def _diff(args: Arguments) -> Column:
    """The number of unit boundaries between the two; weeks are seven days each, as in DuckDB."""
    name, a, b = _unit_of(args.call), args[1], args[2]
    valid = both(a, b)
    fine = "day" if name == "week" else name
    count = overflow.subtract(steps(fine, b), steps(fine, a), valid)
    return Column(INT, np.sign(count) * (np.abs(count) // 7) if name == "week" else count, valid)


def _months_rule(args: tuple[Node, ...]) -> Typed:
    return (coerce(time_like("a calendar interval", args[0]), TIMESTAMP, "a calendar interval"), args[1]), TIMESTAMP


@function("ADD MONTHS", (2, 2), _months_rule, public=False)
def _add_months(args: Arguments) -> Column:
    """The same day a number of months later, or the last day of a shorter month."""
    cells, count = args[0], int(args[1].data[0])
    count = max(-_LIMIT, min(count, _LIMIT))
    days = _days(cells)
    month = months_of(days)
    target = month + count
    ahead = np.minimum(days - first_day(month), first_day(target + 1) - first_day(target) - 1)
    moved = first_day(target) + ahead - days
    return within_calendar(Column(TIMESTAMP, cells.data + moved * DAY, cells.valid))
