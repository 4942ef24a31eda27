"""Functions of text by characters, not bytes; a category is evaluated once per word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import BOOL, INT, TEXT, Column, Ints
from datagen.columnar.ragged import positions
from datagen.columnar.text import Bytes, buffers, strings
from datagen.expressions.functions.registry import Arguments, Rule, Typed, function, never
from datagen.expressions.runtime.arrow_bridge import as_bools, as_numbers, as_text, mask
from datagen.expressions.runtime.evaluate import broadcast
from datagen.expressions.tree import NULL, Call, Constant, Node
from datagen.expressions.typing import apply, coerce, type_error, whole, written


def concat(parts: Sequence[pa.Array]) -> pa.Array:
    """The concatenated parts of each row; a part of one cell is used for every row. No part has nulls."""
    n = next((len(part) for part in parts if len(part) != 1), 1)
    even = [_even(part) for part in parts] if n > 1 else [None]
    wide = [cells for cells in even if cells is not None]
    if len(wide) == len(parts):
        return _side_by_side([cells for cells in wide if cells.shape[1]], n)
    single = [part[0] if len(part) == 1 and n != 1 else part for part in parts]
    return pc.binary_join_element_wise(*single, "")


def _even(part: pa.Array) -> Bytes | None:
    """The bytes of texts of equal length, shape (cells, length); None if lengths differ."""
    content, offsets = buffers(part)
    length = int(offsets[1])
    even = len(part) == 1 or bool((offsets[1:] - offsets[:-1] == length).all())
    return content.reshape(len(part), length) if even else None


def _side_by_side(parts: Sequence[Bytes], n: int) -> pa.Array:
    """Cells of fixed widths, copied a column at a time, which is much faster than cell by cell."""
    if not parts:
        return strings(np.empty(0, np.uint8), np.zeros(n + 1, np.int32))
    cells = np.empty(n, [(str(i), f"V{part.shape[1]}") for i, part in enumerate(parts)])
    for i, part in enumerate(parts):
        cells[str(i)] = part.reshape(-1).view(f"V{part.shape[1]}")
    return strings(cells.view(np.uint8), np.arange(n + 1) * cells.itemsize)


LONGEST = 1_000
"""The most characters of padding, and the largest growth factor of REPLACE."""

_FAR = 2**31
"""No text has so many characters."""

Compute = Callable[..., pa.Array]


def texts(what: str, node: Node) -> Node:
    return coerce(node, TEXT, f"{what} needs text")


def _text_only(what: str) -> Rule:
    def rule(args: tuple[Node, ...]) -> Typed:
        return (texts(what, args[0]), *args[1:]), TEXT

    return rule


def _cutting(what: str) -> Rule:
    """Text, then whole numbers. Literal ones are from 0, the start of SUBSTRING from 1."""

    def rule(args: tuple[Node, ...]) -> Typed:
        numbers = []
        for i, arg in enumerate(args[1:]):
            start = what == "SUBSTRING" and i == 0
            name = (
                f"the start of {what} (RIGHT counts from the end)" if start else f"the number of characters in {what}"
            )
            if isinstance(arg, Constant):
                whole(name, arg, int(start), 2**31 - 1)
            numbers.append(coerce(arg, INT, f"{name} needs a whole number"))
        return (texts(what, args[0]), *numbers), TEXT

    return rule


def _constant(call: Call, index: int) -> Any:
    """A literal argument, checked by the rules."""
    arg = call.args[index]
    assert isinstance(arg, Constant)
    return arg.value


def _mapped(compute: Compute, args: Arguments) -> Column:
    cells = args[0]
    return Column(
        TEXT, compute(as_text(cells), *(_constant(args.call, index) for index in range(1, len(args)))), cells.valid
    )


def _define(name: str, arity: tuple[int, int], rule: Rule, compute: Compute) -> None:
    def evaluate(args: Arguments) -> Column:
        return _mapped(compute, args)

    function(name, arity, rule)(evaluate)


def _left(text: pa.Array, count: int) -> pa.Array:
    return pc.utf8_slice_codeunits(text, 0, count)


def _right(text: pa.Array, count: int) -> pa.Array:
    return pc.utf8_slice_codeunits(text, -count, None) if count else _left(text, 0)


_define("UPPER", (1, 1), _text_only("UPPER"), pc.utf8_upper)
_define("LOWER", (1, 1), _text_only("LOWER"), pc.utf8_lower)


def _substring(text: pa.Array, start: int, length: int | None = None) -> pa.Array:
    return pc.utf8_slice_codeunits(text, start - 1, None if length is None else start - 1 + length)


def _cut(name: str, arity: tuple[int, int], compute: Compute, edges: Callable[..., tuple[Ints, Ints]]) -> None:
    """Defines a part of a text by characters. `edges` are its first character from 0 and the one after its last, for
    the numbers of characters and the arguments of rows; they may lie outside.
    """

    @function(name, arity, _cutting(name))
    def evaluate(args: Arguments) -> Column:
        if all(isinstance(arg, Constant) for arg in args.call.args[1:]):
            return _mapped(compute, args)
        cells, *numbers = (broadcast(args[index], args.n) for index in range(len(args)))
        masks = [part.valid for part in (cells, *numbers) if part.valid is not None]
        sliced = _sliced(
            as_text(cells), lambda count: edges(count, *(np.clip(part.data, -_FAR, _FAR) for part in numbers))
        )
        return Column(TEXT, sliced, reduce(and_, masks) if masks else None)


def _sliced(text: pa.Array, edges: Callable[[Ints], tuple[Ints, Ints]]) -> pa.Array:
    """The characters of each text between its edges."""
    content, offsets = buffers(text)
    starts = np.append(np.flatnonzero((content & 0xC0) != 0x80), len(content))
    first = np.searchsorted(starts, offsets)
    count = np.diff(first)
    low, high = (np.clip(edge, 0, count) for edge in edges(count))
    begin, end = starts[first[:-1] + low], starts[first[:-1] + np.maximum(low, high)]
    kept = np.concatenate(([0], np.cumsum(end - begin))).astype(np.int32)
    return strings(content[positions(begin, end - begin)], kept)


def _between(count: Ints, start: Ints, length: Ints | None = None) -> tuple[Ints, Ints]:
    """As in DuckDB: a start below 0 counts from the end, a length below 0 goes back from the start."""
    low = np.where(start < 0, count + start, start - 1)
    high = count if length is None else low + length
    return np.minimum(low, high), np.maximum(low, high)


def _first(count: Ints, many: Ints) -> tuple[Ints, Ints]:
    return count * 0, np.where(many < 0, count + many, many)


def _last(count: Ints, many: Ints) -> tuple[Ints, Ints]:
    return np.where(many < 0, -many, count - many), count


_cut("LEFT", (2, 2), _left, _first)
_cut("RIGHT", (2, 2), _right, _last)
_cut("SUBSTRING", (2, 3), _substring, _between)


def _with_texts(what: str) -> Rule:
    """Text, then literal texts."""

    def rule(args: tuple[Node, ...]) -> Typed:
        for arg in args[1:]:
            written(f"the argument of {what}", arg, TEXT)
        return (texts(what, args[0]), *args[1:]), TEXT

    return rule


def _trim(trim: Compute) -> Compute:
    def compute(text: pa.Array, characters: str = " ") -> pa.Array:
        return trim(text, characters=characters) if characters else text

    return compute


for _name, _compute in (("TRIM", pc.utf8_trim), ("LTRIM", pc.utf8_ltrim), ("RTRIM", pc.utf8_rtrim)):
    _define(_name, (1, 2), _with_texts(_name), _trim(_compute))


def _replace_rule(args: tuple[Node, ...]) -> Typed:
    typed, kind = _with_texts("REPLACE")(args)
    if _growth(typed[0]) * _factor(typed[1:]) > LONGEST:
        raise type_error(f"REPLACE could make a text more than {LONGEST} times longer", "nest fewer of them")
    return typed, kind


def _growth(node: Node) -> int:
    """The largest growth factor of the REPLACE calls in `node`."""
    if not isinstance(node, Call):
        return 1
    inner = max((_growth(arg) for arg in node.args), default=1)
    return inner * _factor(node.args[1:]) if node.function == "REPLACE" else inner


def _factor(args: tuple[Node, ...]) -> int:
    pattern, replacement = (len(str(arg.value)) if isinstance(arg, Constant) else 1 for arg in args)
    return max(1, -(-replacement // max(pattern, 1)))


def _replace(text: pa.Array, pattern: str, replacement: str) -> pa.Array:
    return pc.replace_substring(text, pattern=pattern, replacement=replacement) if pattern else text


_define("REPLACE", (3, 3), _replace_rule, _replace)


def _pad_rule(what: str) -> Rule:
    def rule(args: tuple[Node, ...]) -> Typed:
        whole(f"the width in {what}", args[1], 0, LONGEST)
        if len(str(written(f"the filling in {what}", args[2], TEXT).value)) != 1:
            raise type_error(f"{what} fills with one character", "such as LPAD(code, 5, '0')")
        return (texts(what, args[0]), *args[1:]), TEXT

    return rule


def _pad(of_ascii: Compute, of_any: Compute) -> Compute:
    def compute(text: pa.Array, width: int, filling: str) -> pa.Array:
        content, offsets = buffers(text)
        plain = filling.isascii() and not (content.size and content.max() >= 0x80)
        padded = (of_ascii if plain else of_any)(text, width=width, padding=filling)
        return padded if np.diff(offsets).max(initial=0) <= width else _left(padded, width)

    return compute


_define("LPAD", (3, 3), _pad_rule("LPAD"), _pad(pc.ascii_lpad, pc.utf8_lpad))
_define("RPAD", (3, 3), _pad_rule("RPAD"), _pad(pc.ascii_rpad, pc.utf8_rpad))


def _length_rule(args: tuple[Node, ...]) -> Typed:
    return (texts("LENGTH", args[0]),), INT


@function("LENGTH", (1, 1), _length_rule)
def _length(args: Arguments) -> Column:
    cells = args[0]
    return Column(INT, as_numbers(pc.utf8_length(as_text(cells)), np.int32).astype(np.int64), cells.valid)


def _starts_rule(args: tuple[Node, ...]) -> Typed:
    written("the argument of STARTS_WITH", args[1], TEXT)
    return (texts("STARTS_WITH", args[0]), args[1]), BOOL


@function("STARTS_WITH", (2, 2), _starts_rule)
def _starts_with(args: Arguments) -> Column:
    cells = args[0]
    return Column(BOOL, as_bools(pc.starts_with(as_text(cells), pattern=_constant(args.call, 1))), cells.valid)


def _joined_rule(args: tuple[Node, ...]) -> Typed:
    """Any type with a unique text form."""
    return tuple(_shown(arg) for arg in args), TEXT


def _shown(node: Node) -> Node:
    if node.type == NULL:
        return Constant(None, TEXT)
    if node.type.textual:
        return node
    return apply("CAST", (node, Constant(0, INT), Constant(None, TEXT)))


@function("||", (2, None), _joined_rule)
def _join(args: Arguments) -> Column:
    """Missing if any part is."""
    parts = [args[index] for index in range(len(args))]
    masks = [part.valid for part in parts if part.valid is not None]
    return Column(TEXT, concat([as_text(part) for part in parts]), reduce(and_, masks) if masks else None)


@function("CONCAT", (1, None), _joined_rule, never)
def _concat(args: Arguments) -> Column:
    """Missing parts are left out, as in DuckDB and PostgreSQL."""
    return Column(TEXT, concat([_or_empty(args[index], args.n) for index in range(len(args))]))


def _or_empty(part: Column, n: int) -> pa.Array:
    if part.valid is None:
        return as_text(part)
    whole = broadcast(part, n)
    return as_text(whole) if whole.valid is None else pc.if_else(mask(whole.valid), as_text(whole), "")
