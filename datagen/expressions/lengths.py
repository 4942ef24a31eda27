"""The greatest length in bytes of the texts of an expression, from its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from datagen.expressions.tree import Call, ColumnNode, Constant, Node

Lengths = Callable[[str], int | None]
"""The bytes of the longest text of a column; None if unknown."""

LONGEST_CELL = 1_000_000
"""The most bytes of a text made by an expression, intermediate texts included."""

UNKNOWN = 256
"""The assumed length of a column if its generator does not know it."""

_SHOWN = {"int": 20, "decimal": 21, "float": 25, "bool": 5, "timestamp": 32, "date": 16, "duration": 20}
_CHARACTER = 4


def longest(node: Node, columns: Lengths) -> int:
    """The bytes of the longest text of the node; 0 if it is not text."""
    if not node.type.textual:
        return 0
    if isinstance(node, Constant):
        return _bytes(node)
    if isinstance(node, ColumnNode):
        found = columns(node.name)
        return UNKNOWN if found is None else found
    rule = _RULES.get(node.function)
    parts = [longest(arg, columns) for arg in node.args]
    return rule(node, parts) if rule else max(parts, default=0)


def widest(node: Node, columns: Lengths) -> int:
    """The bytes of the longest text anywhere below the node."""
    below = max((widest(arg, columns) for arg in node.args), default=0) if isinstance(node, Call) else 0
    return max(below, longest(node, columns))


def _bytes(node: Node) -> int:
    value = node.value if isinstance(node, Constant) else None
    texts = value if isinstance(value, tuple) else (value,)
    return max((len(text.encode()) for text in texts if isinstance(text, str)), default=0)


def _number(node: Node) -> int:
    return node.value if isinstance(node, Constant) and isinstance(node.value, int) else LONGEST_CELL


def _joined(_node: Call, parts: Sequence[int]) -> int:
    return sum(parts)


def _other_case(_node: Call, parts: Sequence[int]) -> int:
    return parts[0] + parts[0] // 2  # a letter of two bytes can become one of three


def _cut(node: Call, parts: Sequence[int]) -> int:
    return min(parts[0], _CHARACTER * _number(node.args[-1])) if len(node.args) > 1 else parts[0]


def _substring(node: Call, parts: Sequence[int]) -> int:
    return _cut(node, parts) if len(node.args) > 2 else parts[0]


def _replaced(node: Call, parts: Sequence[int]) -> int:
    pattern, replacement = _bytes(node.args[1]), _bytes(node.args[2])
    if not pattern or replacement <= pattern:
        return parts[0]
    return parts[0] // pattern * replacement + parts[0] % pattern


def _padded(node: Call, parts: Sequence[int]) -> int:
    return min(parts[0], _CHARACTER * _number(node.args[1])) + _number(node.args[1]) * _bytes(node.args[2])


def _shown(node: Call, parts: Sequence[int]) -> int:
    source = node.args[0].type
    return parts[0] if source.textual else _SHOWN.get(source.name, UNKNOWN)


_RULES: dict[str, Callable[[Call, Sequence[int]], int]] = {
    "||": _joined, "CONCAT": _joined, "UPPER": _other_case, "LOWER": _other_case, "LEFT": _cut, "RIGHT": _cut,
    "SUBSTRING": _substring, "TRIM": lambda _node, parts: parts[0], "LTRIM": lambda _node, parts: parts[0],
    "RTRIM": lambda _node, parts: parts[0], "SPLIT_PART": lambda _node, parts: parts[0], "MD5": lambda _node,
    _parts: 32, "STRFTIME": lambda _node, _parts: 1_000, "REPLACE": _replaced, "LPAD": _padded, "RPAD": _padded,
    "CAST": _shown, "TRY_CAST": _shown,
}  # fmt: skip
