"""Compiles the text of an expression, and reports every problem before evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from datagen.columnar.block import CATEGORY, DURATION, FLOAT, TEXT, Column, Ints, Rows, Type
from datagen.errors import ExpressionError, PlanError, ValueFault
from datagen.expressions import sequences
from datagen.expressions.extents import Extent, Extents, extent, held, unbounded, within
from datagen.expressions.frontend.parse import parse, to_sql
from datagen.expressions.functions import (
    arithmetic,
    cast,
    comparison,
    conditional,
    like,
    math,
    search,
    temporal,
    text,
    zones,
)
from datagen.expressions.functions.registry import FUNCTIONS, CellError
from datagen.expressions.lengths import Lengths, longest, widest
from datagen.expressions.ranges import CALENDAR
from datagen.expressions.runtime.arrow_bridge import as_category, as_text
from datagen.expressions.runtime.evaluate import DRAWN, Frame, broadcast, evaluate
from datagen.expressions.static_errors import Domains, foreseen, may_fail
from datagen.expressions.tree import NULL, SEQUENCE, Apply, Call, ColumnNode, Constant, Name, Node, Syntax, names_in
from datagen.expressions.typing import apply
from datagen.random.streams import Stream
from datagen.registry import did_you_mean

FUNCTION_MODULES = (
    arithmetic,
    comparison,
    conditional,
    cast,
    math,
    like,
    search,
    sequences,
    temporal,
    text,
    zones,
)
"""Modules that register functions."""
Types = Callable[[str], Type | None]
_JOINED = frozenset({"||", "CONCAT"})
_SHIFTED = frozenset({"+", "-"})


def unknown(_column: str) -> None:
    """The extent of an unknown column."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression: its columns, its type, and its evaluation."""

    text: str
    type: Type
    columns: frozenset[str]
    root: Node = field(repr=False)
    random: int = 0
    """The calls of RANDOM in it."""
    streams: tuple[Stream, ...] = field(default=(), repr=False)

    def drawing(self, streams: Sequence[Stream]) -> Expression:
        """The same, with a random stream for each call of RANDOM."""
        return replace(self, streams=tuple(streams))

    def _source(self, rows: Rows) -> Callable[[str], Column]:
        """The columns of the rows, and the numbers of each call of RANDOM. Raises PlanError without streams."""
        if not self.random:
            return rows.column
        if not self.streams:
            raise PlanError(ONLY_IN_COLUMNS)

        def column(name: str) -> Column:
            if not name.startswith(DRAWN):
                return rows.column(name)
            return Column(FLOAT, self.streams[int(name.removeprefix(DRAWN))].uniforms(rows.ids))

        return column

    def nullable(self, column_nullable: Callable[[str], bool], extents: Extents = unknown) -> bool:
        """Whether a cell can be missing, from the nullability and extents of the columns; True if uncertain."""
        return _nullable(self.root, column_nullable, extents)

    def extent(self, columns: Extents = unknown, rows: int | None = None) -> Extent | None:
        """The smallest and the largest cell in storage form, from those of the columns and the most rows of one parent;
        None if only the type is known.
        """
        if not (self.type.numeric or self.type.name in ("timestamp", "date", "duration")):
            return None
        found, most = extent(self.root, columns, rows), held(self.type)
        return found if most[0] < found[0] and found[1] < most[1] else None

    @property
    def injective_in(self) -> str | None:
        """The column that it is a one-to-one function of; None if its form does not show one."""
        return injective_in(self.root)

    def may_fail(self, extents: Extents) -> bool:
        """Whether some row may fail where nothing is known about the cells that it reads."""
        return may_fail(self.root, extents)

    def foreseen(self, domains: Domains, extents: Extents) -> Iterator[tuple[str, str]]:
        """A predictable failure in some row, from the values and bounds of the columns, with what to write instead."""
        return foreseen(self.root, domains, extents)

    def longest(self, columns: Lengths) -> int:
        """The bytes of the longest cell of a text expression; 0 for others."""
        return longest(self.root, columns)

    def widest(self, columns: Lengths) -> int:
        """The bytes of the longest intermediate text."""
        return widest(self.root, columns)

    @property
    def sequenced(self) -> bool:
        """Whether a cell depends on other rows of the same parent."""
        return isinstance(self.root, Call) and self.root.sequenced

    def evaluate(self, n: int, column: Callable[[str], Column], counts: Ints | None = None) -> Column:
        """The value of each of n rows, from the columns' values of those rows.

        SQL null semantics; x / 0 and what is mathematically undefined (LN(0), SQRT(-1)) are NULL. Raises RunError for
        cells that cannot be represented: a sum beyond 64 bits, a CAST of text that is not a number.
        """
        try:
            return self._evaluated(Frame(n, column, counts=counts))
        except CellError as error:
            raise ValueFault(f"the expression '{_short(self.text)}' failed: {error}") from None

    def _evaluated(self, frame: Frame) -> Column:
        # x / 0, LN(0) and overflowing floats are handled by the functions
        with np.errstate(all="ignore"):
            return self._shaped(broadcast(evaluate(self.root, frame), frame.n))

    def _shaped(self, cells: Column) -> Column:
        if self.type == CATEGORY:
            return as_category(cells)
        return Column(TEXT, as_text(cells), cells.valid) if self.type == TEXT else cells

    def __call__(self, rows: Rows) -> Column:
        """The value of each row of a block. Raises ValueFault with the first row whose value cannot be represented."""
        if self.sequenced and rows.at is not None:
            return self(Rows(rows.block)).take(rows.at)
        frame = Frame(len(rows), self._source(rows), counts=rows.block.complete if self.sequenced else None)
        try:
            return self._evaluated(frame)
        except CellError as error:
            row, reason = self._first_fault(frame, error)
            where = f"in row {int(rows.index[row]):,} (counted from 0) of '{rows.block.table}'"
            raise ValueFault(f"the expression '{_short(self.text)}' failed {where}: {reason}") from None

    def _first_fault(self, frame: Frame, error: CellError) -> tuple[int, CellError]:
        """The position of the first failing row, found by bisection, and the reason."""
        low, high = 0, frame.n
        while error.row is None and high - low > 1:
            half = (low + high) // 2
            fault = self._fault(frame, low, half)
            low, high = (half, high) if fault is None else (low, half)
        fault = self._fault(frame, low, high) or error
        return (low if fault.row is None else fault.row), fault

    def _fault(self, frame: Frame, low: int, high: int) -> CellError | None:
        """The failure in these rows."""
        try:
            self._evaluated(frame.take(np.arange(low, high)))
        except CellError as error:
            return error
        return None

    def to_sql(self, dialect: str = "duckdb") -> str:
        """The expression in a dialect of SQL, with x / 0 guarded if the dialect's would fail."""
        return to_sql(self.text, dialect)


