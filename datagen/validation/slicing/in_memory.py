"""A slice of blocks in memory, for `generate --validate`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from datagen.columnar.block import INT, Block, Column, Ints
from datagen.columnar.to_arrow import table as as_arrow
from datagen.engine.program import Program
from datagen.kinds.generators.support.column_lookup import key_start
from datagen.planning.plan import Plan
from datagen.validation.inputs.cast import FITS, NOWHERE
from datagen.validation.metrics.base import TypeMismatch


class BlockSlice:
    """The blocks of one family. Implements `datagen.validation.metrics.base.Slice`; its cells have the declared types,
    and no row is orphaned.
    """

    def __init__(self, program: Program, plan: Plan, made: Mapping[str, Block]) -> None:
        self._program, self._plan, self._made = program, plan, made

    def block(self, table: str) -> Block | None:
        return self._made.get(table)

    def orphans(self, table: str) -> Ints:
        return NOWHERE

    def arrow(self, table: str) -> pa.Table:
        return as_arrow(self._made[table], self._clean(table))

    def names(self, table: str) -> tuple[str, ...]:
        return tuple(self._clean(table).names) if table in self._made else ()

    def _clean(self, table: str) -> pa.Schema:
        planned = self._plan.tables[table]
        return planned.schema if planned.clean is None else planned.clean

    def damage(self, table: str) -> pa.Table | None:
        return self._program.faults[table].apply(self._made[table])[1] if table in self._made else None

    def size(self, table: str) -> int:
        return len(self._made[table]) if table in self._made else 0

    def type_mismatch(self, table: str, column: str) -> TypeMismatch:
        return FITS

    def referred(self, table: str, column: str, keys: Column, by: str | None = None) -> Column:
        if by is not None and self._program.model.tables[table].columns[by].type != "key":
            return keys  # a copy of the key of the chosen row
        start, rows = key_start(self._program.model.column(table, column), table), self._program.rows_in(table)
        if not rows:
            return Column(INT, np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_))
        index = keys.data - start
        there = (index >= 0) & (index < rows)
        if keys.valid is not None:
            there &= keys.valid
        return self._program.recomputed(table, column)(index * there).where(there)
