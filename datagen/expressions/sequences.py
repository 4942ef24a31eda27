"""Window functions over the rows of one parent: LAG, LEAD, ROW_NUMBER, FIRST, LAST and running SUM, COUNT, MIN, MAX,
AVG.

The partition is always the parent, so that a block has all rows that a cell depends on. Rows are in their own order, or
in the order of columns; ties keep their own order. Sums are of whole numbers, so they depend only on the added rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import CATEGORY, DURATION, FLOAT, INT, TEXT, Column, Ints, Type
from datagen.expressions.functions.conditional import choose
from datagen.expressions.functions.registry import (
    Arguments,
    CellError,
    Evaluate,
    Nulls,
    Rule,
    Typed,
    always,
    first,
    function,
    never,
)
from datagen.expressions.runtime.arrow_bridge import as_category, as_numbers, as_text
from datagen.expressions.runtime.evaluate import broadcast
from datagen.expressions.runtime.evaluate import take as take_cells
from datagen.expressions.tree import NULL, SEQUENCE, ColumnNode, Constant, Node
from datagen.expressions.typing import advice, named, type_error, unify, whole

MOST_STEPS = 1_000_000
_FIXED = 3
"""Arguments before those of ORDER BY: the value, the number of steps, and the value if there is no such row."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """The rows of each parent in order.

    `start` is the first place of the parent of each place, and `stop` its end. `rows` are the rows at each place, and
    `places` the place of each row; None if rows are already in order. Shape (n,) each.
    """

    start: Ints
    stop: Ints
    rows: Ints | None
    places: Ints | None

    def along(self, values: Column) -> Column:
        """Cells in order of places."""
        return values if self.rows is None else take_cells(values, self.rows)

    def back(self, values: Column) -> Column:
        """Cells in order of rows."""
        return values if self.places is None else take_cells(values, self.places)


def order_of(args: Arguments) -> Order:
    """The order of the call."""
    counts = args.counts
    owner = np.repeat(np.arange(len(counts)), counts)
    start = np.repeat(np.cumsum(counts) - counts, counts)
    stop = start + np.repeat(counts, counts)
    keys: list[Ints] = []
    for index in range(_FIXED, len(args), 2):
        keys += _keys(broadcast(args[index], args.n), descending=bool(_constant(args, index + 1)))
    if not keys:
        return Order(start, stop, None, None)
    rows = np.lexsort((*reversed(keys), owner))
    places = np.empty(len(rows), np.int64)
    places[rows] = np.arange(len(rows))
    return Order(start, stop, rows, places)


def _keys(values: Column, *, descending: bool) -> list[Ints]:
    """The sort keys of rows: whether the cell is missing (last), and its rank."""
    rank = _ranks(values)
    missing = np.zeros(len(rank), np.int64) if values.valid is None else (~values.valid).astype(np.int64)
    return [missing, np.where(missing == 1, 0, -rank if descending else rank)]


def _ranks(values: Column) -> Ints:
    """Increasing ranks of cells; equal cells have the same rank."""
    if not values.type.textual:
        return np.unique(values.data, return_inverse=True)[1].reshape(-1)
    coded = as_category(Column(TEXT, as_text(values), values.valid))
    assert coded.dictionary is not None
    if not len(coded.dictionary):
        return np.zeros(len(coded), np.int64)
    rank = np.empty(len(coded.dictionary), np.int64)
    rank[as_numbers(pc.sort_indices(coded.dictionary), np.uint64).astype(np.int64)] = np.arange(len(rank))
    ranks: Ints = rank.take(coded.data, mode="clip")
    return ranks


def _constant(args: Arguments, index: int) -> Any:
    arg = args.call.args[index]
    assert isinstance(arg, Constant)
    return arg.value


def _orderable(args: tuple[Node, ...]) -> None:
    for arg in args[_FIXED::2]:
        if not isinstance(arg, ColumnNode):
            raise type_error("ORDER BY takes columns", "put the expression in a column of its own")


def _checked(what: str, value: Node) -> Node:
    if value.type == NULL:
        raise type_error(f"{what} of NULL is NULL", "name a column")
    if isinstance(value, Constant):
        return value
    if _sequenced(value):
        raise type_error(
            f"{what} cannot be nested in another window function", "put the inner one in a column of its own"
        )
    return value


def _sequenced(node: Node) -> bool:
    return not isinstance(node, Constant | ColumnNode) and node.sequenced


def _same(what: str) -> Rule:
    def rule(args: tuple[Node, ...]) -> Typed:
        _orderable(args)
        value = _checked(what, args[0])
        return (value, *args[1:]), value.type

    return rule


def _counted(args: tuple[Node, ...]) -> Typed:
    _orderable(args)
    value = args[0] if args[0].type != NULL else Constant(None, INT)
    return (_checked("COUNT", value), *args[1:]), INT


def _added(what: str, result: Type | None = None) -> Rule:
    def rule(args: tuple[Node, ...]) -> Typed:
        _orderable(args)
        value = _checked(what, args[0])
        if value.type == FLOAT:
            hint = "ROUND(x, 2) and CAST(x AS DECIMAL(18, 2)) make an exact number of it"
            raise type_error(f"a running {what} of floats depends on how each sum is rounded", hint)
        if value.type.name not in ("int", "decimal") and (result is not None or value.type != DURATION):
            raise type_error(f"{what} needs numbers, not {named(value)}", advice(value, INT))
        return (value, *args[1:]), result or value.type

    return rule


def _shifted(what: str) -> Rule:
    def rule(args: tuple[Node, ...]) -> Typed:
        _orderable(args)
        whole(f"the number of rows in {what}", args[1], 0, MOST_STEPS)
        (value, other), kind = unify(what, (_checked(what, args[0]), args[2]))
        if kind == TEXT and args[0].type == CATEGORY and isinstance(other, Constant):
            kind = CATEGORY
        return (value, args[1], other, *args[_FIXED:]), kind

    return rule


def _define(name: str, rule: Rule, nulls: Nulls) -> Callable[[Evaluate], Evaluate]:
    return function(f"{name}{SEQUENCE}", (_FIXED, None), rule, nulls, public=False)


def _shift(sign: int) -> Evaluate:
    def evaluate(args: Arguments) -> Column:
        order, steps = order_of(args), int(_constant(args, 1)) * sign
        cells = order.along(broadcast(args[0], args.n))
        places = np.arange(args.n) + steps
        there = (places >= order.start) & (places < order.stop)
        moved = take_cells(cells, np.where(there, places, 0)) if args.n > 1 else cells
        found = order.back(moved.where(there))
        there = there if order.places is None else there[order.places]
        other = args[2]
        if there.all() or (isinstance(args.call.args[2], Constant) and args.call.args[2].value is None):
            return found
        return choose(args.call.type, [(there, found)], other, args.n)

    return evaluate


_define("LAG", _shifted("LAG"), always)(_shift(-1))
_define("LEAD", _shifted("LEAD"), always)(_shift(1))


@_define("ROW_NUMBER", _counted, never)
def _row_number(args: Arguments) -> Column:
    order = order_of(args)
    return order.back(Column(INT, np.arange(args.n) - order.start + 1))


@_define("FIRST", _same("FIRST"), first)
def _first(args: Arguments) -> Column:
    order = order_of(args)
    return order.back(take_cells(order.along(broadcast(args[0], args.n)), order.start))


@_define("LAST", _same("LAST"), first)
def _last(args: Arguments) -> Column:
    """Over all rows of the parent, not only those up to this one."""
    order = order_of(args)
    return order.back(take_cells(order.along(broadcast(args[0], args.n)), order.stop - 1))


def _seen(cells: Column, start: Ints) -> Ints:
    """The number of non-missing cells up to each place, within its parent."""
    if cells.valid is None:
        return np.arange(len(cells)) - start + 1
    return running(cells.valid.astype(np.int64), start)


def running(numbers: Ints, start: Ints) -> Ints:
    """The sums from the start of each place's parent, modulo 2**64."""
    sums = np.cumsum(numbers, dtype=np.int64)
    before = np.concatenate([np.zeros(1, np.int64), sums])
    since: Ints = sums - before[start]
    return since


