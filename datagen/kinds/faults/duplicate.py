"""Duplicate rows, exact or nearly so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.faults.base import CellFault, Fault
from datagen.kinds.faults.support.examples import people

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Duplicate(Fault):
    """Writes rows again, each copy right after its row. `changes` are faults of the copies, for near duplicates."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        people({"type": "duplicate", "rate": 0.02}),
        people(
            {"type": "duplicate", "rate": 0.02, "changes": [{"type": "typo", "columns": ["name"], "rate": 1}]},
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("duplicates", "duplicated", "near_duplicate", "copy", "repeated")
    type: Literal["duplicate"] = "duplicate"
    copies: int = Field(default=1, ge=1, le=100, description="number of additional copies of each row")
    changes: tuple[Fault, ...] = Field(default=(), description="faults of the copies")

    @property
    def repeats(self) -> int:
        return self.copies

    @property
    def of_copies(self) -> tuple[Fault, ...]:
        return self.changes

    def column_problems(self, scope: Scope) -> Iterator[Problem]:
        for index, change in enumerate(self.changes):
            here = scope.at("changes", index)
            if not isinstance(change, CellFault) or change.added():
                yield here.problem(
                    "conflict", f"a copy cannot have the fault '{change.type}'", "use one for single cells"
                )
                continue
            yield from change.problems(here)
