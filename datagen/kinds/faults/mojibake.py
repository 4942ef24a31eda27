"""Encoding damage: UTF-8 that was read as Latin-1."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import TEXT, Column, Rows
from datagen.columnar.text import buffers, strings
from datagen.kinds.faults.base import TextFault
from datagen.kinds.faults.support.examples import people

if TYPE_CHECKING:
    from datagen.scope import Scope


class Mojibake(TextFault):
    """Text as if its UTF-8 bytes had been read as Latin-1 (`Malmö` becomes `MalmÃ¶`); pure ASCII stays as it is."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (people({"type": "mojibake", "columns": ["city"], "rate": 0.2}),)
    synonyms: ClassVar[tuple[str, ...]] = ("encoding", "charset", "utf8", "latin1", "unicode")
    type: Literal["mojibake"] = "mojibake"

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        return lambda _rows, cells: _misread(cells)


def _misread(cells: Column) -> Column:
    """Each byte as the character of that number: those from 128 on take two bytes in UTF-8."""
    data, offsets = buffers(cells.texts)
    high = data >= 0x80
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(1 + high)])
    made = np.zeros(int(ends[-1]), np.uint8)
    made[ends[1:] - 1] = np.where(high, 0x80 | (data & 0x3F), data)
    made[ends[:-1][high]] = 0xC0 | (data[high] >> 6)
    return Column(TEXT, strings(made, ends[offsets]), cells.valid)
