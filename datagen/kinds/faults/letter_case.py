"""Wrong letter case: text in capitals, in small letters, or with both swapped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar import arrow_compute
from datagen.columnar.block import TEXT, Column, Rows
from datagen.kinds.faults.base import TextFault
from datagen.kinds.faults.support.examples import people

if TYPE_CHECKING:
    from datagen.scope import Scope

_FUNCTIONS = {"upper": "utf8_upper", "lower": "utf8_lower", "swap": "utf8_swapcase"}


class LetterCase(TextFault):
    """Writes text in capitals, in small letters, or with the case of each letter swapped."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        people({"type": "letter_case", "columns": ["city"], "rate": 0.1, "to": "upper"}),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("case", "upper", "lower", "capitals", "casing")
    type: Literal["letter_case"] = "letter_case"
    to: Literal["upper", "lower", "swap"] = Field(default="upper", description="the case that is written")

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        function = _FUNCTIONS[self.to]
        return lambda _rows, cells: Column(TEXT, arrow_compute.call_function(function, [cells.texts]), cells.valid)
