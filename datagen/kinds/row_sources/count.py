"""A fixed number of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Ints, Words
from datagen.kinds.row_sources.base import Roots, RowSource, scaled
from datagen.scope import Scope


class Count(RowSource):
    """A fixed number of rows, present at all times. `"rows": 2000` is short for it."""

    root: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "stock",
            "tables": {"products": {"rows": {"type": "count", "count": 5}, "columns": {"product_id": {"type": "key"}}}},
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "fixed",
        "number",
        "constant",
        "rows",
        "size",
    )
    type: Literal["count"] = "count"
    count: int = Field(ge=0, le=10**13, description="number of rows")

    @property
    def none(self) -> bool:
        return self.count == 0

    def bind(self, scope: Scope, scale: float) -> Roots:
        return _FixedRows(scaled(self.count, scale))


@dataclass(frozen=True, slots=True)
class _FixedRows:
    total: int

    def attributes(self, index: Ints, ids: Words) -> dict[str, Column]:
        return {}

    def existing(self, times: Ints) -> Ints:
        return np.full(len(times), self.total, np.int64)
