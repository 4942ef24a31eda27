"""Waiting lines, first come first served, with one or more servers (Kiefer and Wolfowitz, "On the theory of queues with
many servers",
Transactions of the American Mathematical Society 78, 1955).

The recursion goes from customer to customer. Lines are cut into pieces that are computed side by side, as if nobody
waited at the beginning of a piece. A piece is computed again with the state that the one before it left, until no state
changes. Two lines with the same customers and other beginnings soon agree, so a few rounds are enough. The result does
not depend on the cuts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Bools, Ints
from datagen.columnar.ragged import ordinals
from datagen.kinds.generators.support.opening_hours import NEVER

PIECE = 128
"""Customers in a piece."""
_ROUNDS = 16
"""How often pieces are computed side by side, on average. After that, only the first one of each line that is due: its
beginning is the true one.
"""


@dataclass(frozen=True, slots=True, eq=False)
class WaitingLines:
    """Customers side by side by line, in the order in which they are served.

    `arrivals` and `services` are microseconds, shape (n,); `counts` and `servers` are of each line, shape (lines,).
    `next_open` gives the first instant from each time on at which a service can begin.
    """

    arrivals: Ints
    services: Ints
    counts: Ints
    servers: Ints
    next_open: Callable[[Ints], Ints]

    def starts(self, piece: int = PIECE) -> Ints:
        """When each customer's service begins, shape (n,)."""
        pieces = _Pieces.of(self.counts, piece)
        free = self._idle(pieces.begin, self.servers[pieces.line])
        left, out = np.empty_like(free), np.empty(len(self.arrivals), np.int64)
        due = np.arange(len(pieces.begin))
        side_by_side = _ROUNDS * len(due)
        while len(due):
            side_by_side -= len(due)
            now = due if side_by_side >= 0 else due[np.diff(pieces.line[due], prepend=-1) != 0]
            left[now] = self._serve(free[now], pieces.begin[now], pieces.length[now], out)
            changed = self._handed_on(pieces, now, free, left)
            due = np.union1d(np.setdiff1d(due, now, assume_unique=True), changed)
        return out

    def _idle(self, begin: Ints, servers: Ints) -> Ints:
        """The state of a line where nobody is served when the customer at `begin` comes: the time at which each server
        is
        free, in order; NEVER beyond the number of servers.
        """
        first = self.next_open(self.arrivals[begin])
        places = np.arange(int(servers.max(initial=1)))
        idle: Ints = np.where(places < servers[:, None], first[:, None], NEVER)
        return idle

    def _handed_on(self, pieces: _Pieces, done: Ints, free: Ints, left: Ints) -> Ints:
        """Gives the state after each piece in `done` to the next one of its line; those whose beginning this
        changes.
        """
        done = done[~pieces.last[done]]
        later = done + 1
        state = np.maximum(left[done], self.next_open(self.arrivals[pieces.begin[later]])[:, None])
        changed = (state != free[later]).any(axis=1)
        free[later] = state
        due: Ints = later[changed]
        return due

    def _serve(self, free: Ints, begin: Ints, length: Ints, out: Ints) -> Ints:
        """Serves the customers of pieces side by side, from the state at their beginning; the state at their end."""
        order = np.argsort(-length, kind="stable")  # the longest first, so that the active lines are a prefix
        free, begin, length = free[order], begin[order], length[order]
        for place in range(int(length[0])):
            many = int(np.searchsorted(-length, -place, side="left"))
            at = begin[:many] + place
            state = free[:many]
            start = self.next_open(np.maximum(self.arrivals[at], state[:, 0]))
            out[at] = start
            state[:, 0] = np.minimum(start + self.services[at], NEVER - 1)
            if state.shape[1] > 1:
                state.sort(axis=1)
        back = np.empty_like(free)
        back[order] = free
        return back


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Runs of customers of one line: the first customer, the number, the line, and whether it is the line's last."""

    begin: Ints
    length: Ints
    line: Ints
    last: Bools

    @classmethod
    def of(cls, counts: Ints, most: int) -> _Pieces:
        many = -(-counts // most)
        line = np.repeat(np.arange(len(counts)), many)
        number = ordinals(many)
        begin = np.repeat(np.cumsum(counts) - counts, many) + number * most
        length = np.minimum(counts[line] - number * most, most)
        return cls(begin, length, line, number == many[line] - 1)


__all__ = ["WaitingLines"]
