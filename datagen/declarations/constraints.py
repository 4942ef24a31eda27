"""Constraints: exact rules that every row of a table keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from datagen.columnar.block import Bools, Column, Ints, Rows
from datagen.columnar.row_time import births_above
from datagen.declarations.base import Declaration

Bound = Callable[[Rows], "Ints | Column | None"]
"""A moment for each row: int64 microseconds, shape (n,), or values of which some may be missing; None where nothing is known."""


@dataclass(frozen=True, eq=False)
class ConstraintDeclaration(Declaration):
    """A rule for the cells of one column, or for whole rows."""

    column: str | None = None


@dataclass(frozen=True, eq=False)
class RangeDeclaration(ConstraintDeclaration):
    """Cells from `low` to `high`, both included, rounded to the column's decimals; microseconds and days for times.

    `open_end` leaves `high` itself out. `range` is the range in words.
    """

    low: float | None = None
    high: float | None = None
    range: str = ""
    open_end: bool = False


@dataclass(frozen=True, eq=False)
class AllowedValuesDeclaration(ConstraintDeclaration):
    """Every cell that is there is one of `values`: words of a category or of text, or data of any other type."""

    values: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class PatternDeclaration(ConstraintDeclaration):
    """Every cell matches a regular expression (RE2 syntax). `what` names the pattern in words."""

    regex: str = ""
    what: str = ""


@dataclass(frozen=True, eq=False)
class MultipleDeclaration(ConstraintDeclaration):
    """Cells, in minor units, are multiples of `unit`, or have one of the `endings` within it."""

    unit: int = 1
    endings: tuple[int, ...] = (0,)


@dataclass(frozen=True, eq=False)
class DerivedColumnDeclaration(ConstraintDeclaration):
    """Each cell equals what `fill` gives for its row. With `may_miss`, cells may be missing all the same.

    `slack` is how far whole numbers (minor units) may be off: 1 where rounding a float decides the last digit.
    """

    fill: Callable[[Rows], Column] = lambda rows: rows.column("")
    what: str = ""
    may_miss: bool = False
    slack: int = 0


@dataclass(frozen=True, eq=False)
class NullWhereDeclaration(ConstraintDeclaration):
    """Rows where `nothing` (bool, shape (n,)) holds have no cell. `where` is the condition in words."""

    nothing: Callable[[Rows], Bools] = lambda rows: np.zeros(len(rows), np.bool_)
    where: str = ""


@dataclass(frozen=True, eq=False)
class NotNullWhereDeclaration(NullWhereDeclaration):
    """Rows where `nothing` does not hold, so that there must be something, have a cell."""


@dataclass(frozen=True, eq=False)
class NotBeforeDeclaration(ConstraintDeclaration):
    """No cell lies before `bound` of its row, which is called `what`."""

    bound: Bound = births_above
    what: str = ""


@dataclass(frozen=True, eq=False)
class BeforeDeclaration(NotBeforeDeclaration):
    """Every cell lies before `bound` of its row."""


@dataclass(frozen=True, eq=False)
class ExistingThenDeclaration(ConstraintDeclaration):
    """The row of `target` that a key points to came to be (column `moment`) no later than the column `at` says."""

    target: str = ""
    moment: str = ""
    at: str = ""


@dataclass(frozen=True, eq=False)
class ParentKeyDeclaration(ConstraintDeclaration):
    """Every row has a row of `parent` above it."""

    parent: str = ""


@dataclass(frozen=True, eq=False)
class AncestorKeyDeclaration(ConstraintDeclaration):
    """The key of an ancestor further up is that of the parent's own ancestor."""

    ancestor: str = ""
    key: str = ""


@dataclass(frozen=True, eq=False)
class ForeignKeyDeclaration(ConstraintDeclaration):
    """Every key that is there is the key of a row of `target`, whose key column is `key`."""

    target: str = ""
    key: str = ""


@dataclass(frozen=True, eq=False)
class DistinctReferencesDeclaration(ConstraintDeclaration):
    """The rows of one parent refer to different rows."""


@dataclass(frozen=True, eq=False)
class EarlierReferenceDeclaration(ConstraintDeclaration):
    """A table that refers to itself refers to rows before: their keys in `key` are smaller."""

    key: str = ""


@dataclass(frozen=True, eq=False)
class SharedAncestorDeclaration(ConstraintDeclaration):
    """The row that is referred to, of `target` with key `key`, hangs below the same row of `ancestor`."""

    target: str = ""
    key: str = ""
    ancestor: str = ""


@dataclass(frozen=True, eq=False)
class ChildCountDeclaration(ConstraintDeclaration):
    """Rows of `table` have from `low` to `high` rows of `child` below them; `or_none` allows for parents without any."""

    child: str = ""
    low: int = 0
    high: int | None = None
    or_none: bool = False


@dataclass(frozen=True, eq=False)
class NameMatchDeclaration(ConstraintDeclaration):
    """What stands before the @ has the letters of the name in `source`, in lower-case ASCII, whatever stands between them.

    `nobody` stands for a name that has no Latin letter.
    """

    source: str = ""
    nobody: str = ""


@dataclass(frozen=True, eq=False)
class ConditionalDeclaration(ConstraintDeclaration):
    """Another constraint of the same table, for the rows that `rows` picks (bool, shape (n,)). `where` says which, in words."""

    constraint: ConstraintDeclaration = field(default_factory=lambda: ConstraintDeclaration(""))
    rows: Callable[[Rows], Bools] = lambda rows: np.ones(len(rows), np.bool_)
    where: str = ""


@dataclass(frozen=True, eq=False)
class UniqueDeclaration(Declaration):
    """The cells of `columns`, taken together, are all different; missing ones are left out."""

    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class KeyRangeDeclaration(Declaration):
    """The integers of `column` follow each other from `start` on."""

    column: str
    start: int = 1
