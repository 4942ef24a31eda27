"""Evaluates a typed tree over rows. Constants have one cell; categories are evaluated per word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columnar.block import TEXT, Bools, Column, Ints, Type
from datagen.columnar.text import text_array
from datagen.expressions.functions.registry import FUNCTIONS, CellError
from datagen.expressions.runtime.arrow_bridge import as_category, as_text, clean, integers, look_up
from datagen.expressions.tree import SEQUENCE, Call, ColumnNode, Constant, Node

_KINDS: dict[str, Any] = {"float": np.float64, "bool": np.bool_, "category": np.int32}


DRAWN = "RANDOM() "
"""Before the number of a call of RANDOM: the name of its numbers among the columns of a frame."""


@dataclass(slots=True, eq=False)
class Frame:
    """n rows and access to their columns; `words` if the rows are the entries of a dictionary.

    `counts` are the rows of each parent, if the rows are complete. `whole` and `at` are the frame that the rows were
    taken from, and their positions.
    """

    n: int
    source: Callable[[str], Column]
    words: bool = False
    counts: Ints | None = None
    whole: Frame | None = None
    at: Ints | None = None
    seen: dict[str, Column] = field(default_factory=dict)
    sequences: dict[int, Column] = field(default_factory=dict)

    def sequence(self, node: Call) -> Column:
        """The cells of a window function: always computed over all rows."""
        if id(node) not in self.sequences:
            if self.whole is not None and self.at is not None:
                found = take(self.whole.sequence(node), self.at)
            else:
                found = broadcast(FUNCTIONS[node.function].evaluate(CallArguments(node, self)), self.n)
            self.sequences[id(node)] = found
        return self.sequences[id(node)]

    def column(self, name: str) -> Column:
        if name not in self.seen:
            self.seen[name] = clean(self.source(name))
        return self.seen[name]

    def take(self, index: Ints) -> Frame:
        """Some of the rows, at positions `index`."""
        column = lambda name: take(self.column(name), index)  # noqa: E731 - one line says it
        return Frame(len(index), column, self.words, None, self, index)


@dataclass(frozen=True, slots=True, eq=False)
class CallArguments:
    """The arguments of one call in one frame, evaluated on demand (see `registry.Arguments`)."""

    call: Call
    frame: Frame

    @property
    def n(self) -> int:
        return self.frame.n

    @property
    def counts(self) -> Ints:
        assert self.frame.counts is not None, "window functions need rows of a parent"
        return self.frame.counts

    def __len__(self) -> int:
        return len(self.call.args)

    def __getitem__(self, index: int) -> Column:
        return evaluate(self.call.args[index], self.frame)

    def drawn(self, call: int) -> Column:
        return self.frame.column(f"{DRAWN}{call}")

    def among(self, index: int, mask: Bools) -> Column:
        try:
            return self[index]
        except CellError:
            # on demand: gathering rows costs more than evaluating unused cells
            rows = np.flatnonzero(np.broadcast_to(mask, self.n))
            part = evaluate(self.call.args[index], self.frame.take(rows))
            return _scatter(broadcast(part, len(rows)), rows, self.n)


def evaluate(node: Node, frame: Frame) -> Column:
    """The cells of `node`: `frame.n` of them, or one for all."""
    if isinstance(node, Constant):
        return constant(node)
    if isinstance(node, ColumnNode):
        return frame.column(node.name)
    if node.function.endswith(SEQUENCE):
        return frame.sequence(node)
    if node.lift is not None and not frame.words:
        return _over_words(node, frame.column(node.lift), frame)
    return FUNCTIONS[node.function].evaluate(CallArguments(node, frame))


def constant(node: Constant) -> Column:
    """One cell; a tuple of constants (the items of an IN list) is a cell per item."""
    items = node.value if isinstance(node.value, tuple) else (node.value,)
    valid = None if None not in items else np.array([item is not None for item in items])
    if node.type.textual:
        return Column(TEXT, text_array([str(item or "") for item in items]), valid)
    data = np.array([0 if item is None else item for item in items], _KINDS.get(node.type.name, np.int64))
    return Column(node.type, data, valid)


def scalar(values: Column) -> Any:
    """The one cell of a constant as a Python value."""
    if values.valid is not None and not values.valid[0]:
        return None
    data = as_text(values) if values.type.textual else values.data
    return data[0].as_py() if isinstance(data, pa.Array) else data[0].item()


def take(values: Column, index: Ints) -> Column:
    """The cells at `index`; a single cell is used for all of them."""
    if len(values) == 1:
        return values
    data = values.data.take(integers(index)) if isinstance(values.data, pa.Array) else values.data[index]
    return Column(values.type, data, None if values.valid is None else values.valid[index], values.dictionary)


def broadcast(values: Column, n: int) -> Column:
    """One cell repeated n times, without its mask if nothing is missing."""
    valid = values.valid
    if valid is not None:
        valid = None if valid.all() else np.repeat(valid, n) if len(valid) == 1 else valid
    data = values.data
    if len(data) != n:
        every = np.zeros(n, np.int64)
        data = data.take(integers(every)) if isinstance(data, pa.Array) else np.repeat(data, n)
    return Column(values.type, data, valid, values.dictionary)


def missing(kind: Type, n: int) -> Column:
    """n missing cells."""
    return broadcast(constant(Constant(None, kind)), n)


def _scatter(part: Column, rows: Ints, n: int) -> Column:
    if not len(rows):
        return missing(part.type if part.type.name != "category" else TEXT, n)
    position = np.zeros(n, np.int64)
    position[rows] = np.arange(len(rows))
    there = np.zeros(n, bool)
    there[rows] = True
    whole = part if len(rows) > 1 else broadcast(part, 1)
    data = whole.data.take(integers(position)) if isinstance(whole.data, pa.Array) else whole.data[position]
    valid = there if whole.valid is None else there & whole.valid[position]
    return Column(whole.type, data, valid, whole.dictionary)


def _over_words(node: Call, source: Column, frame: Frame) -> Column:
    """Evaluate `node` once per word of its one category, and once for a missing cell if there is any."""
    if source.type.name != "category":
        return FUNCTIONS[node.function].evaluate(CallArguments(node, frame))
    entries, codes = _entries(source)
    try:
        table = _per_entry(node, entries)
    except CellError:
        # the failure of an unused word must not fail the rows
        used = np.unique(codes)
        table, codes = _per_entry(node, take(entries, used)), np.searchsorted(used, codes)
    if node.type.textual:
        table = as_category(table)
    valid = None if table.valid is None else look_up(table.valid, codes)
    return Column(node.type, look_up(table.data, codes), valid, table.dictionary)


def _entries(source: Column) -> tuple[Column, Any]:
    words = source.dictionary if source.dictionary is not None else text_array([])
    if source.valid is None:
        return Column(TEXT, words), source.data
    present = np.ones(len(words) + 1, bool)
    present[-1] = False
    codes = np.where(source.valid, source.data, len(words))
    return Column(TEXT, pa.concat_arrays([words, text_array([""])]), present), codes


def _per_entry(node: Call, entries: Column) -> Column:
    inner = Frame(len(entries), lambda _: entries, words=True)
    return broadcast(FUNCTIONS[node.function].evaluate(CallArguments(node, inner)), len(entries))
