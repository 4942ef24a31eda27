"""Interval arithmetic on a typed tree: bounds of the numbers or times of an expression.

Integers, decimals, times and durations are bounded in their storage form (whole numbers, minor units, microseconds,
days), exactly; floats by floats. An interval may be wider than what occurs, never narrower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

from datagen.columnar.block import DATE, FLOAT, TIMESTAMP, Type
from datagen.expressions.ranges import CALENDAR, LARGEST
from datagen.expressions.tree import Call, ColumnNode, Constant, Node

Number = int | float
Extent = tuple[Number, Number]
"""The smallest and the largest cell."""

Extents = Callable[[str], Extent | None]
"""The extent of a column; None if only its type is known."""

_INT64 = (-(2**63), 2**63 - 1)
_DAY = 86_400_000_000


def held(kind: Type) -> Extent:
    """The range of a type."""
    return CALENDAR.get(kind, (-LARGEST, LARGEST) if kind == FLOAT else _INT64)


def within(inner: Extent, outer: Extent) -> bool:
    """Whether `outer` contains `inner`, ends included."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def extent(node: Node, columns: Extents, rows: int | None = None) -> Extent:
    """The extent of a node's non-missing cells; `rows` are the most rows of one parent, None if unknown."""
    found = unbounded(node, columns, rows)
    low, high = held(node.type)
    return max(low, min(found[0], high)), min(high, max(found[1], low))


def unbounded(node: Node, columns: Extents, rows: int | None = None) -> Extent:
    """The extent before values beyond the type become NULL or an error."""
    if isinstance(node, Constant):
        return _of_constant(node)
    if isinstance(node, ColumnNode):
        return columns(node.name) or held(node.type)
    rule = _RULES.get(node.function)
    if node.function == "SUM OVER" and rows is not None:
        return _running(extent(node.args[0], columns, rows), rows)
    found = rule(node, [extent(arg, columns, rows) for arg in node.args]) if rule else None
    return held(node.type) if found is None else found


def _running(each: Extent, rows: int) -> Extent:
    """The sums of one to `rows` numbers."""
    return min(each[0], each[0] * rows), max(each[1], each[1] * rows)


def _of_constant(node: Constant) -> Extent:
    if isinstance(node.value, int | float):
        return (node.value, node.value)
    return (0, 0) if node.value is None else held(node.type)


def _sum(_node: Call, parts: Sequence[Extent]) -> Extent:
    (low_a, high_a), (low_b, high_b) = parts
    return _ordered(low_a + low_b, high_a + high_b)


def _difference(_node: Call, parts: Sequence[Extent]) -> Extent:
    (low_a, high_a), (low_b, high_b) = parts
    return _ordered(low_a - high_b, high_a - low_b)


def _product(_node: Call, parts: Sequence[Extent]) -> Extent:
    return _ordered(*(a * b for a in parts[0] for b in parts[1]))


def _quotient(node: Call, parts: Sequence[Extent]) -> Extent:
    size = max(map(abs, parts[0])) / _least(node.args[1], parts[1])
    return _ordered(-size, size)


def _least(divisor: Node, found: Extent) -> float:
    """The smallest magnitude of a divisor other than 0."""
    if found[0] > 0 or found[1] < 0:
        return float(min(map(abs, found)))
    if isinstance(divisor, Call) and divisor.function == "convert":
        return float(10 ** -divisor.args[0].type.scale)
    return 5e-324


def _remainder(_node: Call, parts: Sequence[Extent]) -> Extent:
    size = min(max(map(abs, parts[0])), max(map(abs, parts[1])))
    return (-size, size)


def _negated(_node: Call, parts: Sequence[Extent]) -> Extent:
    return (-parts[0][1], -parts[0][0])


def _size(_node: Call, parts: Sequence[Extent]) -> Extent:
    low, high = parts[0]
    return (0 if low <= 0 <= high else min(abs(low), abs(high)), max(abs(low), abs(high)))


def _union(node: Call, parts: Sequence[Extent]) -> Extent:
    """The union over the arguments of the result's type. Conditions and compared values have other types, or only widen
    it.
    """
    of = [part for arg, part in zip(node.args, parts, strict=True) if arg.type == node.type]
    return (min(low for low, _ in of), max(high for _, high in of)) if of else held(node.type)


def _converted(node: Call, parts: Sequence[Extent]) -> Extent | None:
    return rescaled(parts[0], node.args[0].type, node.type)


