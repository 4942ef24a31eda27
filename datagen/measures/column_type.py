"""The cells of a column are of the declared type."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.measures.base import Slice
from datagen.measures.gates import Faults, Gate, Looked


@dataclass(frozen=True, eq=False)
class ColumnType(Gate):
    """In the files, every cell can be read as `declared`, and the column as a whole is of such a type."""

    declared: str = ""
    name: ClassVar[str] = "ColumnType"

    @property
    def said(self) -> str:
        return f"are not of type {self.declared}"

    def observe(self, part: Slice) -> Faults | None:
        assert self.column is not None
        if not part.names(self.table):
            return None
        misfit, rows = part.misfit(self.table, self.column), part.size(self.table)
        if not misfit.said:
            return Faults(rows, 0)
        if len(misfit.at):
            return Faults(rows, len(misfit.at), self._shown(part, misfit.at[:5]))
        return Faults(rows, rows, (json.dumps({self.column: misfit.said}),))

    def look(self, part: Slice) -> Looked | None:
        return Looked(0, np.zeros(0, np.int64))
