"""Values in the notation of Python: `normal(70, 12)`, `Column(String(50))`, `dict(rows=50)`, `timedelta(days=3)`."""

from __future__ import annotations

import ast
import datetime as dt
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_LONGEST, _LARGEST, _MOST_POWER = 1_000_000, 1e18, 64
_NAMES = {"true": True, "false": False, "null": None, "none": None, "undefined": None, "nan": None}
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.BitXor: operator.pow,
}  # fmt: skip
_DATES = ("date", "datetime", "Timestamp", "to_datetime")
_UNITS = {"weeks": "w", "days": "d", "hours": "h", "minutes": "min", "seconds": "s", "milliseconds": "ms"}


class NotAValue(ValueError):
    """An expression that is more than a value."""


@dataclass(frozen=True, slots=True)
class PythonCall:
    """`name` is the last part of what is called: `normal` of `np.random.normal`."""

    name: str
    values: tuple[Any, ...]
    named: Json


def call_of(text: str) -> PythonCall | None:
    """The call that a text is, with its arguments as plain values; None for another text."""
    try:
        node = _parsed(text)
        return _call(node) if isinstance(node, ast.Call) else None
    except NotAValue:
        return None


def python_value(text: str) -> Any:
    """The plain value of a Python expression of literals, dates and arithmetic; other calls and names become text.

    Nothing is executed. Raises NotAValue.
    """
    return _value(_parsed(text))


def _parsed(text: str) -> ast.expr:
    if len(text) > _LONGEST:
        raise NotAValue
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotAValue from None


def _call(node: ast.Call) -> PythonCall:
    name = (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )
    if not name or any(one.arg is None for one in node.keywords):
        raise NotAValue
    return PythonCall(
        name, tuple(_value(one) for one in node.args), {str(one.arg): _value(one.value) for one in node.keywords}
    )


def _value(node: ast.expr) -> Any:
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return [_value(one) for one in items]
        case ast.Dict(keys=keys, values=values):
            return {_key(key): _value(value) for key, value in zip(keys, values, strict=True)}
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _computed(ast.Sub(), 0, _value(operand))
        case ast.BinOp(left=left, op=sign, right=right):
            return _computed(sign, _value(left), _value(right))
        case ast.Call():
            return _called(node)
    return _scalar(node)


def _scalar(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return value
        case ast.Name(id=name):
            return _NAMES.get(name.lower(), name)
        case ast.JoinedStr(values=parts) if all(isinstance(one, ast.Constant) for one in parts):
            return "".join(str(_value(one)) for one in parts)
        case ast.Attribute():
            return ast.unparse(node)
    raise NotAValue


def _key(node: ast.expr | None) -> str:
    if node is None:
        raise NotAValue
    value = _value(node)
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _computed(sign: ast.operator, left: Any, right: Any) -> Any:
    work = _OPERATIONS.get(type(sign))
    numbers = all(
        isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < _LARGEST for one in (left, right)
    )
    if work is None or not numbers or (work is operator.pow and abs(right) > _MOST_POWER):
        raise NotAValue
    try:
        return work(left, right)
    except (ArithmeticError, ValueError):
        raise NotAValue from None


def _called(node: ast.Call) -> Any:
    call = _call(node)
    first = call.values[0] if call.values else None
    if call.name in ("dict", "OrderedDict") and not call.values:
        return call.named
    if (
        call.name in ("list", "tuple", "set", "dict", "OrderedDict", "str", "int", "float", "Decimal")
        and len(call.values) == 1
    ):
        return first
    if call.name in _DATES and call.values and not call.named:
        return first if isinstance(first, str) else _date(call.values)
    if call.name == "timedelta" and len(call.named) == 1 and not call.values:
        ((unit, number),) = call.named.items()
        return f"{number}{_UNITS[unit]}" if unit in _UNITS else ast.unparse(node)
    return ast.unparse(node)


def _date(parts: tuple[Any, ...]) -> str:
    try:
        moment = dt.datetime(*parts)  # noqa: DTZ001 # as written
    except (TypeError, ValueError):
        raise NotAValue from None
    return moment.date().isoformat() if len(parts) <= 3 else moment.isoformat()
