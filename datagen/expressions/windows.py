"""Converts SQL window functions into `Syntax`: `f(x) OVER ()` and `f(x) OVER (ORDER BY column)`."""

from __future__ import annotations

from typing import Any

from datagen.columnar.block import INT
from datagen.errors import ExpressionError
from datagen.expressions.frontend.whitelist import SEQUENCES, Reads, shape
from datagen.expressions.tree import NULL, SEQUENCE, Apply, Constant, Syntax


@shape("Window")
def _window(reads: Reads, node: Any) -> Syntax:
    called = node.this
    name = SEQUENCES.get(type(called).__name__)
    if node.args.get("partition_by"):
        raise _not_allowed("PARTITION BY is not allowed", "the partition is always the parent: leave it out")
    if node.args.get("spec") is not None:
        hint = (
            "SUM, COUNT, MIN, MAX and AVG are over the rows up to this one; FIRST and LAST over all rows of the parent"
        )
        raise _not_allowed("a frame (ROWS, RANGE) is not allowed", hint)
    if node.args.get("alias") is not None:
        raise _not_allowed("OVER with a name is not allowed", "write OVER () or OVER (ORDER BY column)")
    if name is None:
        known = ", ".join(dict.fromkeys(SEQUENCES.values()))
        what = type(called).__name__.upper()[:40]
        raise _not_allowed(f"{what} does not support OVER", f"these can: {known}")
    reads.expect(node, "this", "order", "over")
    reads.expect(called, "this", "offset", "default", "big_int")
    return Apply(f"{name}{SEQUENCE}", (*_arguments(reads, name, called), *_order(reads, node.args.get("order"))))


def _not_allowed(message: str, hint: str) -> ExpressionError:
    return ExpressionError(message, hint, "not-allowed")


def _arguments(reads: Reads, name: str, called: Any) -> tuple[Syntax, Syntax, Syntax]:
    """The value, the number of rows, and the value if there is no such row."""
    value = called.args.get("this")
    if value is None or type(value).__name__ == "Star":
        if name not in ("ROW_NUMBER", "COUNT"):
            raise ExpressionError(f"{name} needs a column", f"such as {name}(amount) OVER ()", "invalid-arguments")
        return Constant(1, INT), Constant(1, INT), Constant(None, NULL)
    offset, default = called.args.get("offset"), called.args.get("default")
    return (
        reads.read(value),
        Constant(1, INT) if offset is None else reads.read(offset),
        Constant(None, NULL) if default is None else reads.read(default),
    )


def _order(reads: Reads, order: Any) -> list[Syntax]:
    """A column and whether it descends, for each column of ORDER BY."""
    if order is None:
        return []
    found: list[Syntax] = []
    for ordered in order.expressions:
        if ordered.args.get("nulls_first"):
            raise _not_allowed("NULLS FIRST is not allowed", "rows without a value come last")
        reads.expect(ordered, "this", "desc", "nulls_first")
        found += [reads.read(ordered.this), Constant(int(bool(ordered.args.get("desc"))), INT)]
    return found
