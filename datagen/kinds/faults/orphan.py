"""Orphans: foreign keys without a referenced row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import TEXT, Column, Rows, Type
from datagen.columnar.text import WordTable, concat_words
from datagen.kinds.faults.base import CellFault, ColumnShape
from datagen.kinds.faults.support.examples import visits

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

_ABSENT = 900_000_000_000_000
"""Keys from here on are beyond the rows of any table."""
_MANY = 1_000_000


class Orphan(CellFault):
    """Replaces foreign keys by keys that no row has, as if the row they led to had been deleted."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        visits({"type": "orphan", "columns": ["person_id"], "rate": 0.01}),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("orphans", "dangling", "broken_reference", "foreign_key")
    type: Literal["orphan"] = "orphan"

    def shape(self, column: str, before: ColumnShape) -> ColumnShape:
        return ColumnShape(TEXT if before.type.textual else before.type, before.nullable)

    def type_problems(self, scope: Scope, column: str, type_: Type) -> Iterator[Problem]:
        if scope.table.columns[column].role not in ("parent_key", "reference"):
            yield scope.problem("type", f"column '{column}' is not a foreign key", "name a reference or a parent_key")

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        stream = scope.stream("key")

        def lost(rows: Rows, cells: Column) -> Column:
            numbers = (stream.words(rows.ids) % np.uint64(_MANY)).astype(np.int64)
            if not cells.type.textual:
                return Column(cells.type, _ABSENT + numbers, cells.valid)
            head = WordTable.of(["deleted-"])
            texts = concat_words(
                [(head, np.zeros(len(rows), np.int64)), (_numbered(), numbers // 1000), (_numbered(), numbers % 1000)]
            )
            return Column(TEXT, texts, cells.valid)

        return lost


@cache
def _numbered() -> WordTable:
    return WordTable.of([f"{number:03}" for number in range(1000)])
