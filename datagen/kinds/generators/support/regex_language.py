"""The texts that match a regular expression, numbered: a deterministic automaton whose states count the texts that
begin there.

Method: the Thompson construction and the subset construction (Hopcroft, Motwani, Ullman, "Introduction to Automata
Theory", 2.3 and 3.2), unranking by counted branches (Flajolet, Zimmermann, Van Cutsem 1994).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

import numpy as np
import pyarrow as pa

from datagen.columnar.block import Ints, Rows
from datagen.columnar.text import WordTable, concat_words
from datagen.kinds.generators.support.regex_texts import (
    Alternatives,
    OneOf,
    Repeated,
    Sequence,
    Texts,
    parse_regex,
)
from datagen.random.integers import MOST, Permutation, uniform_below
from datagen.random.streams import Stream

LONGEST_NUMBERED = 100
_MOST_STATES = 4_000
_AMPLE = 1 << 40
"""The fewest texts of a branch that is taken where there are more texts than a permutation can number."""
_END = -1
Branch = tuple[str, int, int]
"""A character, the state after it, and the number of texts that go on so. The text ends with an empty character."""


@dataclass(slots=True)
class _Nfa:
    """States with free moves, and moves by a set of characters."""

    free: list[list[int]] = field(default_factory=list)
    moves: list[tuple[frozenset[str], int] | None] = field(default_factory=list)

    def state(self) -> int:
        if len(self.free) >= 4 * _MOST_STATES:
            raise ValueError("it is too complex to number its texts")
        self.free.append([])
        self.moves.append(None)
        return len(self.free) - 1

    def after(self, part: Texts, start: int) -> int:
        """The state after the texts of a part that begin at `start`."""
        if isinstance(part, Sequence):
            for one in part.parts:
                start = self.after(one, start)
            return start
        end = self.state()
        if isinstance(part, OneOf):
            entered = self.state()
            self.free[start].append(entered)
            self.moves[entered] = (frozenset(part.characters), end)
        elif isinstance(part, Alternatives):
            for one in part.parts:
                self.free[self.after(one, start)].append(end)
        elif isinstance(part, Repeated):
            self._repeat(part, start, end)
        return end

    def _repeat(self, part: Repeated, start: int, end: int) -> None:
        for k in range(part.most):
            if k >= part.least:
                self.free[start].append(end)
            start = self.after(part.part, start)
        self.free[start].append(end)

    def closure(self, states: frozenset[int]) -> frozenset[int]:
        found, open_ = set(states), list(states)
        while open_:
            fresh = [one for one in self.free[open_.pop()] if one not in found]
            found.update(fresh)
            open_.extend(fresh)
        return frozenset(found)

    def next(self, states: frozenset[int]) -> Iterator[tuple[str, frozenset[int]]]:
        """The characters that can follow, in their order, and the states after each."""
        moves = [move for one in sorted(states) if (move := self.moves[one]) is not None]
        after: dict[frozenset[int], frozenset[int]] = {}
        for sign in sorted(frozenset().union(*(signs for signs, _ in moves))):
            targets = frozenset(target for signs, target in moves if sign in signs)
            if targets not in after:
                after[targets] = self.closure(targets)
            yield sign, after[targets]


@dataclass(frozen=True, slots=True)
class Language:
    """The texts of an expression: the branches of each state, the first state first, and how many texts begin there."""

    branches: tuple[tuple[Branch, ...], ...]
    counts: tuple[int, ...]
    longest: int

    @property
    def most(self) -> int:
        """The number of rows that can have distinct texts."""
        ways = {0} if self.counts[0] <= MOST else self._entered()
        return min(self.counts[state] for state in ways)

    def _entered(self) -> set[int]:
        """The states of at most as many texts as a permutation can number that are reached from larger ones."""
        large = [state for state, count in enumerate(self.counts) if count > MOST]
        reached = {target for state in large for _, target, _ in self.taken(state)}
        return {state for state in reached if self.counts[state] <= MOST}

    def taken(self, state: int) -> tuple[Branch, ...]:
        """The branches that texts take. Small ones are left out where there are more texts than can be numbered."""
        found = self.branches[state]
        return found if self.counts[state] <= MOST else tuple(one for one in found if one[2] >= _AMPLE)


@cache
def language_of(regex: str) -> Language:
    """The texts of an expression. Raises ValueError if it is not valid or too complex."""
    nfa, tree = _Nfa(), parse_regex(regex)
    if tree.longest > LONGEST_NUMBERED:
        raise ValueError(f"unique texts have at most {LONGEST_NUMBERED} characters, and these up to {tree.longest:,}")
    start = nfa.state()
    end = nfa.after(tree, start)
    first = nfa.closure(frozenset({start}))
    numbers, queue, after = {first: 0}, [first], []
    for states in queue:
        signs = []
        for sign, target in nfa.next(states):
            if target not in numbers:
                numbers[target] = len(queue)
                queue.append(target)
            signs.append((sign, numbers[target]))
        after.append((end in states, signs))
        if len(queue) > _MOST_STATES:
            raise ValueError("it is too complex to number its texts")
    return _counted(after, tree.longest)


def _counted(after: list[tuple[bool, list[tuple[str, int]]]], longest: int) -> Language:
    """The language of an automaton without cycles: whether the text can end in each state, and its moves."""
    counts: dict[int, int] = {}
    waiting = [0]
    while waiting:
        ends, moves = after[waiting[-1]]
        open_ = {target for _, target in moves if target not in counts}
        if open_:
            waiting.extend(open_)
            continue
        counts[waiting.pop()] = ends + sum(counts[target] for _, target in moves)
    branches = tuple(
        ((("", _END, 1),) if ends else ()) + tuple((sign, target, counts[target]) for sign, target in moves)
        for ends, moves in after
    )
    return Language(branches, tuple(counts[state] for state in range(len(after))), longest)


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """The branches of a state as arrays: number of the character, next state, and texts before the end of each. Where
    they are too many to number, `order` is None and they are drawn.
    """

    signs: Ints
    targets: Ints
    ends: Ints
    order: Permutation | None


def numbered_texts(language: Language, stream: Stream) -> Callable[[Rows], pa.Array]:
    """From rows to texts, all distinct: that of a row depends on its number only."""
    known = sorted({sign for branches in language.branches for sign, _, _ in branches} - {""})
    table, number = WordTable.of(["", *known]), {sign: k for k, sign in enumerate(["", *known])}
    states: dict[int, _State] = {}

    def state(at: int) -> _State:
        if at not in states:
            states[at] = _state(language, at, number, stream)
        return states[at]

    def texts(rows: Rows) -> pa.Array:
        here, index = np.zeros(len(rows), np.int64), np.full(len(rows), -1, np.int64)
        signs = np.zeros((language.longest + 1, len(rows)), np.uint16 if len(known) < 2**16 else np.int32)
        for step in range(language.longest + 1):
            before = here.copy()
            for one in np.unique(before[before != _END]).tolist():
                at, known_state = np.flatnonzero(before == one), state(one)
                chosen, index[at] = _branch(known_state, rows.take(at), index[at], stream.substream(step))
                signs[step, at] = known_state.signs[chosen]
                here[at] = known_state.targets[chosen]
        return concat_words([(table, row) for row in signs])

    return texts


def _branch(state: _State, rows: Rows, index: Ints, draws: Stream) -> tuple[Ints, Ints]:
    """The branch of each row, and its number among the texts of that branch; -1 if it has none yet."""
    if state.order is None:
        drawn = uniform_below(draws.words(rows.ids), int(state.ends[-1]))
        return np.searchsorted(state.ends, drawn, "right"), index
    new = np.flatnonzero(index < 0)
    if len(new):
        index[new] = state.order(rows.index[new])
    chosen = np.searchsorted(state.ends, index, "right")
    return chosen, index - np.where(chosen > 0, state.ends[chosen - 1], 0)


def _state(language: Language, at: int, number: dict[str, int], stream: Stream) -> _State:
    taken, count = language.taken(at), language.counts[at]
    shift = max(sum(size for _, _, size in taken).bit_length() - 62, 0)
    ends = np.array(list(accumulate(size >> shift for _, _, size in taken)), np.int64)
    order = Permutation.of(stream.substream(LONGEST_NUMBERED + 1 + at), count) if count <= MOST else None
    signs = np.array([number[sign] for sign, _, _ in taken], np.int64)
    return _State(signs, np.array([target for _, target, _ in taken], np.int64), ends, order)
