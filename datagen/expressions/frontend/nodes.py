"""Converts nodes of sqlglot for values, columns, conditions and texts into `Syntax`."""

from __future__ import annotations

from typing import Any

from datagen.columnar.block import BOOL, INT, TEXT
from datagen.errors import ExpressionError
from datagen.expressions.frontend import literals
from datagen.expressions.frontend.whitelist import SHAPES, Reads, refusal, shape
from datagen.expressions.tree import NULL, Apply, Constant, Name, Syntax


@shape("Literal")
def _literal(_: Reads, node: Any) -> Syntax:
    return Constant(str(node.this), TEXT) if node.is_string else literals.number(str(node.this))


@shape("Boolean")
def _boolean(_: Reads, node: Any) -> Syntax:
    return Constant(bool(node.this), BOOL)


@shape("Null")
def _null(_reads: Reads, _node: Any) -> Syntax:
    return Constant(None, NULL)


@shape("Paren")
def _paren(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "this")
    return reads.read(node.this)


@shape("Column")
def _column(reads: Reads, node: Any) -> Syntax:
    if type(node.this).__name__ != "Identifier":
        raise refusal(node.this)
    reads.expect(node, "this", "table")
    table = str(node.table)  # an ancestor's column, as in customers.segment
    return Name(f"{table}.{node.name}" if table else str(node.name))


@shape("And", "Or")
def _connected(reads: Reads, node: Any) -> Syntax:
    """A chain of ANDs as one AND with many arguments, so that its depth is bounded."""
    return Apply(type(node).__name__.upper(), reads.several(_chain(reads, node)))


@shape("DPipe")
def _piped(reads: Reads, node: Any) -> Syntax:
    return Apply("||", reads.several(_chain(reads, node)))


def _chain(reads: Reads, node: Any) -> list[Any]:
    parts, kind = [], type(node)
    while type(node) is kind:
        reads.expect(node, "this", "expression")
        parts.append(node.expression)
        node = node.this
    return [node, *reversed(parts)]


@shape("In")
def _in(reads: Reads, node: Any) -> Syntax:
    if node.args.get("query") or node.args.get("unnest"):
        raise ExpressionError("a query is not allowed", "list the values: IN ('a', 'b')", "not-allowed")
    reads.expect(node, "this", "expressions")
    items = node.args.get("expressions") or []
    if not 1 <= len(items) <= 1_000:
        raise ExpressionError(f"IN lists {len(items)} values", "list from 1 to 1,000", "invalid-arguments")
    plain = [item for item in items if type(item).__name__ in ("Literal", "Null", "Boolean")]
    if len(plain) == len(items):  # a list of literals counts as one part of the expression
        return Apply("IN", (reads.read(node.this), *(SHAPES[type(i).__name__](reads, i) for i in items)))
    return Apply("IN", reads.several([node.this, *items]))


@shape("Like", "ILike")
def _like(reads: Reads, node: Any) -> Syntax:
    return _pattern(reads, node, Constant("", TEXT))


@shape("Escape")
def _escape(reads: Reads, node: Any) -> Syntax:
    inner = node.this
    if type(inner).__name__ not in ("Like", "ILike"):
        raise refusal(node)
    return _pattern(reads, inner, reads.read(node.expression))


def _pattern(reads: Reads, node: Any, escape: Syntax) -> Syntax:
    reads.expect(node, "this", "expression", "negate")
    name = type(node).__name__.upper()
    found = Apply(name, (*reads.several([node.this, node.expression]), escape))
    return Apply("NOT", (found,)) if node.args.get("negate") else found


@shape("Is")
def _is(reads: Reads, node: Any) -> Syntax:
    if type(node.expression).__name__ != "Null":
        raise ExpressionError("IS is supported with NULL only", "write IS NULL, IS NOT NULL, or = TRUE", "not-allowed")
    return Apply("IS NULL", (reads.read(node.this),))


@shape("Case")
def _case(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "this", "ifs", "default")
    args: list[Syntax] = []
    if node.args.get("this") is not None:
        args.append(reads.read(node.this))
    for branch in node.args["ifs"]:
        args += reads.several([branch.this, branch.args["true"]])
    default = node.args.get("default")
    args.append(Constant(None, NULL) if default is None else reads.read(default))
    return Apply("CASE" if node.args.get("this") is None else "CASE OF", tuple(args))


@shape("If")
def _if(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "this", "true", "false")
    other = node.args.get("false")
    rest = Constant(None, NULL) if other is None else reads.read(other)
    return Apply("IF", (*reads.several([node.this, node.args["true"]]), rest))


@shape("Coalesce", "Greatest", "Least")
def _listed(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "this", "expressions")
    return Apply(type(node).__name__.upper(), reads.several([node.this, *node.expressions]))


@shape("Concat")
def _concat(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "expressions")
    return Apply("CONCAT", reads.several(node.expressions))


@shape("Log")
def _log(reads: Reads, node: Any) -> Syntax:
    """LOG10(x) and LOG(x) are logarithms to base 10."""
    if node.args.get("expression") is None:
        return Apply("LOG10", (reads.read(node.this),))
    if str(node.this) != "10":
        raise ExpressionError("LOG takes one argument", "LN(x) / LN(2) is the logarithm to base 2", "invalid-arguments")
    return Apply("LOG10", (reads.read(node.expression),))


@shape("Anonymous")
def _unnamed(reads: Reads, node: Any) -> Syntax:
    """Functions that the parser has no node for."""
    if str(node.this).upper() != "HASH":
        raise refusal(node)
    return Apply("HASH", reads.several(node.expressions))


@shape("Rand")
def _random(reads: Reads, node: Any) -> Syntax:
    reads.expect(node)
    return Apply("RANDOM", (Constant(reads.drawn(), INT),))


@shape("Trim")
def _trim(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "this", "position", "expression")
    names = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}
    name = names.get(str(node.args.get("position") or "").upper(), "TRIM")
    characters = node.args.get("expression")
    return Apply(name, reads.several([node.this] if characters is None else [node.this, characters]))


@shape("Pad")
def _pad(reads: Reads, node: Any) -> Syntax:
    reads.expect(node, "this", "expression", "fill_pattern", "is_left")
    parts = [node.this, node.expression, node.args.get("fill_pattern")]
    name = "LPAD" if node.args.get("is_left") else "RPAD"
    return Apply(name, reads.several([part for part in parts if part is not None]))
