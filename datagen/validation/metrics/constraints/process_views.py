"""Rules for views of a process: stays without gaps, existing transitions, agreeing views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Ints, Rows
from datagen.declarations.processes import (
    NEVER,
    ContiguousStaysDeclaration,
    LegalTransitionsDeclaration,
    ViewDeclaration,
    ViewsAgreeDeclaration,
)
from datagen.errors import Absent
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


def state_codes(cells: Column, names: tuple[str, ...]) -> Ints:
    """The position of each state among `names`, int64 (n,): -1 if missing, -2 if unknown."""
    words = cells.texts.to_pylist() if cells.dictionary is None else cells.dictionary.to_pylist()
    places = {name: number for number, name in enumerate(names)}
    codes = np.array([places.get(word, -2) for word in words], np.int64)
    found = codes if cells.dictionary is None else codes.take(cells.data)
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
    def message(self) -> str:
        return "are not transitions of the process"

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
    """The stays of an entity do not overlap. If all states are shown, they follow each other without
    gaps from birth.
    """

    name: ClassVar[str] = "ContiguousStays"

    @property
    def message(self) -> str:
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
            ended = self._ends(block)[order]
            bad |= (left > ended) | ((left == ended) != (after == -1))
            bad[1:] |= follows & ((entered[1:] != left[:-1]) | (state[1:] != after[:-1]))
            bad[:-1] |= (after[:-1] >= 0) & ~follows
            bad[-1:] |= after[-1:] >= 0
            bad |= self._late(block, order, owner, entered)
        found = np.zeros(len(block), np.bool_)
        found[order] = bad
        return len(block), found

    def _ends(self, block: Block) -> Ints:
        """When the entity of each stay ends; `NEVER` where that is not before the window's end."""
        ended = None if self.ended is None else self.ended(Rows(block))
        assert not isinstance(ended, Column)
        return np.full(len(block), NEVER, np.int64) if ended is None else ended

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
class RebuiltView(ProcessConstraint, ViewsAgreeDeclaration):
    """The rows of `table` are those that follow from the stays in `stays`, one for one."""

    name: ClassVar[str] = "ViewsAgree"

    @property
    def message(self) -> str:
        return f"do not follow from the stays in '{self.stays}', or stand where a row is missing"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        there = part.block(self.stays)
        if there is None or there.parent_row is None or block.parent_row is None or block.parent is None:
            raise Absent(f"'{self.stays}' cannot be joined to the entities")
        owner, attributes = self.rebuild(*self._stays(there, len(block.parent)))
        compared = [name for name in attributes if name in self.shown]
        expected = [owner, *(_comparable(attributes[name], attributes[name]) for name in compared)]
        made = [block.parent_row, *(_comparable(block.columns[self.shown[n]], attributes[n]) for n in compared)]
        return max(len(block), len(owner)), _unmatched(np.stack(made), np.stack(expected))

    def _stays(self, there: Block, size: int) -> tuple[Ints, list[Ints], dict[str, Ints]]:
        """The stays in the order of entity and time."""
        assert there.parent_row is not None
        cells = {name: there.columns[column] for name, column in self.shown_there.items()}
        times = {name: instants(cells[name]) for name in ("entered_at", "left_at")}
        order = np.lexsort((times["left_at"], times["entered_at"], there.parent_row))
        state, after = (state_codes(cells[name], self.names)[order] for name in ("state", "next_state"))
        entities = Rows(there).up()
        values = {
            name: state_codes(cells[name] if name in cells else entities.column(self.kept[name]), words)[order]
            for name, words in self.values.items()
        }
        counts = np.bincount(there.parent_row, minlength=size).astype(np.int64)
        known = np.maximum(state, 0)
        return counts, [known, times["entered_at"][order], times["left_at"][order], after], values


def _comparable(cells: Column, like: Column) -> Ints:
    """Cells as integers, categories as positions among the words of `like`, shares in millionths, missing ones as
    `NEVER`.
    """
    if like.dictionary is not None:
        return state_codes(cells, tuple(like.dictionary.to_pylist()))
    if like.type.name != "float":
        return instants(cells)
    return np.where(present(cells.valid, len(cells)), np.rint(cells.data * 1e6), NEVER).astype(np.int64)


def _unmatched(made: Ints, expected: Ints) -> Bools:
    """Which columns of the first array, (k, n), are not matched one for one by columns of the second, (k, m).

    Columns of the second that are missing from the first are counted at the column that has their position.
    """
    both = np.concatenate([made, expected], axis=1)
    order = np.lexsort(both[::-1])
    ranked = both[:, order]
    fresh = np.ones(both.shape[1], np.bool_)
    fresh[1:] = (ranked[:, 1:] != ranked[:, :-1]).any(axis=0)
    group = np.empty(both.shape[1], np.int64)
    group[order] = np.cumsum(fresh) - 1
    size, rows = int(fresh.sum()), made.shape[1]
    differ = np.bincount(group[:rows], minlength=size) - np.bincount(group[rows:], minlength=size)
    found: Bools = differ[group[:rows]] > 0
    lacking = expected[0][differ[group[rows:]] < 0]
    if rows and len(lacking):
        found[np.minimum(np.searchsorted(made[0], np.unique(lacking)), rows - 1)] = True
    return found
