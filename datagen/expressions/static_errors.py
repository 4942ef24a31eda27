"""Reports failures of an expression that follow from the declared values and bounds of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isinf

import numpy as np

from datagen.columnar.block import CATEGORY, FLOAT, Column
from datagen.columnar.text import text_array
from datagen.expressions.extents import Extents, bounded, extent, held, rescaled, unbounded, within
from datagen.expressions.functions.registry import CellError
from datagen.expressions.runtime.evaluate import Frame, evaluate
from datagen.expressions.tree import Call, ColumnNode, Constant, Node

Domains = Callable[[str], "tuple[str, ...] | None"]
"""Every value of a column as text; None if unknown."""

_FIRST_ONLY = frozenset({"CASE", "CASE OF", "IF", "COALESCE"})
"""Functions that evaluate only their first argument in every row."""
_WHOLE = frozenset({"+", "-", "*", "NEGATE"})
_ROUNDING = frozenset({"CAST", "ROUND", "FLOOR", "CEIL", "convert"})
_EXACT = frozenset({"int", "decimal"})


def foreseen(node: Node, domains: Domains, extents: Extents) -> Iterator[tuple[str, str]]:
    """A certain failure in some row, with what to write instead. Arguments that a condition may guard are only judged
    where the whole condition reads one column of known values.
    """
    if not isinstance(node, Call):
        return
    below = [
        found
        for arg in (node.args[:1] if node.function in _FIRST_ONLY else node.args)
        for found in foreseen(arg, domains, extents)
    ]
    yield from below
    if below:
        return  # the failure of an argument is a failure of the call
    if node.function == "CAST":
        yield from _unreadable(node, domains)
        yield from _too_long(node, extents)
    elif node.function in _FIRST_ONLY:
        yield from _failing_words(node, domains)
    elif node.function in _WHOLE:
        yield from _too_large(node, extents)


def may_fail(node: Node, extents: Extents) -> bool:
    """Whether some row may fail where nothing is known about the cells that it reads: text that is cast or names a time
    zone, and whole numbers of unknown size.
    """
    if not isinstance(node, Call):
        return False
    source = node.args[0]
    if node.function == "CAST" and source.type.textual:
        own = not node.type.textual
    elif node.function == "CAST" and node.type.name == "decimal" and not _known(source, extents):
        own = True
    elif node.function in _ROUNDING and source.type == FLOAT and node.type.name in _EXACT:
        found = rescaled(extent(source, extents), FLOAT, node.type)
        own = found is None or not within(found, held(node.type))
    elif node.function == "AT TIME ZONE":
        own = not isinstance(node.args[1], Constant)
    else:
        own = node.function in _WHOLE and node.type.name in _EXACT and not _known(node, extents)
    return own or any(may_fail(arg, extents) for arg in node.args)


def _unreadable(node: Call, domains: Domains) -> Iterator[tuple[str, str]]:
    """A CAST of text with values that cannot be parsed."""
    if node.args[0].type.textual and not node.type.textual:
        yield from _failing_words(node, domains)


def _failing_words(node: Call, domains: Domains) -> Iterator[tuple[str, str]]:
    """A call that reads one column, of known values, and fails for one of them."""
    words = domains(node.lift) if node.lift is not None else None
    if not words or "RANDOM" in _functions(node):
        return
    cells = Column(CATEGORY, np.arange(len(words), dtype=np.int32), None, text_array(words))
    try:
        with np.errstate(all="ignore"):
            evaluate(node, Frame(len(words), lambda _: cells))
    except CellError as error:
        reason, _, hint = str(error).partition("; ")
        what = "the CAST" if node.function == "CAST" else f"'{node.function}'"
        yield f"{what} fails for a value of '{node.lift}': {reason}", hint


def _functions(node: Node) -> frozenset[str]:
    """The names of all functions of a call."""
    below = (_functions(arg) for arg in node.args) if isinstance(node, Call) else ()
    return frozenset({node.function} if isinstance(node, Call) else ()).union(*below)


def _too_long(node: Call, extents: Extents) -> Iterator[tuple[str, str]]:
    """A CAST to a DECIMAL that is too small for its argument."""
    source, digits = node.args[0], node.args[1]
    if not source.type.numeric or not isinstance(digits, Constant) or not digits.value or not _known(source, extents):
        return
    found = rescaled(extent(source, extents), source.type, node.type)
    limit = 10 ** int(str(digits.value)) - 1
    if found is None or any(map(isinf, found)):
        return
    if not within((found[0] + 1, found[1] - 1), (-limit, limit)):
        unit = 10**node.type.scale
        message = (
            f"a DECIMAL({digits.value}, {node.type.scale}) holds at most {limit / unit:,.{node.type.scale}f} in "
            f"size, but the number reaches"
        )
        largest = max(map(abs, found)) / unit
        yield f"{message} {largest:,.6g}", "write a larger precision, or TRY_CAST, which gives NULL"


def _too_large(node: Call, extents: Extents) -> Iterator[tuple[str, str]]:
    """Whole numbers beyond 64 bits."""
    if node.type.name not in _EXACT or not _known(node, extents):
        return
    found = unbounded(node, extents)
    if not within(found, held(node.type)):
        largest = max(map(abs, found)) / 10**node.type.scale
        what = f"'{node.function}' gives a {node.type} of up to {largest:.3g}, beyond 64 bits"
        yield what, "round its arguments to fewer decimals, or CAST one to DOUBLE"


def _known(node: Node, extents: Extents) -> bool:
    """Whether the bounds of every column below are known."""
    if isinstance(node, ColumnNode):
        return extents(node.name) is not None
    if isinstance(node, Constant):
        return True
    return bounded(node.function) and node.function != "TRY_CAST" and all(_known(arg, extents) for arg in node.args)
