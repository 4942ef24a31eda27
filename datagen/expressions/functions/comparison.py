"""= <> < <= > >=, BETWEEN, IN and IS NULL: exact across int and decimal, bytewise for text; AND, OR and NOT in
three-valued logic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import BOOL, INT, Bools, Column
from datagen.expressions.functions.arithmetic import both
from datagen.expressions.functions.registry import Arguments, Evaluate, Typed, function, never
from datagen.expressions.runtime.arrow_bridge import as_bools, as_numbers, as_text, joined, look_up, mask
from datagen.expressions.tree import NULL, Constant, Node
from datagen.expressions.typing import coerce, signature, unify

_NUMPY: dict[str, Callable[[Any, Any], Bools]] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_ARROW: dict[str, Callable[[Any, Any], pa.Array]] = {
    "=": pc.equal,
    "<>": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}


def same_kind(what: str) -> Callable[[tuple[Node, ...]], Typed]:
    """A rule for arguments of one type, whatever it is, with a boolean result."""

    def rule(args: tuple[Node, ...]) -> Typed:
        typed, common = unify(what, args)
        return tuple(coerce(arg, INT, what) for arg in typed) if common == NULL else typed, BOOL

    return rule


def compare(sign: str, a: Column, b: Column) -> Column:
    """Cell by cell; missing if either side is."""
    valid = both(a, b)
    if a.type.name == b.type.name == "category":
        return Column(BOOL, _by_rank(sign, a, b), valid)
    if a.type.textual:
        return Column(BOOL, _by_bytes(sign, as_text(a), as_text(b)), valid)
    return Column(BOOL, _NUMPY[sign](a.data, b.data), valid)


def _by_rank(sign: str, a: Column, b: Column) -> Bools:
    union, (codes_a, codes_b) = joined([a, b])
    rank = np.empty(len(union), np.int64)
    rank[as_numbers(pc.sort_indices(union), np.uint64).astype(np.int64)] = np.arange(len(union))
    return _NUMPY[sign](look_up(rank[codes_a], a.data), look_up(rank[codes_b], b.data))


def _by_bytes(sign: str, a: pa.Array, b: pa.Array) -> Bools:
    if len(a) == len(b):
        return as_bools(_ARROW[sign](a, b))
    return as_bools(_ARROW[sign](a[0] if len(a) == 1 else a, b[0] if len(b) == 1 else b))


def _comparison(sign: str) -> Evaluate:
    def evaluate(args: Arguments) -> Column:
        return compare(sign, args[0], args[1])

    return evaluate


for _sign in _NUMPY:
    function(_sign, (2, 2), same_kind(f"'{_sign}'"))(_comparison(_sign))


@function("BETWEEN", (3, 3), same_kind("BETWEEN"), public=False)
def _between(args: Arguments) -> Column:
    cells = args[0]
    return conjunction(compare(">=", cells, args[1]), compare("<=", cells, args[2]))


def conjunction(a: Column, b: Column) -> Column:
    """a AND b: false if either is false, else missing if either is."""
    if a.valid is None and b.valid is None:
        return Column(BOOL, a.data & b.data)
    true_a, true_b = truths(a), truths(b)
    maybe = _maybe(a) & _maybe(b)
    true = true_a & true_b
    return Column(BOOL, true, true | ~maybe)


def disjunction(a: Column, b: Column) -> Column:
    """a OR b: true if either is true, else missing if either is."""
    if a.valid is None and b.valid is None:
        return Column(BOOL, a.data | b.data)
    true = truths(a) | truths(b)
    return Column(BOOL, true, true | ~(_maybe(a) | _maybe(b)))


def truths(a: Column) -> Bools:
    """Where a condition is true: neither false nor missing."""
    true: Bools = a.data if a.valid is None else a.data & a.valid
    return true


def _maybe(a: Column) -> Bools:
    maybe: Bools = a.data if a.valid is None else a.data | ~a.valid
    return maybe


def _in_rule(args: tuple[Node, ...]) -> Typed:
    """Constants become one list; with columns among the items, the list stays as it is."""
    typed, common = unify("IN", args)
    if common == NULL:
        typed = tuple(coerce(arg, INT, "IN") for arg in typed)
    cell, *items = typed
    values: list[Any] = [item.value for item in items if isinstance(item, Constant)]
    if len(values) < len(items):
        return typed, BOOL
    return (cell, Constant(tuple(values), cell.type)), BOOL


@function("IN", (2, None), _in_rule, public=False)
def _is_in(args: Arguments) -> Column:
    listed = args.call.args[1]
    cells = args[0]
    if not (isinstance(listed, Constant) and isinstance(listed.value, tuple)):
        found = compare("=", cells, args[1])
        for index in range(2, len(args)):
            found = disjunction(found, compare("=", cells, args[index]))
        return found
    items = args[1]
    hit = _members(cells, items)
    valid = cells.valid
    if items.valid is not None:  # x IN (1, NULL) is true or unknown, never false
        valid = hit if valid is None else hit & valid
    return Column(BOOL, hit, valid)


def _members(cells: Column, items: Column) -> Bools:
    if cells.type.textual:
        words = items.data if items.valid is None else items.data.filter(mask(items.valid))
        return as_bools(pc.is_in(as_text(cells), value_set=words))
    ordered = np.sort(items.data if items.valid is None else items.data[items.valid])
    if not len(ordered):
        return np.zeros(len(cells), bool)
    near = look_up(ordered, np.searchsorted(ordered, cells.data))
    hit: Bools = near == cells.data
    return hit


def _anything(args: tuple[Node, ...]) -> Typed:
    return tuple(Constant(None, INT) if arg.type == NULL else arg for arg in args), BOOL


@function("IS NULL", (1, 1), _anything, never, public=False)
def _is_null(args: Arguments) -> Column:
    cells = args[0]
    return Column(BOOL, np.zeros(1, bool) if cells.valid is None else ~cells.valid)


@function("AND", (2, None), signature("AND", BOOL, result=BOOL), public=False)
def _and(args: Arguments) -> Column:
    result = args[0]
    for index in range(1, len(args)):
        result = conjunction(result, args[index])
    return result


@function("OR", (2, None), signature("OR", BOOL, result=BOOL), public=False)
def _or(args: Arguments) -> Column:
    result = args[0]
    for index in range(1, len(args)):
        result = disjunction(result, args[index])
    return result


@function("NOT", (1, 1), signature("NOT", BOOL, result=BOOL), public=False)
def _not(args: Arguments) -> Column:
    return Column(BOOL, ~args[0].data, args[0].valid)
