"""Cells are among the declared values, match a pattern, are multiples of a step, or equal their definition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Rows, as_numpy
from datagen.columnar.text import text_array
from datagen.declarations.constraints import (
    AllowedValuesDeclaration,
    DerivedColumnDeclaration,
    MultipleDeclaration,
    PatternDeclaration,
    WordsDeclaration,
)
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present, same_cells
from datagen.validation.metrics.registry import judges


@judges(PatternDeclaration)
@dataclass(frozen=True, eq=False)
class TextPattern(Constraint, PatternDeclaration):
    """Every cell matches a regular expression (RE2, which runs in linear time)."""

    name: ClassVar[str] = "PatternAdherence"

    @property
    def message(self) -> str:
        return f"are not written as {self.what}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        return _mismatches(block.columns[self.column or ""], self.regex)


@judges(WordsDeclaration)
@dataclass(frozen=True, eq=False)
class DeclaredWords(Constraint, WordsDeclaration):
    """Every cell is a word of each part: no other letters, nothing cut off, no space too many."""

    name: ClassVar[str] = "WordAdherence"

    @property
    def message(self) -> str:
        return f"are not {self.what}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        return _mismatches(block.columns[self.column or ""], self._regex)

    @cached_property
    def _regex(self) -> str:
        return "^" + "".join(f"(?:{'|'.join(map(re.escape, words))})" for words in self.parts) + "$"


def _mismatches(cells: Column, regex: str) -> tuple[int, Bools]:
    """The number of cells that are there, and which of them do not match."""
    import pyarrow.compute as pc  # start-up

    text = cells.data if cells.dictionary is None else cells.dictionary
    found = pc.match_substring_regex(text, regex)
    match = as_numpy(found.fill_null(False) if found.null_count else found)  # a scalar would import pandas
    fits = match if cells.dictionary is None else match[cells.data] if len(match) else np.zeros(len(cells), np.bool_)
    there = present(cells.valid, len(cells))
    return int(np.count_nonzero(there)), there & ~fits


@judges(AllowedValuesDeclaration)
@dataclass(frozen=True, eq=False)
class Categories(Constraint, AllowedValuesDeclaration):
    """Every non-null cell is one of `values`: words of a category or of text, or data of any other type."""

    name: ClassVar[str] = "CategoryAdherence"

    @property
    def message(self) -> str:
        shown = ", ".join(map(str, self.values[:4]))
        return f"are not among the {len(self.values)} declared values ({shown}{' ...' if len(self.values) > 4 else ''})"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        cells = block.columns[self.column or ""]
        there = present(cells.valid, len(cells))
        return int(np.count_nonzero(there)), there & ~self._known(cells)

    def _known(self, cells: Column) -> Bools:
        import pyarrow.compute as pc  # start-up

        if cells.type.name == "category":
            known = as_numpy(pc.is_in(cells.dictionary, text_array(self.values)))
            found: Bools = known[cells.data] if len(known) else np.zeros(len(cells), np.bool_)
            return found
        if cells.type.name == "text":
            allowed: Bools = as_numpy(pc.is_in(cells.data, text_array(self.values)))
            return allowed
        return np.isin(cells.data, np.array(self.values))


@judges(MultipleDeclaration)
@dataclass(frozen=True, eq=False)
class Multiples(Constraint, MultipleDeclaration):
    """Cells, in minor units, are multiples of `unit`, or have one of the `endings` within it."""

    name: ClassVar[str] = "RoundedNumbers"

    @property
    def message(self) -> str:
        return f"do not end in {', '.join(map(str, self.endings[:5]))} of every {self.unit} minor units"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        values = block.columns[self.column or ""]
        there = present(values.valid, len(values))
        rest = values.data % self.unit
        return int(np.count_nonzero(there)), there & ~np.isin(rest, np.array(self.endings, np.int64) % self.unit)


@judges(DerivedColumnDeclaration)
@dataclass(frozen=True, eq=False)
class DerivedColumn(Constraint, DerivedColumnDeclaration):
    """Each cell equals the result of `fill` for its row.

    With `may_miss`, cells may also be missing. `slack` is the allowed deviation of whole numbers (minor units): 1 if
    the rounding of a float decides the last digit.
    """

    name: ClassVar[str] = "RowConsistency"

    @property
    def message(self) -> str:
        return f"are not {self.what}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        found, due = block.columns[self.column or ""], self.fill(Rows(block))
        here, there = present(found.valid, len(block)), present(due.valid, len(block))
        both = here & there
        differ = both & ~_equal(found, due, self.slack)
        missed = here & ~there if self.may_miss else here != there
        return len(block), differ | missed


def _equal(one: Column, other: Column, slack: int) -> Bools:
    if one.type.textual or not (slack or one.type.name == "float"):
        return same_cells(one, other)
    near = 1e-9 * np.maximum(1.0, np.abs(other.data)) if one.type.name == "float" else slack
    same: Bools = np.abs(one.data - other.data) <= near
    return same
