"""Literals in the document, and the type of a set of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from datagen.columnar.block import BOOL, CATEGORY, DATE, DURATION, FLOAT, INT, TEXT, TIMESTAMP, Column, Type, decimal
from datagen.columnar.text import text_array
from datagen.kinds.generators.support.numeric_fields import finite
from datagen.registry import describe
from datagen.time_units import DAY, parse_duration, parse_instant

Cell = bool | int | float | str
TypeWord = Literal["category", "text", "int", "decimal", "float", "bool", "date", "timestamp", "duration"]
As = Annotated[TypeWord | None, Field(description="the type of the column; the default is derived from the values")]

_INT = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_POINT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+\Z")
_PLAIN = {
    "category": CATEGORY, "text": TEXT, "int": INT, "float": FLOAT, "bool": BOOL, "date": DATE, "timestamp": TIMESTAMP,
    "duration": DURATION,
}  # fmt: skip
_BITS = 2**63
_DECIMALS = 9


def scalar(data: Any) -> Cell:
    """A single value of the document. Raises a pydantic error for anything else."""
    if isinstance(data, str | bool) or (isinstance(data, int) and -_BITS <= data < _BITS):
        return data
    if finite(data) is not None:
        return float(data)
    hint = "use the modifier 'nulls' for missing cells" if data is None else ""
    raise PydanticCustomError(
        "invalid-value", "needs a single value, not {found}", {"found": describe(data), "hint": hint}
    )


Scalar = Annotated[Cell, PlainValidator(scalar), WithJsonSchema({"type": ["string", "number", "boolean"]})]
"""A text, a number or a boolean."""


def look(value: Cell, written: bool) -> str:
    """The type that a value looks like; if it is `written` as a key, that of its text."""
    if isinstance(value, bool) or (written and value in ("true", "false")):
        return "bool"
    if isinstance(value, int) or (written and _INT.match(str(value))):
        return "int"
    if isinstance(value, float) or (written and _POINT.match(str(value))):
        return "decimal"
    return "category"


def type_for(values: Sequence[Cell], written: bool, requested: str | None) -> Type:
    """The type of a column of these values: the requested one, else the common type of all."""
    looks = {look(value, written) for value in values}
    name = requested or (looks.pop() if len(looks) == 1 else "decimal" if looks == {"int", "decimal"} else "category")
    if name != "decimal":
        return _PLAIN[name]
    return decimal(max(map(_scale, values)))


def _scale(value: Cell) -> int:
    """The number of decimals of a value as written."""
    try:
        exponent = Decimal(str(value)).as_tuple().exponent
    except ArithmeticError:
        return 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def spelled(value: Cell) -> str:
    """A value as a key of the document."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse_cell(value: Cell, type_: Type) -> int | float | str:
    """The value as a cell of this type. Raises ValueError if it is not one."""
    text = spelled(value)
    if type_.textual:
        return _whole(text)
    try:
        return _PARSERS[type_.name](text, type_.scale)
    except (ValueError, ArithmeticError):
        raise ValueError(f"'{text[:40]}' is not of type {type_}") from None


def _whole(text: str) -> str:
    """Refuses lone surrogates, which JSON escapes can write and no file can store."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("the text holds half of a surrogate pair")
    return text


def _int(text: str, scale: int) -> int:
    if len(text) > 40:
        raise ValueError(text)
    scaled = Decimal(text).scaleb(scale)
    if scaled != scaled.to_integral_value() or not -_BITS <= scaled < _BITS or scale > _DECIMALS:
        raise ValueError(text)
    return int(scaled)


def _float(text: str, _: int) -> float:
    number = float(text)
    if not abs(number) < float("inf"):
        raise ValueError(text)
    return number


def _bool(text: str, _: int) -> int:
    return ("false", "true").index(text)


def _time(text: str, _: int) -> int:
    return _int(str(parse_instant(text)), 0)


def _date(text: str, _: int) -> int:
    days, rest = divmod(parse_instant(text), DAY)
    if rest:
        raise ValueError(text)
    return days


def _duration(text: str, _: int) -> int:
    return _int(str(parse_duration(text)), 0)


_PARSERS = {
    "int": _int, "decimal": _int, "float": _float, "bool": _bool, "timestamp": _time, "date": _date,
    "duration": _duration,
}  # fmt: skip


def column_of(values: Sequence[Cell], type_: Type) -> Column:
    """A small column of these values, for `take`. Raises ValueError."""
    cells = [parse_cell(value, type_) for value in values]
    if type_.name == "text":
        return Column(type_, text_array([str(cell) for cell in cells]))
    if type_.name == "category":
        return Column(
            type_, np.arange(len(cells), dtype=np.int32), dictionary=text_array([str(cell) for cell in cells])
        )
    dtype = {"float": np.float64, "bool": np.bool_}.get(type_.name, np.int64)
    return Column(type_, np.array(cells, dtype))
