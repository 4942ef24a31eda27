"""Text columns from byte buffers: Arrow strings without a Python string per row, and names folded to ASCII.

`pa.array(list)` imports pandas on its first call; nothing here does.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datagen.columnar import arrow_compute
from datagen.columnar.block import Ints

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]

_LATIN = {
    "ß": "ss",
    "ø": "o",
    "ł": "l",
    "æ": "ae",
    "œ": "oe",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "\u0131": "i",
    "ħ": "h",
    "ŋ": "n",
}
_SPACE, _HYPHEN = ord(" "), ord("-")
_GROUP = 1000
_CELLS = 8192  # cells per chunk, which fits the second-level cache
_LATIN_END = 0x250
_MOST_BYTES = 2**31 - 1
_TWO_BYTES = 0x800


def text_array(words: Sequence[str]) -> pa.Array:
    """An Arrow string array of these words, shape (n,)."""
    encoded = [word.encode("utf-8") for word in words]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(word) for word in encoded], out=offsets[1:])
    return strings(np.frombuffer(b"".join(encoded), np.uint8), offsets)


def strings(data: Bytes, offsets: Ints | Offsets) -> pa.Array:
    """An Arrow string array over UTF-8 bytes; cell i is `data[offsets[i]:offsets[i + 1]]`, offsets of
    shape (n + 1,).
    """
    if len(offsets) and offsets[-1] > _MOST_BYTES:
        raise MemoryError("the texts of a block have more than 2 GB")
    ends = pa.py_buffer(np.ascontiguousarray(offsets, np.int32))
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, [None, ends, pa.py_buffer(np.ascontiguousarray(data))])


@dataclass(frozen=True, slots=True, eq=False)
class WordTable:
    """Words to concatenate: `letters` are their UTF-8 bytes, padded with zeros to the same length; shape (words,)."""

    letters: npt.NDArray[np.void]
    lengths: Offsets

    @classmethod
    def of(cls, words: Sequence[str]) -> WordTable:
        encoded = [word.encode("utf-8") for word in words]
        width = max(1, *map(len, encoded))
        letters = np.frombuffer(b"".join(word.ljust(width, b"\0") for word in encoded), f"V{width}")
        return cls(letters, np.array([len(word) for word in encoded], np.int32))


Part = tuple[WordTable, npt.NDArray[np.integer]]
"""Words, and for each cell the number of its word."""


def concat_words(parts: Sequence[Part]) -> pa.Array:
    """Text, shape (n,): cell i is the concatenation of the words numbered `numbers[i]` of each part. No word has a zero
    byte.
    """
    n = len(parts[0][1])
    cells = np.empty(min(n, _CELLS), [(str(i), pieces.letters.dtype) for i, (pieces, _) in enumerate(parts)])
    lengths, found = np.zeros(n, np.int32), [np.empty(0, np.uint8)]
    for start in range(0, n, _CELLS):
        some = slice(start, start + _CELLS)
        here = cells[: n - start]
        for i, (pieces, numbers) in enumerate(parts):
            here[str(i)] = pieces.letters.take(numbers[some])
            lengths[some] += pieces.lengths.take(numbers[some])
        found.append(_without_zeros(here.view(np.uint8)))
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return strings(np.concatenate(found), offsets)


def _without_zeros(padded: Bytes) -> Bytes:
    """The non-zero bytes, in order. Arrow's filter takes a quarter of the time of numpy's."""
    keep = pa.py_buffer(np.packbits(padded != 0, bitorder="little"))
    filtered = arrow_compute.call_function(
        "array_filter",
        [
            pa.Array.from_buffers(pa.uint8(), len(padded), [None, pa.py_buffer(padded)]),
            pa.Array.from_buffers(pa.bool_(), len(padded), [None, keep]),
        ],
    )
    return np.frombuffer(filtered.buffers()[1], np.uint8)[: len(filtered)] if len(filtered) else padded[:0]


def digits(numbers: Ints) -> list[Part]:
    """The parts of the decimal digits of integers from 0, shape (n,): the first of up to three digits, the others of
    three.
    """
    parts: list[Part] = []
    while not parts or numbers.any():
        higher = numbers // _GROUP
        spelled = numbers - higher * _GROUP  # `%` would take twice as long
        spelled += (higher > 0) * np.int64(_GROUP)
        if parts:
            spelled[numbers == 0] = 2 * _GROUP
        parts.insert(0, (_groups(), spelled))
        numbers = higher
    return parts


@cache
def _groups() -> WordTable:
    """Groups of digits: at the start of a number, in its middle, and none."""
    return WordTable.of([*map(str, range(_GROUP)), *(f"{i:03}" for i in range(_GROUP)), ""])


def buffers(array: pa.Array) -> tuple[Bytes, Offsets]:
    """The bytes and offsets (from 0, shape (n + 1,)) of an Arrow string array, also of a slice."""
    _, ends, data = array.buffers()
    offsets = (
        np.frombuffer(ends, np.int32)[array.offset : array.offset + len(array) + 1] if ends else np.zeros(1, np.int32)
    )
    first, last = int(offsets[0]), int(offsets[-1])
    content = np.frombuffer(data, np.uint8)[first:last] if data else np.empty(0, np.uint8)
    return content, offsets - offsets[0] if first else offsets


def ascii_fold(array: pa.Array, separators: Bytes, digits: bool) -> pa.Array:
    """Lower-case ASCII of names, shape (n,): accents dropped, the rest reduced to letters and (with `digits`) digits.

    A space or hyphen within cell i becomes the character `separators[i]`, or nothing if that is 0. Scripts other than
    Latin are dropped.
    """
    data, offsets = buffers(array)
    plain = _plain(data, digits)
    spaces = np.flatnonzero((data == _SPACE) | (data == _HYPHEN))
    plain[spaces] = separators[np.searchsorted(offsets, spaces, side="right") - 1]
    if data.size and data.max() >= 0x80:
        _fold_latin(data, plain)
    dropped = np.flatnonzero(plain == 0)
    if not dropped.size:
        return strings(plain, offsets)
    return strings(plain[plain != 0], offsets - np.searchsorted(dropped, offsets).astype(np.int32))


def _plain(data: Bytes, digits: bool) -> Bytes:
    """Lower-case letters, digits if `digits`, and 0 for every other byte; vector arithmetic is faster than a table."""
    lower = data | np.uint8(0x20)
    lower *= (lower - np.uint8(ord("a"))) < 26
    return lower + data * ((data - np.uint8(ord("0"))) < 10) if digits else lower


def _fold_latin(data: Bytes, plain: Bytes) -> None:
    """Write the folded form of every two-byte character over its two bytes in `plain`; 0 means dropped."""
    leads = np.flatnonzero((data >= 0xC0) & (data < 0xE0))
    points = ((data[leads] & 0x1F).astype(np.int64) << 6) | (data[leads + 1] & 0x3F)
    table = _latin_table()
    plain[leads], plain[leads + 1] = table[points, 0], table[points, 1]


@cache
def _latin_table() -> Bytes:
    """Code point of two UTF-8 bytes to at most two ASCII letters, shape (0x800, 2)."""
    table = np.zeros((_TWO_BYTES, 2), np.uint8)
    for code in range(0x80, _LATIN_END):
        character = chr(code).lower()
        base = _LATIN.get(character, unicodedata.normalize("NFKD", character)[0])
        if base.isascii() and base.isalpha():
            table[code, : len(base)] = np.frombuffer(base.encode(), np.uint8)
    return table
