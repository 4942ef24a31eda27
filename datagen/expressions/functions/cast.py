"""CAST, TRY_CAST and implicit conversions between types."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.columnar.block import BOOL, DATE, FLOAT, INT, TEXT, TIMESTAMP, Bools, Column, Type
from datagen.expressions.frontend.literals import DAY
from datagen.expressions.functions.registry import Arguments, CellError, Typed, always, first, function
from datagen.expressions.runtime import overflow
from datagen.expressions.runtime.arrow_bridge import as_text
from datagen.expressions.runtime.format_text import show
from datagen.expressions.runtime.parse_text import read
from datagen.expressions.tree import NULL, Call, Constant, Node
from datagen.expressions.typing import advice, named, type_error


def _never_called(args: tuple[Node, ...]) -> Typed:
    return args, args[0].type


@function("convert", (1, 1), _never_called, public=False)
def _convert(args: Arguments) -> Column:
    return converted(args[0], args.call.type)


def converted(cells: Column, kind: Type) -> Column:
    """Cells converted to another type; numbers round half away from zero. Raises CellError if one does not fit."""
    if cells.type == kind or (cells.type.textual and kind.textual):
        return cells
    if kind == TEXT:
        return Column(TEXT, show(cells), cells.valid)
    return Column(kind, _data(cells, kind), cells.valid)


def _data(cells: Column, kind: Type) -> Any:
    if kind == FLOAT:
        return cells.as_floats()
    if kind == TIMESTAMP:
        return overflow.multiply(cells.data, np.array([DAY]), cells.valid)
    if kind == DATE:
        return cells.data // DAY
    if kind == BOOL:
        return cells.data != 0
    if cells.type.name == "bool":
        return cells.data.astype(np.int64) * 10**kind.scale
    if cells.type == FLOAT:
        return from_float(cells, kind)
    return overflow.power_of_ten(cells.data, kind.scale - cells.type.scale, cells.valid)


def from_float(cells: Column, kind: Type) -> Any:
    """float64 as minor units, or as whole numbers (which SQL rounds half to even, unlike decimals)."""
    if kind == INT:
        return overflow.from_floats(np.rint(cells.data), cells.valid, "a number")
    return overflow.from_floats(overflow.away(cells.data * float(10**kind.scale)), cells.valid, "a number")


_CASTS: dict[str, frozenset[str]] = {
    "int": frozenset({"int", "float", "decimal", "bool", "text"}),
    "float": frozenset({"int", "float", "decimal", "bool", "text"}),
    "decimal": frozenset({"int", "float", "decimal", "bool", "text"}),
    "bool": frozenset({"int", "bool", "text"}),
    "text": frozenset({"int", "float", "decimal", "bool", "text", "timestamp", "date"}),
    "timestamp": frozenset({"timestamp", "date", "text"}),
    "date": frozenset({"timestamp", "date", "text"}),
}


def _cast_rule(args: tuple[Node, ...]) -> Typed:
    """The value; the number of digits of the result (0 for any); a constant of the target type."""
    cell, digits, target = args
    kind = target.type
    if cell.type == NULL:
        return (Constant(None, kind), digits, target), kind
    source = "text" if cell.type.textual else cell.type.name
    if source not in _CASTS[kind.name]:
        hint = "EXTRACT(EPOCH FROM ...) gives seconds" if kind.numeric else advice(cell, kind)
        raise type_error(f"cannot cast {named(cell)} to {kind}", hint)
    return (cell, digits, target), cell.type if cell.type.textual and kind.textual else kind


@function("CAST", (3, 3), _cast_rule, first)
def _cast(args: Arguments) -> Column:
    cells, limit = args[0], _limit(args.call)
    kind = args.call.args[2].type
    if cells.type.textual and not kind.textual:
        result, wrong = _from_text(cells, kind)
        if wrong.any():
            example = as_text(cells)[int(np.argmax(wrong))].as_py()
            raise CellError(f"'{example[:40]}' cannot be read as {kind}; TRY_CAST gives NULL instead")
    else:
        result = converted(cells, kind)
    if limit and not _within(result, limit):
        raise CellError(f"a number has too many digits for {kind}; write a larger precision")
    return result


@function("TRY_CAST", (3, 3), _cast_rule, always)
def _try_cast(args: Arguments) -> Column:
    cells, limit = args[0], _limit(args.call)
    kind = args.call.args[2].type
    if cells.type.textual and not kind.textual:
        result, _ = _from_text(cells, kind)
    elif cells.type.numeric and kind.numeric:
        result = converted(_holdable(cells, kind), kind)
    else:
        result = converted(cells, kind)
    return result.where(np.abs(result.data) < limit) if limit else result


def _limit(call: Call) -> int:
    digits = call.args[1]
    return 10**digits.value if isinstance(digits, Constant) and isinstance(digits.value, int) and digits.value else 0


def _within(cells: Column, limit: int) -> bool:
    low, high = overflow.span(cells.data)
    if -limit < low and high < limit:
        return True
    inside = (cells.data > -limit) & (cells.data < limit)
    return bool(np.all(inside if cells.valid is None else inside | ~cells.valid))


def _holdable(cells: Column, kind: Type) -> Column:
    """The numbers that fit `kind`; others are missing."""
    most = overflow.HIGH // 10 ** max(kind.scale - cells.type.scale, 0)
    bound = float(most) * 0.999 if cells.type == FLOAT else most
    fits = (cells.data >= -bound) & (cells.data <= bound)
    valid = fits if cells.valid is None else cells.valid & fits
    return Column(cells.type, np.where(fits, cells.data, 0), valid)


def _from_text(cells: Column, kind: Type) -> tuple[Column, Bools]:
    """The cells parsed as `type`, and where text could not be parsed."""
    data, readable = read(as_text(cells), kind)
    if cells.valid is None:
        return Column(kind, data, None if readable.all() else readable), ~readable
    return Column(kind, data, cells.valid & readable), cells.valid & ~readable
