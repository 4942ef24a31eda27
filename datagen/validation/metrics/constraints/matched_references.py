"""References point to rows that columns allow: of the same value, another row than another reference, valid at a
moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Rows, as_numpy
from datagen.declarations.constraints import (
    OtherReferenceDeclaration,
    SameValueDeclaration,
    ValidReferenceDeclaration,
)
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


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
        return int(np.count_nonzero(known)), known & ~_same(own, there)


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


def _same(one: Column, other: Column) -> Bools:
    """Which cells are equal, texts by what they say."""
    if not one.type.textual:
        equal: Bools = one.data == other.data
        return equal
    import pyarrow.compute as pc  # start-up

    found: Bools = as_numpy(pc.equal(one.texts, other.texts).fill_null(fill_value=False))
    return found
