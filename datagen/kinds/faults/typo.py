"""Typing errors: a neighboring key, a swapped pair, a missing or a doubled character."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from datagen.columnar.block import Column, Ints, Rows, Words
from datagen.kinds.faults.base import TextFault
from datagen.kinds.faults.support.characters import Characters, edited
from datagen.kinds.faults.support.examples import people

if TYPE_CHECKING:
    from datagen.scope import Scope

_KEYBOARD = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
"""Rows of the keys of a US keyboard; each row is half a key to the right of the one above."""
_MOST_NEIGHBORS = 6
SUBSTITUTE, TRANSPOSE, OMIT, DOUBLE = range(4)


def _neighbors() -> npt.NDArray[np.uint32]:
    """For each ASCII character its neighbouring keys, repeated to fill the row, (128, 6); itself if it has none."""
    table = np.repeat(np.arange(128, dtype=np.uint32)[:, None], _MOST_NEIGHBORS, axis=1)
    where = {key: (row, place) for row, keys in enumerate(_KEYBOARD) for place, key in enumerate(keys)}
    for key, (row, place) in where.items():
        beside = [
            (row, place - 1),
            (row, place + 1),
            (row - 1, place),
            (row - 1, place + 1),
            (row + 1, place - 1),
            (row + 1, place),
        ]
        keys = [ord(other) for other, at in where.items() if at in beside]
        table[ord(key)] = np.resize(keys, _MOST_NEIGHBORS)
        table[ord(key.upper())] = np.resize([ord(chr(k).upper()) for k in keys], _MOST_NEIGHBORS)
    return table


_NEIGHBORS = _neighbors()


class Typo(TextFault):
    """One typing error per cell: half of them a neighboring key, the others a swap, an omission or a
    doubled character.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (people({"type": "typo", "columns": ["name"], "rate": 0.05}),)
    synonyms: ClassVar[tuple[str, ...]] = ("typos", "misspelling", "keyboard", "spelling")
    type: Literal["typo"] = "typo"

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        stream = scope.stream("typo")
        return lambda rows, cells: edited(cells, stream.words(rows.ids), _mistype)


def _mistype(cells: Characters, words: Words) -> None:
    """Make one error in each cell that is not empty: the word of the cell says which, where, and the
    key that was hit.
    """
    rows = np.flatnonzero(cells.lengths > 0)
    word = words[rows]
    kind = (word & np.uint64(7)).astype(np.int64)
    kind = np.where(kind < 4, SUBSTITUTE, kind % 4)  # 4 is a substitution too; 5, 6, 7 are the others
    at = ((word >> np.uint64(16)) % cells.lengths[rows].astype(np.uint64)).astype(np.int64)
    key = ((word >> np.uint64(3)) % np.uint64(_MOST_NEIGHBORS)).astype(np.int64)
    alone = cells.lengths[rows] < 2
    kind = np.where(alone & ((kind == TRANSPOSE) | (kind == OMIT)), DOUBLE, kind)
    _substitute(cells, rows[kind == SUBSTITUTE], at[kind == SUBSTITUTE], key[kind == SUBSTITUTE])
    _transpose(cells, rows[kind == TRANSPOSE], at[kind == TRANSPOSE])
    cells.remove(rows[kind == OMIT], at[kind == OMIT])
    double, place = rows[kind == DOUBLE], at[kind == DOUBLE]
    cells.insert(double, place, cells.points[double, place])


def _substitute(cells: Characters, rows: Ints, at: Ints, key: Ints) -> None:
    before = cells.points[rows, at]
    cells.points[rows, at] = np.where(before < 128, _NEIGHBORS[np.minimum(before, 127), key], before)


def _transpose(cells: Characters, rows: Ints, at: Ints) -> None:
    first = np.minimum(at, cells.lengths[rows] - 2)
    cells.points[rows, first], cells.points[rows, first + 1] = cells.points[rows, first + 1], cells.points[rows, first]
