"""References point to rows that the schema allows: `distinct`, `within`, earlier, matching, or valid at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Ints, Rows
from datagen.declarations.constraints import (
    DistinctReferencesDeclaration,
    EarlierReferenceDeclaration,
    OtherReferenceDeclaration,
    SameValueDeclaration,
    SharedAncestorDeclaration,
    ValidReferenceDeclaration,
)
from datagen.errors import Absent
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present, same_cells
from datagen.validation.metrics.registry import judges


@judges(DistinctReferencesDeclaration)
@dataclass(frozen=True, eq=False)
class DistinctBelow(Constraint, DistinctReferencesDeclaration):
    """The rows of one parent refer to different rows."""

    name: ClassVar[str] = "DistinctReferences"

    @property
    def message(self) -> str:
        return "refer to the same row as another row of the same parent"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        keys, wrong = block.columns[self.column or ""], np.zeros(len(block), np.bool_)
        if block.parent_row is None:
            return 0, wrong
        there = np.flatnonzero(present(keys.valid, len(block)))
        order = there[np.lexsort((keys.data[there], block.parent_row[there]))]
        again = (np.diff(keys.data[order]) == 0) & (np.diff(block.parent_row[order]) == 0)
        wrong[order[1:][again]] = True
        return len(there), wrong


@judges(EarlierReferenceDeclaration)
@dataclass(frozen=True, eq=False)
class EarlierRow(Constraint, EarlierReferenceDeclaration):
    """A table that refers to itself refers to earlier rows: with smaller keys in `key`, or with an earlier time in
    `moment`.
    """

    name: ClassVar[str] = "EarlierReferences"

    @property
    def message(self) -> str:
        return "refer to themselves or to a later row"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        keys = block.columns[self.column or ""]
        there, own = present(keys.valid, len(block)), block.columns[self.key].data
        if self.moment is None:
            return int(np.count_nonzero(there)), there & (keys.data >= own)
        at, then = block.columns[self.moment], part.referred(self.table, self.moment, keys)
        there &= present(at.valid, len(block)) & present(then.valid, len(block))
        return int(np.count_nonzero(there)), there & ((then.data > at.data) | (keys.data == own))


@judges(SharedAncestorDeclaration)
@dataclass(frozen=True, eq=False)
class SharedAncestor(Constraint, SharedAncestorDeclaration):
    """The referenced row of `target` with key `key` is below the same row of `ancestor`."""

    name: ClassVar[str] = "SharedAncestor"

    @property
    def message(self) -> str:
        return f"refer to a row of '{self.target}' below another row of '{self.ancestor}'"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        other = part.block(self.target)
        if other is None:
            raise Absent(f"table '{self.target}' is missing")
        keys = block.columns[self.column or ""]
        there = present(keys.valid, len(block))
        own = other.columns[self.key].data
        order = np.argsort(own, kind="stable")
        at = (
            order[np.minimum(np.searchsorted(own[order], keys.data), len(own) - 1)]
            if len(own)
            else np.zeros(0, np.int64)
        )
        if not len(own):
            return int(np.count_nonzero(there)), there
        same = _above(other, at, self.ancestor) == _above(block, np.arange(len(block)), self.ancestor)
        return int(np.count_nonzero(there)), there & ~(same & (own[at] == keys.data))


def _above(block: Block, at: Ints, ancestor: str) -> Ints:
    """The positions of the ancestors of these rows."""
    rows = Rows(block, at).above(ancestor)
    assert rows.at is not None
    return rows.at


@judges(SameValueDeclaration)
@dataclass(frozen=True, eq=False)
class SameValue(Constraint, SameValueDeclaration):
    """The row of `target` that a key points to has the same cell in `there` as the own row has in `here`."""

    name: ClassVar[str] = "SameValue"

    @property
    def message(self) -> str:
        return f"point to a row of '{self.target}' with another '{self.there}' than '{self.here}'"

    @property
    def subject(self) -> str:
        return self.there

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        keys, own = block.columns[self.column or ""], Rows(block).column(self.here)
        there = part.referred(self.target, self.there, keys)
        known = present(keys.valid, len(block)) & present(own.valid, len(block)) & present(there.valid, len(block))
        return int(np.count_nonzero(known)), known & ~same_cells(own, there)


@judges(OtherReferenceDeclaration)
@dataclass(frozen=True, eq=False)
class OtherReference(Constraint, OtherReferenceDeclaration):
    """A key points to another row than the key in `other`."""

    name: ClassVar[str] = "OtherReference"

    @property
    def message(self) -> str:
        return f"point to the same row as '{self.other}'"

    @property
    def subject(self) -> str:
        return self.other

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        keys, other = block.columns[self.column or ""], Rows(block).column(self.other)
        known = present(keys.valid, len(block)) & present(other.valid, len(block))
        return int(np.count_nonzero(known)), known & (keys.data == other.data)


@judges(ValidReferenceDeclaration)
@dataclass(frozen=True, eq=False)
class ValidReference(Constraint, ValidReferenceDeclaration):
    """The row of `target` that a key points to is valid at the moment in `at`; a missing end is open."""

    name: ClassVar[str] = "ValidReference"

    @property
    def message(self) -> str:
        return f"point to a row of '{self.target}' that is not valid at '{self.at}'"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        keys, at = block.columns[self.column or ""], Rows(block).column(self.at)
        begins, ends = (part.referred(self.target, name, keys) for name in (self.begins, self.ends))
        known = present(keys.valid, len(block)) & present(at.valid, len(block)) & present(begins.valid, len(block))
        over = present(ends.valid, len(block)) & (at.data >= ends.data)
        return int(np.count_nonzero(known)), known & ((at.data < begins.data) | over)
