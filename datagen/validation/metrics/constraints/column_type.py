"""The cells of a column are of the declared type."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, ViolationCount, Violations


@dataclass(frozen=True, eq=False)
class ColumnType(Constraint):
    """Every cell in the files can be read as `declared`, and the column has a compatible type."""

    declared: str = ""
    name: ClassVar[str] = "ColumnType"

    @property
    def message(self) -> str:
        return f"are not of type {self.declared}"

    def observe(self, part: Slice) -> ViolationCount | None:
        assert self.column is not None
        if not part.names(self.table):
            return None
        type_mismatch, rows = part.type_mismatch(self.table, self.column), part.size(self.table)
        if not type_mismatch.message:
            return ViolationCount(rows, 0)
        if len(type_mismatch.at):
            return ViolationCount(rows, len(type_mismatch.at), self._shown(part, type_mismatch.at[:5]))
        return ViolationCount(rows, rows, (json.dumps({self.column: type_mismatch.message}),))

    def violations(self, part: Slice) -> Violations | None:
        return Violations(0, np.zeros(0, np.int64))
