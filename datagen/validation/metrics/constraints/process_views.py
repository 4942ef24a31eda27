"""Views of a process keep to it: stays without a gap, transitions that there are, views that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Ints, Rows
from datagen.declarations.processes import (
    ContiguousStaysDeclaration,
    LegalTransitionsDeclaration,
    ViewDeclaration,
    ViewsAgreeDeclaration,
)
from datagen.errors import Absent
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges

NEVER = 2**61


def state_codes(cells: Column, names: tuple[str, ...]) -> Ints:
    """The position of each state among `names`, int64 (n,): -1 where it is missing, -2 where it is none of them."""
    words = cells.texts.to_pylist() if cells.words is None else cells.words.to_pylist()
    places = {name: number for number, name in enumerate(names)}
    codes = np.array([places.get(word, -2) for word in words], np.int64)
    found = codes if cells.words is None else codes.take(cells.data)
    return np.where(present(cells.valid, len(cells)), found, -1)


def instants(cells: Column) -> Ints:
    """Timestamps in microseconds; `NEVER` where they are missing."""
    return cells.data if cells.valid is None else np.where(cells.valid, cells.data, NEVER)


@dataclass(frozen=True, eq=False)
class ProcessConstraint(Constraint, ViewDeclaration):
    """A rule for the rows of a view."""

    def states(self, block: Block, attribute: str) -> Ints:
        return state_codes(block.columns[self.shown[attribute]], self.names)

    def times(self, block: Block, attribute: str) -> Ints:
        return instants(block.columns[self.shown[attribute]])

    def in_order(self, block: Block, attribute: str) -> Ints:
        """The rows in the order of parent and time."""
        assert block.parent_row is not None
        return np.lexsort((self.times(block, attribute), block.parent_row))


@judges(LegalTransitionsDeclaration)
@dataclass(frozen=True, eq=False)
class LegalTransitions(ProcessConstraint, LegalTransitionsDeclaration):
    """Every transition is one that the process declares."""

    name: ClassVar[str] = "LegalTransitions"

    @property
    def said(self) -> str:
        return "are transitions that the process does not have"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        size = len(self.names)
        known = np.zeros((size + 2, size + 2), np.bool_)
        for origin, to in self.edges:
            known[origin, to] = True
        known[:size, -1] = self.to == "next_state"  # a stay that is open
        found: Bools = ~known[self.states(block, self.origin), self.states(block, self.to)]
        return len(block), found


@judges(ContiguousStaysDeclaration)
@dataclass(frozen=True, eq=False)
class ContiguousStays(ProcessConstraint, ContiguousStaysDeclaration):
    """The stays of an entity do not overlap; where all states are shown, they follow each other without a gap from birth on."""

    name: ClassVar[str] = "ContiguousStays"

    @property
    def said(self) -> str:
        return "overlap or leave a gap"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        assert block.parent_row is not None
        order = self.in_order(block, "entered_at")
        owner, entered, left = (
            values[order]
            for values in (block.parent_row, self.times(block, "entered_at"), self.times(block, "left_at"))
        )
        bad = left < entered
        follows = owner[1:] == owner[:-1]
        bad[1:] |= follows & (entered[1:] < left[:-1])
        if self.all_states:
            state, after = self.states(block, "state")[order], self.states(block, "next_state")[order]
            bad |= (left == NEVER) != (after == -1)
            bad[1:] |= follows & ((entered[1:] != left[:-1]) | (state[1:] != after[:-1]))
            bad[:-1] |= (after[:-1] >= 0) & ~follows
            bad[-1:] |= after[-1:] >= 0
            bad |= self._late(block, order, owner, entered)
        found = np.zeros(len(block), np.bool_)
        found[order] = bad
        return len(block), found

    def _late(self, block: Block, order: Ints, owner: Ints, entered: Ints) -> Bools:
        """First stays that do not begin with the entity."""
        first = np.ones(len(owner), np.bool_)
        first[1:] = owner[1:] != owner[:-1]
        born = self.born(Rows(block))
        if born is None:
            return np.zeros(len(owner), np.bool_)
        birth = instants(born) if isinstance(born, Column) else born
        found: Bools = first & (entered != birth[order])
        return found


@judges(ViewsAgreeDeclaration)
@dataclass(frozen=True, eq=False)
class TransitionsOfStays(ProcessConstraint, ViewsAgreeDeclaration):
    """The rows of `table` (from, to, at) are the closed stays of `stays`, one for one."""

    name: ClassVar[str] = "ViewsAgree"

    @property
    def said(self) -> str:
        return f"are no end of a stay in '{self.stays}', or stand where one is missing"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        there = part.block(self.stays)
        if there is None or there.parent_row is None or block.parent_row is None:
            raise Absent(f"'{self.stays}' cannot be joined to the entities")
        order, others = (
            self.in_order(block, "at"),
            np.lexsort((instants(there.columns[self.shown_there["left_at"]]), there.parent_row)),
        )
        states, after = (
            state_codes(there.columns[self.shown_there[name]], self.names)[others] for name in ("state", "next_state")
        )
        closed = after >= 0
        left = instants(there.columns[self.shown_there["left_at"]])[others]
        wanted = np.stack([there.parent_row[others], left, states, after])[:, closed]
        parts = (block.parent_row, self.times(block, "at"), self.states(block, "from"), self.states(block, "to"))
        made = np.stack([values[order] for values in parts])
        found = np.zeros(len(block), np.bool_)
        found[order] = ~_among(made, wanted)
        missing = ~_among(wanted, made)
        if missing.any() and len(block):  # told at a row of the same entity, or at the first one
            at = np.minimum(np.searchsorted(made[0], wanted[0][missing]), len(block) - 1)
            found[order[at]] = True
        return max(len(block), int(np.count_nonzero(closed))), found


def _among(rows: Ints, known: Ints) -> Bools:
    """Which columns of the first array, (k, n), are columns of the second, (k, m)."""
    kind = np.dtype([(str(number), np.int64) for number in range(len(rows))])
    one, other = (np.ascontiguousarray(values.T).view(kind).ravel() for values in (rows, known))
    found: Bools = np.isin(one, other)
    return found