def rescaled(found: Extent, source: Type, kind: Type) -> Extent | None:
    """An extent in the storage form of another type; None if unknown."""
    if source.numeric and kind.numeric:
        if kind == FLOAT:
            return _ordered(*(end / 10**source.scale for end in found))
        if source == FLOAT:
            return _ordered(*(end * 10**kind.scale for end in found), slack=1)
        return _ordered(*(end * 10**kind.scale // 10**source.scale for end in found), slack=1)
    if source == DATE and kind == TIMESTAMP:
        return _ordered(*(end * _DAY for end in found))
    return _ordered(*(end // _DAY for end in found)) if source == TIMESTAMP and kind == DATE else None


def _rounded(node: Call, parts: Sequence[Extent]) -> Extent | None:
    places = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], Constant) else 0
    found = rescaled(parts[0], node.args[0].type, node.type)
    slack = 10 ** max(-places, 0) if isinstance(places, int) else 1
    return None if found is None else (found[0] - slack, found[1] + slack)


def _months(_node: Call, parts: Sequence[Extent]) -> Extent:
    (low, high), (count, _) = parts
    return _ordered(
        low + count * 31 * _DAY, low + count * 28 * _DAY, high + count * 31 * _DAY, high + count * 28 * _DAY
    )


def _cast(node: Call, parts: Sequence[Extent]) -> Extent | None:
    digits = node.args[1].value if isinstance(node.args[1], Constant) else 0
    found = rescaled(parts[0], node.args[0].type, node.type)
    limit = 10**digits - 1 if isinstance(digits, int) and digits else 0
    if not limit:
        return found
    return (max(found[0], -limit), min(found[1], limit)) if found else (-limit, limit)


def _fixed(low: int, high: int) -> Callable[[Call, Sequence[Extent]], Extent]:
    return lambda _node, _parts: (low, high)


def _ordered(*ends: Number, slack: int = 0) -> Extent:
    """The smallest and the largest; an infinite or undefined end means unbounded."""
    if any(isinstance(end, float) and isnan(end) for end in ends):
        return (float("-inf"), float("inf"))
    return min(ends) - slack, max(ends) + slack


_RULES: dict[str, Callable[[Call, Sequence[Extent]], Extent | None]] = {
    "+": _sum, "-": _difference, "*": _product, "/": _quotient, "%": _remainder, "MOD": _remainder, "NEGATE": _negated,
    "ABS": _size, "CASE": _union, "CASE OF": _union, "IF": _union, "COALESCE": _union, "NULLIF": lambda _node,
    parts: parts[0], "GREATEST": _union, "LEAST": _union, "convert": _converted, "ROUND": _rounded, "FLOOR": _rounded,
    "CEIL": _rounded, "CAST": _cast, "TRY_CAST": _cast, "ADD MONTHS": _months, "SIGN": _fixed(-1, 1),
    "RANDOM": _fixed(0, 1),
    "SIN": _fixed(-1, 1), "COS": _fixed(-1, 1), "LENGTH": _fixed(0, 2**31), "YEAR": _fixed(1, 9999),
    "QUARTER": _fixed(1, 4), "MONTH": _fixed(1, 12), "DAY": _fixed(1, 31), "DAYOFYEAR": _fixed(1, 366),
    "DAYOFWEEK": _fixed(0, 6), "HOUR": _fixed(0, 23), "MINUTE": _fixed(0, 59), "SECOND": _fixed(0, 59),
    "ROW_NUMBER OVER": _fixed(1, 2**31), "COUNT OVER": _fixed(0, 2**31), "LAG OVER": _union, "LEAD OVER": _union,
    **dict.fromkeys(("FIRST OVER", "LAST OVER", "MIN OVER", "MAX OVER"), lambda _node, parts: parts[0]),
    "AT TIME ZONE": lambda _node, parts: (parts[0][0] - _DAY, parts[0][1] + _DAY),
    "DATE_TRUNC": lambda node, parts: (parts[1][0] - 366 * (1 if node.type == DATE else _DAY), parts[1][1]),
}  # fmt: skip


def bounded(function: str) -> bool:
    """Whether the extent of a function is known beyond its type."""
    return function in _RULES


__all__ = ["Extent", "Extents", "bounded", "extent", "held", "rescaled", "unbounded", "within"]
