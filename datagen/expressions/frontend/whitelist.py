"""The nodes of sqlglot that are allowed; all others are refused with a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from datagen.errors import ExpressionError
from datagen.expressions.functions.registry import FUNCTIONS, public_names
from datagen.expressions.synonyms import function_hint, rows_hint
from datagen.expressions.tree import Syntax
from datagen.registry import did_you_mean

PLAIN: dict[str, tuple[str, tuple[str, ...]]] = {
    "Mul": ("*", ("this", "expression")),
    "Div": ("/", ("this", "expression")),
    "Mod": ("%", ("this", "expression")),
    "EQ": ("=", ("this", "expression")),
    "NEQ": ("<>", ("this", "expression")),
    "LT": ("<", ("this", "expression")),
    "LTE": ("<=", ("this", "expression")),
    "GT": (">", ("this", "expression")),
    "GTE": (">=", ("this", "expression")),
    "Not": ("NOT", ("this",)),
    "Between": ("BETWEEN", ("this", "low", "high")),
    "Neg": ("NEGATE", ("this",)),
    "Nullif": ("NULLIF", ("this", "expression")),
    "Abs": ("ABS", ("this",)),
    "Round": ("ROUND", ("this", "decimals")),
    "Floor": ("FLOOR", ("this",)),
    "Ceil": ("CEIL", ("this",)),
    "Sign": ("SIGN", ("this",)),
    "Sqrt": ("SQRT", ("this",)),
    "Exp": ("EXP", ("this",)),
    "Ln": ("LN", ("this",)),
    "Pow": ("POWER", ("this", "expression")),
    "Sin": ("SIN", ("this",)),
    "Cos": ("COS", ("this",)),
    "Tan": ("TAN", ("this",)),
    "Upper": ("UPPER", ("this",)),
    "Lower": ("LOWER", ("this",)),
    "Length": ("LENGTH", ("this",)),
    "Substring": ("SUBSTRING", ("this", "start", "length")),
    "Left": ("LEFT", ("this", "expression")),
    "Right": ("RIGHT", ("this", "expression")),
    "Replace": ("REPLACE", ("this", "expression", "replacement")),
    "StartsWith": ("STARTS_WITH", ("this", "expression")),
    "SplitPart": ("SPLIT_PART", ("this", "delimiter", "part_index")),
    "StrPosition": ("POSITION", ("this", "substr")),
    "RegexpLike": ("REGEXP_MATCHES", ("this", "expression")),
    "MD5": ("MD5", ("this",)),
    "TimeToStr": ("STRFTIME", ("this", "format")),
    "Year": ("YEAR", ("this",)),
    "Quarter": ("QUARTER", ("this",)),
    "Month": ("MONTH", ("this",)),
    "Day": ("DAY", ("this",)),
    "DayOfMonth": ("DAY", ("this",)),
    "DayOfYear": ("DAYOFYEAR", ("this",)),
    "DayOfWeek": ("DAYOFWEEK", ("this",)),
    "Hour": ("HOUR", ("this",)),
    "Minute": ("MINUTE", ("this",)),
    "Second": ("SECOND", ("this",)),
}
"""Nodes with arguments in the order of our functions."""


SEQUENCES: dict[str, str] = {
    "Lag": "LAG",
    "Lead": "LEAD",
    "RowNumber": "ROW_NUMBER",
    "First": "FIRST",
    "FirstValue": "FIRST",
    "Last": "LAST",
    "LastValue": "LAST",
    "Sum": "SUM",
    "Count": "COUNT",
    "Min": "MIN",
    "Max": "MAX",
    "Avg": "AVG",
}
"""Functions that support OVER, and their names here."""


class Reads(Protocol):
    """The methods of the reader that a shape uses."""

    def read(self, node: Any) -> Syntax: ...

    def several(self, nodes: list[Any]) -> tuple[Syntax, ...]: ...

    def expect(self, node: Any, *known: str) -> None: ...

    def drawn(self) -> int: ...


Shape = Callable[[Reads, Any], Syntax]
SHAPES: dict[str, Shape] = {}
"""Nodes that need a conversion of their own."""


def shape(*kinds: str) -> Callable[[Shape], Shape]:
    def register(read: Shape) -> Shape:
        SHAPES.update(dict.fromkeys(kinds, read))
        return read

    return register


def refusal(node: Any, more: str = "") -> ExpressionError:
    """The reason why a node is not allowed."""
    kind, bases = type(node).__name__, {base.__name__ for base in type(node).__mro__}
    if kind in SEQUENCES:
        name = SEQUENCES[kind]
        hint = (
            f"{name}(...) OVER () and OVER (ORDER BY column) use the rows of a parent; sum_of and count_of "
            f"aggregate child rows"
        )
        return ExpressionError(
            f"{name} without OVER is not allowed: an expression is about one row", hint, "not-allowed"
        )
    if "SubqueryPredicate" in bases:
        return ExpressionError("a query is not allowed", "an expression sees the columns of one row", "not-allowed")
    if kind == "Anonymous" or ("Func" in bases and "AggFunc" not in bases):
        name = str(node.this if kind == "Anonymous" else node.sql_name()).upper()[:40]
        if name in FUNCTIONS or more:
            return ExpressionError(f"{name} cannot be used in this way{more}", "", "not-allowed")
        return ExpressionError(
            f"there is no function {name}",
            function_hint(name) or did_you_mean(name, public_names(), 0.75),
            "unknown-function",
        )
    for base, words in _REFUSED.items():
        if base in bases:
            hint = rows_hint((kind, str(getattr(node.this, "sql_name", str)())))
            return ExpressionError(f"{words} is not allowed", hint, "not-allowed")
    hint = "operators: + - * / % || = <> < <= > >= AND OR NOT IN BETWEEN LIKE IS NULL CASE"
    return ExpressionError(f"{kind.upper()[:40]}{more} is not allowed", hint, "not-allowed")


_REFUSED = {
    "Window": "a window function",
    "AggFunc": "an aggregate",
    "Star": "a star",
    "Placeholder": "a parameter",
    "Parameter": "a parameter",
    "Query": "a query",
    "Subquery": "a query",
    "Block": "more than one expression",
    "Lambda": "a lambda",
}
