"""Constraints: exact rules for every row of a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any

import numpy as np

from datagen.columnar.block import Bools, Column, Ints, Rows
from datagen.columnar.row_time import births_above
from datagen.declarations.base import Declaration

Bound = Callable[[Rows], "Ints | Column | None"]
"""A time for each row: int64 microseconds, shape (n,), or nullable values; None if unknown."""


class ConstraintDeclaration(Declaration):
    """A rule for the cells of one column, or for whole rows."""

    column: str | None = None


class RangeDeclaration(ConstraintDeclaration):
    """Cells from `low` to `high`, both included, rounded to the column's decimals; microseconds and days for times.

    `open_end` excludes `high`. `range` is the range as text.
    """

    low: float | None = None
    high: float | None = None
    range: str = ""
    open_end: bool = False


class AllowedValuesDeclaration(ConstraintDeclaration):
    """Every non-null cell is one of `values`: words of a category or of text, or data of any other type."""

    values: tuple[Any, ...] = ()


class PatternDeclaration(ConstraintDeclaration):
    """Every cell matches a regular expression (RE2 syntax). `what` is the name of the pattern."""

    regex: str = ""
    what: str = ""


class WordsDeclaration(ConstraintDeclaration):
    """Every cell is one word of each of `parts`, one after the other. `what` is the name of such a text."""

    parts: tuple[tuple[str, ...], ...] = ()
    what: str = ""


class MultipleDeclaration(ConstraintDeclaration):
    """Cells, in minor units, are multiples of `unit`, or have one of the `endings` within it."""

    unit: int = 1
    endings: tuple[int, ...] = (0,)


class DerivedColumnDeclaration(ConstraintDeclaration):
    """Each cell equals the result of `fill` for its row.

    With `may_miss`, cells may also be missing. `slack` is the allowed deviation of whole numbers (minor units): 1 if
    the rounding of a float decides the last digit.
    """

    fill: Callable[[Rows], Column] = lambda rows: rows.column("")
    what: str = ""
    may_miss: bool = False
    slack: int = 0


class NullWhereDeclaration(ConstraintDeclaration):
    """Rows where `nothing` (bool, shape (n,)) holds have no cell. `where` is the condition as text."""

    nothing: Callable[[Rows], Bools] = lambda rows: np.zeros(len(rows), np.bool_)
    where: str = ""


class NotNullWhereDeclaration(NullWhereDeclaration):
    """Rows where `nothing` does not hold have a cell."""


class NotBeforeDeclaration(ConstraintDeclaration):
    """No cell is before the `bound` of its row; `what` is the name of the bound."""

    bound: Bound = births_above
    what: str = ""


class NoOverlapDeclaration(ConstraintDeclaration):
    """The intervals of one parent, from `column` up to but without `ends`, have no moment in common; a missing end is
    open.
    """

    ends: str = ""


class BeforeDeclaration(NotBeforeDeclaration):
    """Every cell is before the `bound` of its row."""


class ExistingThenDeclaration(ConstraintDeclaration):
    """The referenced row of `target` was created (column `moment`) no later than the time in column `at`, and no more
    than `lookback` microseconds before, if given.
    """

    target: str = ""
    moment: str = ""
    at: str = ""
    lookback: int | None = None


class ParentKeyDeclaration(ConstraintDeclaration):
    """Every row has a parent row in `parent`."""

    parent: str = ""


class AncestorKeyDeclaration(ConstraintDeclaration):
    """The key of an ancestor equals that of the parent's own ancestor."""

    ancestor: str = ""
    key: str = ""


class ForeignKeyDeclaration(ConstraintDeclaration):
    """Every non-null cell is the key of a row of `target`, in its column `key`."""

    target: str = ""
    key: str = ""


class DistinctReferencesDeclaration(ConstraintDeclaration):
    """The rows of one parent refer to different rows."""


class EarlierReferenceDeclaration(ConstraintDeclaration):
    """A table that refers to itself refers to earlier rows: with smaller keys in `key`, or with an earlier time in
    `moment`.
    """

    key: str = ""
    moment: str | None = None


class SameValueDeclaration(ConstraintDeclaration):
    """The row of `target` that a key points to has the same cell in `there` as the own row has in `here`."""

    target: str = ""
    there: str = ""
    here: str = ""


class OtherReferenceDeclaration(ConstraintDeclaration):
    """A key points to another row than the key in `other`."""

    other: str = ""


class ValidReferenceDeclaration(ConstraintDeclaration):
    """The row of `target` that a key points to is valid at the moment in `at`: from `begins` up to but without
    `ends`.
    """

    target: str = ""
    begins: str = ""
    ends: str = ""
    at: str = ""


class SharedAncestorDeclaration(ConstraintDeclaration):
    """The referenced row of `target` with key `key` is below the same row of `ancestor`."""

    target: str = ""
    key: str = ""
    ancestor: str = ""


class ChildCountDeclaration(ConstraintDeclaration):
    """Rows of `table` have from `low` to `high` rows of `child`; `or_none` also allows none."""

    child: str = ""
    low: int = 0
    high: int | None = None
    or_none: bool = False


class NameMatchDeclaration(ConstraintDeclaration):
    """The local part has the letters of the name in `source`, in lower-case ASCII, with any separators.

    `nobody` is the local part of a name without Latin letters.
    """

    source: str = ""
    nobody: str = ""


class ConditionalDeclaration(ConstraintDeclaration):
    """A constraint of the same table, for the rows that `rows` selects (bool, shape (n,)). `where` is the condition as
    text.
    """

    constraint: ConstraintDeclaration = field(default_factory=lambda: ConstraintDeclaration(""))
    rows: Callable[[Rows], Bools] = lambda rows: np.ones(len(rows), np.bool_)
    where: str = ""


class UniqueDeclaration(Declaration):
    """The cells of `columns`, taken together, are unique. Rows with missing cells are left out."""

    columns: tuple[str, ...]


class KeyRangeDeclaration(Declaration):
    """The integers of `column` are consecutive from `start` on."""

    column: str
    start: int = 1


class LengthRangeDeclaration(ConstraintDeclaration):
    """Lists and maps have from `low` to `high` items; None for no limit."""

    low: int = 0
    high: int | None = None


class RowFilterDeclaration(ConstraintDeclaration):
    """The condition `holds` (bool, shape (n,)) is true for every row. `where` is the condition as text."""

    holds: Callable[[Rows], Bools] = lambda rows: np.ones(len(rows), np.bool_)
    where: str = ""


class BudgetDeclaration(ConstraintDeclaration):
    """The `cost` of all rows that refer by `column` to a row of the table `target`, whose keys begin at `start`, is at
    most its limit: `limits()` in millionths, int64, shape (rows,).
    """

    cost: str = ""
    target: str = ""
    start: int = 0
    limits: Callable[[], Ints] = lambda: np.zeros(0, np.int64)


class CreditSumDeclaration(ConstraintDeclaration):
    """The cells of the rows below one parent sum to 1; `rule` is what they are credits by."""

    rule: str = ""
