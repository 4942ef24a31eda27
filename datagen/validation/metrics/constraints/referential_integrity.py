"""Foreign keys resolve: to the parent, an ancestor, or a row of another table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Rows
from datagen.columnar.cell_hashes import cell_hashes
from datagen.declarations.constraints import AncestorKeyDeclaration, ForeignKeyDeclaration, ParentKeyDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, Violations, present
from datagen.validation.metrics.registry import judges


@judges(ParentKeyDeclaration)
@dataclass(frozen=True, eq=False)
class ParentKeyResolves(Constraint, ParentKeyDeclaration):
    """Every row has a parent row in `parent`."""

    name: ClassVar[str] = "ReferentialIntegrity"

    @property
    def message(self) -> str:
        return f"have no row in '{self.parent}'"

    def violations(self, part: Slice) -> Violations | None:
        if part.block(self.table) is None:
            return None
        return Violations(part.size(self.table), part.orphans(self.table))


@judges(AncestorKeyDeclaration)
@dataclass(frozen=True, eq=False)
class AncestorKey(Constraint, AncestorKeyDeclaration):
    """The key of an ancestor equals that of the parent's own ancestor."""

    name: ClassVar[str] = "ReferentialIntegrity"

    @property
    def message(self) -> str:
        return f"refer to another row of '{self.ancestor}' than their parent"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        rows = Rows(block)
        own, above = rows.column(self.column or ""), rows.column(f"{self.ancestor}.{self.key}")
        same = cell_hashes(own) == cell_hashes(above)
        return len(block), ~same | ~present(own.valid, len(block))


@judges(ForeignKeyDeclaration)
@dataclass(frozen=True, eq=False)
class ReferredKey(Constraint, ForeignKeyDeclaration):
    """Every non-null cell is the key of a row of `target`, in its column `key`."""

    name: ClassVar[str] = "ReferentialIntegrity"

    @property
    def message(self) -> str:
        return f"have no row in '{self.target}'"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        keys = Rows(block).column(self.column or "")
        there = present(keys.valid, len(keys))
        found = part.referred(self.target, self.key, keys, self.key)
        return int(np.count_nonzero(there)), there & ~present(found.valid, len(keys))
