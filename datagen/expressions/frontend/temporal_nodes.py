"""Converts nodes of sqlglot for dates, intervals and casts into `Syntax`."""

from __future__ import annotations

from typing import Any

from datagen.columnar.block import BOOL, DATE, FLOAT, INT, TEXT, TIMESTAMP, Type, decimal
from datagen.errors import ExpressionError
from datagen.expressions.frontend import literals
from datagen.expressions.frontend.whitelist import Reads, shape
from datagen.expressions.tree import Apply, Constant, Syntax
from datagen.registry import did_you_mean

_TYPES: dict[str, Type] = {
    "INT": INT,
    "BIGINT": INT,
    "DOUBLE": FLOAT,
    "TEXT": TEXT,
    "VARCHAR": TEXT,
    "BOOLEAN": BOOL,
    "DATE": DATE,
    "TIMESTAMP": TIMESTAMP,
    "TIMESTAMPNTZ": TIMESTAMP,
}
_PARTS = ("YEAR", "QUARTER", "MONTH", "DAY", "DAYOFYEAR", "DAYOFWEEK", "HOUR", "MINUTE", "SECOND", "EPOCH")
_ALIASES = {"DOW": "DAYOFWEEK", "DOY": "DAYOFYEAR"}


@shape("Extract")
def _extract(reads: Reads, node: Any) -> Syntax:
    written = str(node.this.name).upper()
    part = _ALIASES.get(written, written)
    if part not in _PARTS:
        raise ExpressionError(
            f"EXTRACT does not support {written[:40]}", did_you_mean(part, list(_PARTS)), "unknown-function"
        )
    return Apply(part, (reads.read(node.expression),))


@shape("DateTrunc", "TimestampTrunc")
def _trunc(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "this", "unit")
    return Apply("DATE_TRUNC", (_unit(node), reads.read(node.this)))


@shape("DateDiff")
def _diff(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "this", "expression", "unit")
    return Apply("DATE_DIFF", (_unit(node), *reads.several([node.expression, node.this])))


def _unit(node: Any) -> Constant:
    return Constant(str(node.args["unit"].name if node.args.get("unit") else "day"), TEXT)


@shape("Interval")
def _interval(reads: Reads, node: Any) -> Syntax:
    amount, months = _measured(reads, node)
    if months:
        message = "a month has no fixed length, so this interval can only be added to a time"
        raise ExpressionError(message, "write time + INTERVAL '1' MONTH, or count days", "type")
    return amount


def _measured(reads: Reads, node: Any) -> tuple[Syntax, bool]:
    unit = literals.unit_name(str(node.unit.name) if node.unit is not None else "")
    if node.this is not None and type(node.this).__name__ == "Literal":
        amount, months = literals.interval(str(node.this.this), unit)
        return Constant(amount, INT) if months else literals.duration(amount), months
    one, months = literals.interval("1", unit)
    if months or node.this is None:
        raise ExpressionError("an interval of months must be a literal", "such as INTERVAL '3' MONTH", "type")
    return Apply("*", (reads.read(node.this), literals.duration(one))), False


@shape("Add", "Sub")
def _moved(reads: Reads, node: Any) -> Syntax:
    """Plus and minus. An interval of months added to a time uses the calendar."""
    reads.expect(node, "this", "expression")
    sign = "+" if type(node).__name__ == "Add" else "-"
    sides = [node.this, node.expression]
    if sign == "+" and type(sides[0]).__name__ == "Interval":
        sides.reverse()
    if type(sides[1]).__name__ != "Interval":
        return Apply(sign, reads.several([node.this, node.expression]))
    amount, months = _measured(reads, sides[1])
    if not months or not isinstance(amount, Constant) or not isinstance(amount.value, int):
        return Apply(sign, (reads.read(sides[0]), amount))
    count = amount.value if sign == "+" else -amount.value
    return Apply("ADD MONTHS", (reads.read(sides[0]), Constant(count, INT)))


@shape("AtTimeZone")
def _at_zone(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "this", "zone")
    return Apply("AT TIME ZONE", reads.several([node.this, node.args["zone"]]))


@shape("Cast", "TryCast")
def _cast(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "this", "to")
    type_, digits = _target(node.args["to"])
    if type_ in (DATE, TIMESTAMP) and type(node.this).__name__ == "Literal" and node.this.is_string:
        return literals.of_type(str(node.this.this), type_)
    name = "TRY_CAST" if type(node).__name__ == "TryCast" else "CAST"
    return Apply(name, (reads.read(node.this), Constant(digits, INT), Constant(None, type_)))


def _target(to: Any) -> tuple[Type, int]:
    """The type of a CAST, and its number of digits (0 for any)."""
    name = str(to.this.value if hasattr(to.this, "value") else to.this)
    if name == "DECIMAL":
        sizes = [int(str(size.this.this)) for size in to.expressions] or [18, 3]
        digits, scale = sizes[0], sizes[1] if len(sizes) > 1 else 0
        if not (1 <= digits <= literals.DIGITS and 0 <= scale <= digits):
            raise ExpressionError(f"DECIMAL({digits}, {scale}) is not supported", "at most 18 digits in total", "type")
        return (decimal(scale) if scale else INT), digits
    if name not in _TYPES or to.expressions:
        known = [*sorted({"INT", "BIGINT", "DOUBLE", "VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP"}), "DECIMAL(p, s)"]
        raise ExpressionError(f"CAST does not support the type {name[:40]}", did_you_mean(name, known), "type")
    return _TYPES[name], 0
