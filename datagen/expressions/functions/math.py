"""Rounding, roots, powers, logarithms and trigonometry from portable operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from datagen.columnar.block import FLOAT, INT, Column, Floats, Ints, decimal
from datagen.expressions.functions.arithmetic import both
from datagen.expressions.functions.registry import Arguments, Evaluate, Typed, always, function, never
from datagen.expressions.ranges import finite
from datagen.expressions.runtime import overflow
from datagen.expressions.tree import Constant, Node
from datagen.expressions.typing import SCALES, numeric, signature, type_error, whole
from datagen.random.math import elementary

PLACES = 9
"""The most decimals of ROUND, and the most digits before the point that it rounds away."""


def _round_rule(args: tuple[Node, ...]) -> Typed:
    places = whole("the number of decimals in ROUND", args[1], -PLACES, PLACES) if len(args) > 1 else 0
    (cells, *rest), kind = numeric("ROUND")(args)
    if kind.scale - places > SCALES:
        raise type_error(f"ROUND to {places} decimals is not supported for {kind}", "CAST it to DOUBLE first")
    kept = decimal(places) if places > 0 and kind != INT else INT
    return (cells, *rest), kept


@function("ROUND", (1, 2), _round_rule)
def _round(args: Arguments) -> Column:
    """Half away from zero. float and decimal give decimal(n), int stays int."""
    cells = args[0]
    places = int(args[1].data[0]) if len(args) > 1 else 0
    if cells.type == FLOAT:
        return Column(args.call.type, _rounded_floats(cells, places), cells.valid)
    kept = min(places, cells.type.scale) if cells.type == INT else places
    rounded = overflow.power_of_ten(cells.data, kept - cells.type.scale, cells.valid)
    return Column(args.call.type, overflow.power_of_ten(rounded, max(-kept, 0), cells.valid), cells.valid)


def _rounded_floats(cells: Column, places: int) -> Ints:
    unit = float(10 ** abs(places))
    scaled = cells.data * unit if places > 0 else cells.data / unit
    rounded = overflow.from_floats(overflow.away(scaled), cells.valid, "a rounded number")
    return overflow.power_of_ten(rounded, max(-places, 0), cells.valid)


@function("FLOOR", (1, 1), numeric("FLOOR", INT))
def _floor(args: Arguments) -> Column:
    cells = args[0]
    if cells.type == FLOAT:
        return Column(INT, overflow.from_floats(np.floor(cells.data), cells.valid, "FLOOR"), cells.valid)
    return Column(INT, cells.data // 10**cells.type.scale, cells.valid)


@function("CEIL", (1, 1), numeric("CEIL", INT))
def _ceil(args: Arguments) -> Column:
    cells = args[0]
    if cells.type == FLOAT:
        return Column(INT, overflow.from_floats(np.ceil(cells.data), cells.valid, "CEIL"), cells.valid)
    floor, rest = np.divmod(cells.data, np.int64(10**cells.type.scale))
    return Column(INT, floor + (rest > 0), cells.valid)


def _of_one(compute: Callable[[Floats], Any]) -> Evaluate:
    def evaluate(args: Arguments) -> Column:
        cells = args[0]
        return finite(compute(cells.data), cells.valid)

    return evaluate


_ONE: dict[str, Callable[[Floats], Any]] = {
    "SQRT": np.sqrt,
    "EXP": elementary.exp,
    "LN": elementary.log,
    "LOG10": elementary.log10,
    "SIN": elementary.sin,
    "COS": elementary.cos,
    "TAN": elementary.tan,
}
for _name, _compute in _ONE.items():
    function(_name, (1, 1), signature(_name, FLOAT, result=FLOAT), always)(_of_one(_compute))


@function("POWER", (2, 2), signature("POWER", FLOAT, result=FLOAT), always)
def _power(args: Arguments) -> Column:
    base, exponent = args[0], args[1]
    return finite(elementary.power(base.data, exponent.data), both(base, exponent))


def _random_rule(args: tuple[Node, ...]) -> Typed:
    return args, FLOAT


@function("RANDOM", (1, 1), _random_rule, nulls=never)
def _random(args: Arguments) -> Column:
    """A uniform number from 0 up to but without 1, drawn for the row and the call."""
    (call,) = args.call.args
    assert isinstance(call, Constant)
    assert isinstance(call.value, int)
    return args.drawn(call.value)
