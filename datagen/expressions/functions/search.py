"""Functions that look into texts, cut them by a separator, hash them, or write times by a format."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import BOOL, INT, TEXT, Column, Ints, indices
from datagen.columnar.cell_hashes import text_hashes
from datagen.columnar.text import buffers, text_array
from datagen.expressions.functions.md5 import md5_hex
from datagen.expressions.functions.registry import Arguments, Typed, function
from datagen.expressions.functions.text import texts
from datagen.expressions.runtime.arrow_bridge import as_bools, as_text, integers
from datagen.expressions.tree import Constant, Node
from datagen.expressions.typing import type_error, whole, written

_DIRECTIVES = frozenset("YymdHMSjbBaA%")
_MOST_PARTS = 1_000
_POSITIVE = np.uint64((1 << 63) - 1)


def _value(args: Arguments, index: int) -> Any:
    """A written-out argument; the rules have seen to it that it is one."""
    node = args.call.args[index]
    assert isinstance(node, Constant)
    return node.value


def _split_rule(args: tuple[Node, ...]) -> Typed:
    if not written("what SPLIT_PART divides at", args[1], TEXT).value:
        raise type_error("SPLIT_PART divides at a text that is not empty", "such as SPLIT_PART(email, '@', 2)")
    whole("the number of the part in SPLIT_PART", args[2], 1, _MOST_PARTS)
    return (texts("SPLIT_PART", args[0]), *args[1:]), TEXT


@function("SPLIT_PART", (3, 3), _split_rule)
def _split_part(args: Arguments) -> Column:
    """The part of this number, from 1; empty where there are fewer, as in DuckDB and PostgreSQL."""
    cells = args[0]
    lists = pc.split_pattern(as_text(cells), pattern=_value(args, 1))
    ends = np.frombuffer(lists.buffers()[1], np.int32)[lists.offset : lists.offset + len(lists) + 1].astype(np.int64)
    at = ends[:-1] + _value(args, 2) - 1
    values = pa.concat_arrays([lists.values, text_array([""])])
    return Column(TEXT, values.take(indices(np.where(at < ends[1:], at, len(values) - 1))), cells.valid)


def _position_rule(args: tuple[Node, ...]) -> Typed:
    written("what POSITION looks for", args[1], TEXT)
    return (texts("POSITION", args[0]), args[1]), INT


@function("POSITION", (2, 2), _position_rule)
def _position(args: Arguments) -> Column:
    """The position of a text, from 1; 0 if it does not occur."""
    cells = as_text(args[0])
    found = pc.find_substring(cells, pattern=_value(args, 1))
    at = np.frombuffer(found.buffers()[1], np.int32)[found.offset : found.offset + len(found)].astype(np.int64)
    data, ends = buffers(cells)
    starts = np.concatenate(([0], np.cumsum((data & 0xC0) != 0x80)))  # characters before each byte
    before: Ints = starts[ends[:-1] + np.maximum(at, 0)] - starts[ends[:-1]]
    return Column(INT, np.where(at < 0, 0, before + 1), args[0].valid)


def _matches_rule(args: tuple[Node, ...]) -> Typed:
    pattern = str(written("what REGEXP_MATCHES looks for", args[1], TEXT).value)
    try:
        pc.match_substring_regex(text_array([""]), pattern=pattern)
    except pa.ArrowInvalid:
        raise type_error(
            f"'{pattern[:40]}' is no regular expression", "RE2 syntax: no look-around, no references"
        ) from None
    return (texts("REGEXP_MATCHES", args[0]), args[1]), BOOL


@function("REGEXP_MATCHES", (2, 2), _matches_rule)
def _matches(args: Arguments) -> Column:
    """Whether the regular expression (RE2) matches somewhere in the text."""
    return Column(BOOL, as_bools(pc.match_substring_regex(as_text(args[0]), pattern=_value(args, 1))), args[0].valid)


def _md5_rule(args: tuple[Node, ...]) -> Typed:
    return (texts("MD5", args[0]),), TEXT


@function("MD5", (1, 1), _md5_rule)
def _md5(args: Arguments) -> Column:
    """The MD5 digest of the UTF-8 text in hexadecimal digits (RFC 1321)."""
    return Column(TEXT, md5_hex(as_text(args[0])), args[0].valid)


def _hash_rule(args: tuple[Node, ...]) -> Typed:
    return (texts("HASH", args[0]),), INT


@function("HASH", (1, 1), _hash_rule)
def _hash(args: Arguments) -> Column:
    """A number from 0 to 2^63 - 1 that looks random and is the same for the same text, on every machine and in every
    run.
    """
    return Column(INT, (text_hashes(as_text(args[0])) & _POSITIVE).view(np.int64), args[0].valid)


def _strftime_rule(args: tuple[Node, ...]) -> Typed:
    if args[0].type.name not in ("timestamp", "date"):
        raise type_error(f"STRFTIME writes times, not {args[0].type}", "give it a timestamp or a date")
    form = str(written("the format of STRFTIME", args[1], TEXT).value)
    other = [sign for sign in re.findall("%(.?)", form) if sign not in _DIRECTIVES or not sign]
    if other or len(form) > 100:
        raise type_error(
            f"STRFTIME does not know '%{(other or ['...'])[0]}'", "known: %Y %y %m %d %H %M %S %j %b %B %a %A"
        )
    return args, TEXT


@function("STRFTIME", (2, 2), _strftime_rule)
def _strftime(args: Arguments) -> Column:
    """A time by a format, in UTC and English."""
    cells = args[0]
    seconds = cells.data * 86_400 if cells.type.name == "date" else cells.data // 1_000_000
    times = integers(seconds).cast(pa.timestamp("s"))
    return Column(TEXT, pc.strftime(times, format=_value(args, 1), locale="C"), cells.valid)