def compile_expression(text: str, types: Types, known: Sequence[str], alone: str = "") -> Expression:
    """Compile a SQL scalar expression against columns.

    `alone` says why nothing can be looked along the rows of a parent here, if so.
    `types` gives a column's type, None where it is unknown or unsound itself; `known` are the names to suggest from.
    Raises ExpressionError: codes `syntax`, `too-large`, `not-allowed`, `unknown-function`, `unknown-column`,
    `unsound-column` (the column's own problem is reported elsewhere), `arguments`, `literal` and `type`.
    """
    tree = parse(text)
    root = _typed(tree, types, known)
    if alone and isinstance(root, Call) and root.sequenced:
        raise ExpressionError(f"OVER needs the rows of a parent, {alone}", _ALONE_HINT, "no-parent")
    if root.type == NULL:
        raise ExpressionError("the expression is NULL of no type", "write CAST(NULL AS DOUBLE), for example", "type")
    if isinstance(root, Constant) and root.type == TEXT:
        return Expression(text, CATEGORY, root.columns, root)
    return Expression(text, root.type, names_in(tree), root, _calls(tree, "RANDOM"))


def _calls(tree: Syntax, function: str) -> int:
    """How often a function is called."""
    if not isinstance(tree, Apply):
        return 0
    return (tree.function == function) + sum(_calls(arg, function) for arg in tree.args)


ONLY_IN_COLUMNS = "RANDOM() can be used in columns of type expression only; draw the number in one, hidden if need be"


_ALONE_HINT = "a column of type key numbers the rows of a whole table; window functions need a table with a parent"


def columns_of(text: str) -> frozenset[str]:
    """The columns that an expression names, known or not. Raises ExpressionError if it cannot be parsed."""
    return names_in(parse(text))


def column_named(text: str) -> str | None:
    """The column that the whole expression names; None for other expressions. Raises ExpressionError."""
    tree = parse(text)
    return tree.name if isinstance(tree, Name) else None


def numbers_rows(text: str) -> bool:
    """Whether the expression is ROW_NUMBER plus a constant, and so distinct for each row of a parent. Raises
    ExpressionError.
    """
    return _numbers(parse(text))


def _numbers(tree: Syntax) -> bool:
    if not isinstance(tree, Apply):
        return False
    if tree.function in ("+", "-"):
        first, second = tree.args
        return (_numbers(first) and isinstance(second, Constant)) or (isinstance(first, Constant) and _numbers(second))
    return tree.function == f"ROW_NUMBER{SEQUENCE}"


def _typed(tree: Syntax, types: Types, known: Sequence[str]) -> Node:
    if isinstance(tree, Constant):
        return tree
    if isinstance(tree, Name):
        return _column(tree.name, types, known)
    assert isinstance(tree, Apply)
    return apply(tree.function, tuple(_typed(arg, types, known) for arg in tree.args))


def _column(name: str, types: Types, known: Sequence[str]) -> ColumnNode:
    kind = types(name)
    if kind is not None and kind.nested:
        hint = "make the parts columns of their own, hidden if need be, and read those"
        raise ExpressionError(f"'{name}' is a {kind.name}, and expressions read single values", hint, "type")
    if kind is not None:
        return ColumnNode(name, kind)
    if name in known:
        message = f"column '{_short(name)}' has a problem itself"
        raise ExpressionError(message, "repair that one first", "depends-on-invalid")
    hint = did_you_mean(name, list(known))
    raise ExpressionError(f"there is no column '{_short(name)}'", hint, "unknown-column")


def _nullable(node: Node, column_nullable: Callable[[str], bool], extents: Extents) -> bool:
    if isinstance(node, ColumnNode):
        return column_nullable(node.name)
    if isinstance(node, Constant):
        value: Any = node.value
        return value is None or (isinstance(value, tuple) and None in value)
    parts = [_nullable(arg, column_nullable, extents) for arg in node.args]
    entry = FUNCTIONS[node.function]
    return entry.nulls(node, parts) or (node.function in _RANGED and not _stays(node, extents))


_RANGED = frozenset({"+", "-", "*", "/", "ADD MONTHS", "AT TIME ZONE"})


"""Functions that give NULL for results out of range. Others that do are nullable anyway, or stay within the range."""


def _stays(node: Call, extents: Extents) -> bool:
    """Whether no cell is NULL because it is out of range."""
    return (node.type not in (FLOAT, DURATION) and node.type not in CALENDAR) or within(
        unbounded(node, extents), held(node.type)
    )


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


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
