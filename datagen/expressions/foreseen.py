"""Reports failures of an expression that follow from the declared values and bounds of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isinf

import numpy as np

from datagen.columnar.block import CATEGORY, Column
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


def foreseen(node: Node, domains: Domains, extents: Extents) -> Iterator[tuple[str, str]]:
    """A certain failure in some row, with what to write instead. Arguments of conditions are skipped, because the
    condition may guard them.
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
    elif node.function == "CAST":
        own = node.type.name == "decimal" and not _known(source, extents)
    elif node.function == "AT TIME ZONE":
        own = not isinstance(node.args[1], Constant)
    else:
        own = node.function in _WHOLE and node.type.name in ("int", "decimal") and not _known(node, extents)
    return own or any(may_fail(arg, extents) for arg in node.args)


def _unreadable(node: Call, domains: Domains) -> Iterator[tuple[str, str]]:
    """A CAST of text with values that cannot be parsed."""
    source, kind = node.args[0], node.type
    if not source.type.textual or kind.textual or len(source.columns) != 1 or node.lift is None:
        return
    words = domains(node.lift)
    if not words:
        return
    cells = Column(CATEGORY, np.arange(len(words), dtype=np.int32), None, text_array(words))
    try:
        with np.errstate(all="ignore"):
            evaluate(node, Frame(len(words), lambda _: cells))
    except CellError as error:
        reason = str(error).partition(";")[0]
        hint = "TRY_CAST gives NULL where a value cannot be read"
        yield f"the CAST fails for a value of '{node.lift}': {reason}", hint


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
    if node.type.name not in ("int", "decimal") or not _known(node, extents):
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
