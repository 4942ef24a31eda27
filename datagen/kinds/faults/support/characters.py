"""Text as a matrix of code points, to change single characters of many cells at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datagen.columnar.block import TEXT, Column, Ints, Words
from datagen.columnar.text import buffers, strings
from datagen.random.streams import in_chunks

Points = npt.NDArray[np.uint32]
Edit = Callable[["Characters", Words], None]
CELLS = 8192
"""Cells that are edited at once."""


@dataclass(slots=True, eq=False)
class Characters:
    """Cells of text: `points` are their code points, shape (n, width), 0 after the end; `lengths` has shape (n,)."""

    points: Points
    lengths: Ints

    @classmethod
    def of(cls, cells: pa.Array, spare: int = 1) -> Characters:
        """The characters of n cells, with room for `spare` more in each."""
        data, offsets = buffers(cells)
        begins = (data & 0xC0) != 0x80
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(begins)])
        starts, stops = before[offsets[:-1]], before[offsets[1:]]
        lengths = stops - starts
        points = np.zeros((len(lengths), int(lengths.max(initial=0)) + spare), np.uint32)
        row = np.repeat(np.arange(len(lengths)), lengths)
        points[row, np.arange(len(row)) - starts[row]] = _decoded(data, np.flatnonzero(begins))
        return cls(points, lengths)

    def text(self) -> pa.Array:
        """The cells as an Arrow string array."""
        inside = np.arange(self.points.shape[1]) < self.lengths[:, None]
        encoded, sizes = _encoded(self.points[inside])
        ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        return strings(encoded, ends[np.concatenate([np.zeros(1, np.int64), np.cumsum(self.lengths)])])

    def remove(self, rows: Ints, at: Ints) -> None:
        """Remove the character at one position of each of these rows."""
        columns = np.arange(self.points.shape[1] - 1)
        shifted = np.where(columns >= at[:, None], self.points[rows, 1:], self.points[rows, :-1])
        self.points[rows, :-1] = shifted
        self.lengths[rows] -= 1

    def insert(self, rows: Ints, at: Ints, points: Points) -> None:
        """Insert a character before one position of each of these rows; the matrix must have room."""
        columns = np.arange(1, self.points.shape[1])
        moved = np.where(columns > at[:, None], self.points[rows, :-1], self.points[rows, 1:])
        self.points[rows, 1:] = moved
        self.points[rows, at] = points
        self.lengths[rows] += 1


def edited(cells: Column, words: Words, edit: Edit, spare: int = 1) -> Column:
    """The cells of a text column after `edit`, which gets some of them at a time with a random word each."""
    texts = cells.texts
    parts = []
    for some in in_chunks(len(texts), CELLS):
        characters = Characters.of(texts.slice(some.start, some.stop - some.start), spare)
        edit(characters, words[some])
        parts.append(characters.text())
    return Column(TEXT, pa.concat_arrays(parts) if parts else texts, cells.valid)


def _decoded(data: npt.NDArray[np.uint8], starts: Ints) -> Points:
    """The code points of the UTF-8 characters that begin at these bytes."""
    lead = data[starts].astype(np.uint32)
    size = 1 + (lead >= 0xC0).astype(np.int64) + (lead >= 0xE0) + (lead >= 0xF0)
    points = np.where(size == 1, lead, lead & (0x7F >> size).astype(np.uint32))
    for extra in range(1, 4):
        more = np.flatnonzero(size > extra)
        points[more] = (points[more] << 6) | (data[starts[more] + extra] & 0x3F)
    return points


def _encoded(points: Points) -> tuple[npt.NDArray[np.uint8], Ints]:
    """The UTF-8 bytes of code points, and how many each takes."""
    sizes = 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
    ends = np.cumsum(sizes)
    data = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    rest = points.copy()
    for back in range(3):  # the bytes after the first one, from the last backwards
        more = np.flatnonzero(sizes > back + 1)
        data[ends[more] - 1 - back] = 0x80 | (rest[more] & 0x3F)
        rest[more] >>= 6
    lead = np.array([0, 0, 0xC0, 0xE0, 0xF0], np.uint32)[sizes]
    data[ends - sizes] = lead | rest
    return data, sizes
