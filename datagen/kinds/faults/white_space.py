"""Stray white space: before, after or within text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import Column, Rows, Words
from datagen.kinds.faults.base import TextFault
from datagen.kinds.faults.support.characters import Characters, edited
from datagen.kinds.faults.support.examples import people

if TYPE_CHECKING:
    from datagen.scope import Scope

_SPACES = np.array([ord(" "), ord(" "), ord("\t"), 0xA0], np.uint32)
"""The inserted character: a space in half of the cells, else a tab or a no-break space."""


class WhiteSpace(TextFault):
    """Puts a space, a tab or a no-break space before the text or after it."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        people({"type": "white_space", "columns": ["name", "city"], "rate": 0.05}),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("whitespace", "padding", "trailing_space", "leading_space", "untrimmed")
    type: Literal["white_space"] = "white_space"

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        stream = scope.stream("space")
        return lambda rows, cells: edited(cells, stream.words(rows.ids), _pad)


def _pad(cells: Characters, words: Words) -> None:
    rows = np.arange(len(cells.lengths))
    at = np.where(words & np.uint64(1), cells.lengths, 0)
    cells.insert(rows, at, _SPACES[(words >> np.uint64(1)) & np.uint64(3)])
