"""Shared typing rules of functions: matching types, and implicit conversions of arguments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datagen.columnar.block import BOOL, CATEGORY, DATE, FLOAT, INT, TEXT, TIMESTAMP, Column, Type, decimal
from datagen.errors import ExpressionError
from datagen.expressions.frontend import literals
from datagen.expressions.functions.registry import FUNCTIONS, CellError, Rule, Typed
from datagen.expressions.runtime.evaluate import Frame, evaluate, scalar
from datagen.expressions.tree import NULL, Call, Constant, Node, call

SCALES = 18
"""The most decimals that 64-bit minor units can have."""


def named(node: Node) -> str:
    """An argument's type, for messages."""
    if isinstance(node, Constant) and node.type == TEXT:
        return f"text '{str(node.value)[:20]}'"
    return str(node.type)


def type_error(message: str, hint: str = "") -> ExpressionError:
    """The error of an argument of the wrong type, with the problem code `type`."""
    return ExpressionError(message, hint, "type")


def apply(name: str, args: tuple[Node, ...]) -> Node:
    """A typed call of the function `name`, folded if its arguments are constants. Raises ExpressionError."""
    entry = FUNCTIONS[name]
    if len(args) < entry.least or (entry.most is not None and len(args) > entry.most):
        raise ExpressionError(
            f"{name} takes {_arity(entry.least, entry.most)}, not {len(args)}", "", "invalid-arguments"
        )
    typed, kind = entry.rule(args)
    if kind == TIMESTAMP and name != "AT TIME ZONE":
        kind = replace(kind, zone=next((arg.type.zone for arg in typed if arg.type.zone), ""))
    return _folded(call(name, typed, kind))


def _arity(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least} argument{'s' * (least != 1)}"
    if least == most:
        return f"{least} argument{'s' * (least != 1)}"
    return f"{least} to {most} arguments"


def _folded(node: Call) -> Node:
    """A call of constants is a constant: evaluated once, so that errors are found while the schema is checked."""
    if node.sequenced or node.function == "RANDOM" or not all(isinstance(arg, Constant) for arg in node.args):
        return node
    try:
        with np.errstate(all="ignore"):
            value = scalar(evaluate(node, Frame(1, _no_column)))
    except CellError as error:
        raise ExpressionError(str(error), "", "invalid-value") from None
    return Constant(value, TEXT if node.type == CATEGORY else node.type)


def _no_column(name: str) -> Column:
    raise KeyError(name)


def coerce(node: Node, kind: Type, requirement: str) -> Node:
    """`node` as `kind`: the same, a NULL, a string literal parsed as a date, or a number widened.

    Raises ExpressionError (`requirement` names the argument) if that would lose or guess information.
    """
    if node.type == kind or (node.type.textual and kind.textual):
        return node
    if node.type == NULL:
        return Constant(None, kind)
    if isinstance(node, Constant) and node.type == TEXT and kind in (DATE, TIMESTAMP):
        return literals.of_type(str(node.value), kind)
    if _widens(node.type, kind):
        return _folded(call("convert", (node,), kind))
    raise type_error(f"{requirement}, not {named(node)}", advice(node, kind))


def _widens(narrow: Type, wide: Type) -> bool:
    if narrow.numeric and wide.numeric:
        return wide == FLOAT or (narrow.name != "float" and wide.name == "decimal" and wide.scale >= narrow.scale)
    return narrow == DATE and wide == TIMESTAMP


def advice(node: Node, kind: Type) -> str:
    """What to write instead of `node` if `kind` is required."""
    if kind == BOOL:
        return "write a comparison, such as x > 0 or status = 'paid'"
    if node.type.textual and kind.numeric:
        return "CAST(... AS INT) or CAST(... AS DOUBLE) reads a number from text"
    if kind.textual:
        return "CAST(... AS VARCHAR) makes text of it"
    return f"CAST it to {sql_name(kind)} if intended" if kind != FLOAT else ""


def sql_name(kind: Type) -> str:
    """The name of a type in CAST."""
    names = {"int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN", "text": "VARCHAR", "category": "VARCHAR"}
    if kind.name == "decimal":
        return f"DECIMAL({SCALES}, {kind.scale})"
    return names.get(kind.name, kind.name.upper())


def common_type(types: list[Type]) -> Type | None:
    """The common type of `types` without NULL; None if there is none."""
    rest = {kind for kind in types if kind != NULL}
    if not rest:
        return NULL
    if len(rest) == 1:
        return rest.pop()
    if all(kind.numeric for kind in rest):
        return FLOAT if FLOAT in rest else decimal(max(kind.scale for kind in rest))
    if all(kind.textual for kind in rest):
        return TEXT
    return TIMESTAMP if rest == {DATE, TIMESTAMP} else None


def unify(what: str, nodes: tuple[Node, ...]) -> Typed:
    """Arguments converted to their common type; if all are untyped NULLs, they stay so."""
    firm = [node.type for node in nodes if not (isinstance(node, Constant) and node.type == TEXT)]
    common = common_type(firm)
    if common not in (DATE, TIMESTAMP):
        common = common_type([node.type for node in nodes])
    if common is None:
        first, second = _clash(nodes)
        raise type_error(f"{what} mixes {named(first)} and {named(second)}", advice(second, first.type))
    if common == NULL:
        return nodes, NULL
    return tuple(coerce(node, common, f"{what} needs {common}") for node in nodes), common


def _clash(nodes: tuple[Node, ...]) -> tuple[Node, Node]:
    for number, second in enumerate(nodes):
        for first in nodes[:number]:
            if common_type([first.type, second.type]) is None:
                return first, second
    return nodes[0], nodes[-1]


def signature(what: str, *expected: Type, result: Type) -> Rule:
    """A rule for fixed argument types; the last of `expected` is used for all further arguments."""

    def rule(args: tuple[Node, ...]) -> Typed:
        types = [expected[min(index, len(expected) - 1)] for index in range(len(args))]
        return tuple(coerce(a, t, f"{what} needs {t}") for a, t in zip(args, types, strict=True)), result

    return rule


def numeric(what: str, result: Type | None = None) -> Rule:
    """A rule for one number; its result has the argument's type unless `result` gives another."""

    def rule(args: tuple[Node, ...]) -> Typed:
        first = Constant(None, INT) if args[0].type == NULL else args[0]
        if not first.type.numeric:
            raise type_error(f"{what} needs a number, not {named(first)}", advice(first, INT))
        return (first, *args[1:]), result or first.type

    return rule


def written(what: str, node: Node, *types: Type) -> Constant:
    """An argument that must be a constant. Raises ExpressionError."""
    if isinstance(node, Constant) and node.type in types and node.value is not None:
        return node
    found = named(node) if isinstance(node, Constant) else "an expression"
    raise type_error(f"{what} must be a literal {types[0]}, not {found}", "")


def whole(what: str, node: Node, low: int, high: int) -> int:
    """A literal whole number from low to high. Raises ExpressionError."""
    value = written(what, node, INT).value
    if isinstance(value, int) and low <= value <= high:
        return value
    raise type_error(f"{what} must be from {low} to {high}, not {value}")
