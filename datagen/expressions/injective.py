"""Finds the column that an expression is a one-to-one function of."""

from __future__ import annotations

from datagen.expressions.tree import Call, ColumnNode, Constant, Node

_JOINED = frozenset({"||", "CONCAT"})
_SHIFTED = frozenset({"+", "-"})


def injective_in(node: Node) -> str | None:
    """The name of the column; None if the form of the expression does not show it.

    Supported: a column itself; a whole number as text; such a text joined with constant text; a whole number plus,
    minus or times (not 0) a constant one.
    """
    if isinstance(node, ColumnNode):
        return node.name
    if isinstance(node, Constant):
        return None
    varying = [arg for arg in node.args if not isinstance(arg, Constant)]
    if len(varying) != 1:
        return None
    return injective_in(varying[0]) if _keeps_apart(node, varying[0]) else None


def _keeps_apart(call: Call, varying: Node) -> bool:
    constants = [arg for arg in call.args if isinstance(arg, Constant)]
    if call.function == "CAST":
        return varying.type.name == "int" and call.type.textual
    if call.function in _JOINED:
        return varying.type.name == "text" and call.type.textual
    whole = varying.type.name == "int" and call.type.name == "int" and all(one.type.name == "int" for one in constants)
    if call.function == "*":
        return whole and all(one.value for one in constants)
    return whole and call.function in _SHIFTED and all(one.value is not None for one in constants)
