"""Truncated text: only the first characters are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Rows, Words
from datagen.kinds.faults.base import TextFault
from datagen.kinds.faults.support.characters import Characters, edited
from datagen.kinds.faults.support.examples import people

if TYPE_CHECKING:
    from datagen.scope import Scope


class Truncated(TextFault):
    """Cuts text after a number of characters."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        people({"type": "truncated", "columns": ["name"], "rate": 0.1, "length": 8}),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("truncate", "cut", "clipped")
    type: Literal["truncated"] = "truncated"
    length: int = Field(ge=0, le=10_000, description="number of characters that are kept")

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        def cut(cells: Characters, _words: Words) -> None:
            np.minimum(cells.lengths, self.length, out=cells.lengths)

        return lambda rows, cells: edited(cells, rows.ids, cut)
