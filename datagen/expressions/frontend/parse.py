"""Parses SQL text into `Syntax`: bounds the size, calls sqlglot, and converts allowed nodes."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from datagen.errors import ExpressionError
from datagen.expressions import windows
from datagen.expressions.frontend import nodes as shapes
from datagen.expressions.frontend import temporal_nodes
from datagen.expressions.frontend.whitelist import PLAIN, SHAPES, refusal
from datagen.expressions.tree import Apply, Syntax

SHAPE_MODULES = (temporal_nodes, shapes, windows)
"""Modules that register shapes."""

LONGEST = 4_000
DEEPEST = 64
MOST_NODES = 500
MOST_BRACKETS = 24
"""The most nested brackets, CASEs and NOTs; the parser recurses a few dozen frames for each."""

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*")
_OPENING = re.compile(r"[(\[{]|\bCASE\b", re.IGNORECASE)
_NESTING = re.compile(r"[(\[{]|[)\]}]|\bCASE\b|\bEND\b", re.IGNORECASE)
_PREFIXES = re.compile(r"(?:(?:\bNOT\b|[-+~@!])\s*){25}", re.IGNORECASE)

_HARMLESS = frozenset({"safe", "typed", "coalesce", "ignore_nulls", "quoted", "date_part_boundary"})
"""Attributes that sqlglot adds to a node by itself."""


@lru_cache(1 << 14)
def parse(text: str) -> Syntax:
    """The syntax of a SQL scalar expression, which is frozen. Raises ExpressionError. It never runs or imports anything
    that the text names.
    """
    _measure(text)
    return Reader().read(_sqlglot_tree(text))


def to_sql(text: str, dialect: str, *, quoted: bool = False) -> str:
    """A parsed expression in another dialect of SQL, without comments; `quoted` quotes its names."""
    from sqlglot import exp  # late, as below

    tree = _sqlglot_tree(text)
    # x / 0 and x % 0 are NULL here: guarded for dialects in which they fail
    for node in list(tree.find_all(exp.Div)):
        node.set("safe", True)
    for node in list(tree.find_all(exp.Mod)):
        node.set("expression", exp.Nullif(this=node.expression, expression=exp.Literal.number(0)))
    return str(tree.sql(dialect=dialect, identify=quoted, comments=False))


def _measure(text: str) -> None:
    if len(text) > LONGEST:
        message = f"the expression has {len(text):,} characters; the limit is {LONGEST:,}"
        raise ExpressionError(message, "split it over several columns", "too-large")
    if text.encode(errors="ignore").decode() != text:
        raise ExpressionError("the expression is not valid unicode", "it holds half of a surrogate pair", "syntax")
    if not text.strip():
        raise ExpressionError("the expression is empty", "write a condition or a value, such as amount > 0", "syntax")
    bare = _QUOTED.sub("''", text)
    depth = deepest = 0
    for bracket in _NESTING.findall(bare):
        depth += 1 if _OPENING.match(bracket) else -1
        deepest = max(deepest, depth)
    if deepest > MOST_BRACKETS or _PREFIXES.search(bare):
        raise _too_deep(f"more than {MOST_BRACKETS} nested brackets or signs")


def _too_deep(what: str) -> ExpressionError:
    return ExpressionError(f"the expression is nested too deeply: {what}", "split it over several columns", "too-large")


def _sqlglot_tree(text: str) -> Any:
    # sqlglot takes a fifth of a second to import
    import sqlglot
    from sqlglot.errors import ParseError, TokenError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its warnings speak of its own fallbacks
    try:
        return sqlglot.parse_one(text, read="duckdb", into=sqlglot.exp.Condition)
    except ParseError as error:
        raise _unreadable(text, error) from None
    except TokenError:
        message = "cannot read the expression: a quote or a comment is not closed"
        raise ExpressionError(message, "write text in 'single quotes', with quotes in it doubled", "syntax") from None
    except RecursionError:
        raise _too_deep("the parser failed") from None


def _unreadable(text: str, error: Any) -> ExpressionError:
    first = text.split(maxsplit=1)[0].strip("(;").upper()
    if first in _STATEMENTS or ";" in _QUOTED.sub("", text):
        hint = "write the value of one cell, without SELECT or ;"
        return ExpressionError("a statement is not allowed, only a scalar expression", hint, "not-allowed")
    details = error.errors[0] if error.errors else {}
    described = str(details.get("description") or "it is incomplete").split(" for <class")[0]
    reason = "something is missing" if "Required keyword" in described else described.split(" / ")[0].lower()
    spot = f" at column {details['col']}, near '{str(details['highlight'])[:30]}'" if details.get("col") else ""
    return ExpressionError(f"cannot read the expression{spot}: {reason}", "", "syntax")


_STATEMENTS = frozenset(
    [
        "SELECT",
        "WITH",
        "FROM",
        "VALUES",
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE",
        "CREATE",
        "ALTER",
        "DROP",
        "TRUNCATE",
        "COPY",
        "ATTACH",
        "DETACH",
        "INSTALL",
        "LOAD",
        "PRAGMA",
        "SET",
        "RESET",
        "CALL",
        "EXPLAIN",
        "DESCRIBE",
        "SHOW",
        "USE",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "EXPORT",
        "IMPORT",
        "GRANT",
        "VACUUM",
    ]
)


@dataclass(slots=True)
class Reader:
    """Reads a sqlglot tree and counts its size."""

    nodes: int = 0
    depth: int = 0
    draws: int = 0

    def read(self, node: Any) -> Syntax:
        """One node and its children. Raises ExpressionError for nodes that are not on the whitelist,
        or for too many.
        """
        self.nodes += 1
        if self.nodes > MOST_NODES:
            message = f"the expression has more than {MOST_NODES} parts"
            raise ExpressionError(message, "split it over several columns", "too-large")
        self.depth += 1
        if self.depth > DEEPEST:
            raise _too_deep(f"more than {DEEPEST} levels")
        tree = self._one(node)
        self.depth -= 1
        return tree

    def several(self, nodes: list[Any]) -> tuple[Syntax, ...]:
        return tuple(self.read(node) for node in nodes)

    def drawn(self) -> int:
        """The number of the next call of RANDOM, in the order of the text."""
        self.draws += 1
        return self.draws - 1

    def expect(self, node: Any, *known: str) -> None:
        """Refuse a node with arguments that are not supported."""
        extra = [key for key, value in node.args.items() if value and key not in known and key not in _HARMLESS]
        if extra:
            raise refusal(node, f" with {extra[0].replace('_', ' ')}")

    def _one(self, node: Any) -> Syntax:
        kind = type(node).__name__
        if kind in SHAPES:
            return SHAPES[kind](self, node)
        if kind not in PLAIN:
            raise refusal(node)
        name, keys = PLAIN[kind]
        self.expect(node, *keys)
        return Apply(name, self.several([node.args[key] for key in keys if node.args.get(key) is not None]))