def _running_sums(cells: Column, order: Order) -> Ints:
    """Running sums. Raises CellError if one does not fit in 64 bits."""
    numbers = cells.data if cells.valid is None else np.where(cells.valid, cells.data, 0)
    sums = running(numbers, order.start)
    most = int(np.max(order.stop - order.start, initial=0))
    largest = max(abs(int(numbers.max(initial=0))), abs(int(numbers.min(initial=0))))
    if largest * most <= 2**63 - 1:
        return sums
    # the sum in units of 2**32 detects an overflow of 64 bits
    high = running(numbers >> 32, order.start) + (running(numbers & (2**32 - 1), order.start) >> 32)
    wrong = (high >= 2**31) | (high < -(2**31))
    if wrong.any():
        place = int(np.argmax(wrong))
        raise CellError(
            "a running sum does not fit in 64 bits", place if order.rows is None else int(order.rows[place])
        )
    return sums


@_define("SUM", _added("SUM"), first)
def _sum(args: Arguments) -> Column:
    order = order_of(args)
    cells = order.along(broadcast(args[0], args.n))
    sums = Column(args.call.type, _running_sums(cells, order))
    return order.back(sums if cells.valid is None else sums.where(_seen(cells, order.start) > 0))


@_define("AVG", _added("AVG", FLOAT), first)
def _mean(args: Arguments) -> Column:
    """The running sum, which is exact, divided by the number of cells."""
    order = order_of(args)
    cells = order.along(broadcast(args[0], args.n))
    count = _seen(cells, order.start)
    unit = 10**cells.type.scale
    means = Column(FLOAT, _running_sums(cells, order) / (np.maximum(count, 1) * float(unit)))
    return order.back(means if cells.valid is None else means.where(count > 0))


@_define("COUNT", _counted, never)
def _count(args: Arguments) -> Column:
    order = order_of(args)
    return order.back(Column(INT, _seen(order.along(broadcast(args[0], args.n)), order.start)))


def _extreme(sign: int) -> Evaluate:
    """The running maximum of the ranks of the cells, mapped back to cells."""

    def evaluate(args: Arguments) -> Column:
        order = order_of(args)
        cells = order.along(broadcast(args[0], args.n))
        rank = _ranks(cells) * sign
        rank = rank - rank.min(initial=0) + 1
        if cells.valid is not None:
            rank = np.where(cells.valid, rank, 0)
        # offsets between parents keep them separate
        width = int(rank.max(initial=0)) + 1
        best = np.maximum.accumulate(order.start * width + rank) - order.start * width
        firsts = np.zeros(width, np.int64)
        firsts[rank[::-1]] = np.arange(args.n)[::-1]
        found = take_cells(cells, firsts[best])
        return order.back(found if cells.valid is None else Column(found.type, found.data, best > 0, found.dictionary))

    return evaluate


_define("MAX", _same("MAX"), first)(_extreme(1))
_define("MIN", _same("MIN"), first)(_extreme(-1))
