"""Numbers along the rows of a parent, each computed from the previous one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from datagen.columnar.block import Block, Floats, Ints, Rows
from datagen.kinds.generators.base import Draw, Numeric

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Advance = Callable[[Floats, Ints], Floats]
"""The numbers of the rows at these positions of a block, int64 (m,), from those of the rows before, float64 (m,)."""


class SequenceGenerator(Numeric):
    """A numeric generator whose rows depend on the row before, within the rows of one parent; a loop over ordinals,
    never over parents.

    Rows are in the order in which they come below a parent: that of time for events.
    """

    computed: ClassVar[bool] = True

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if scope.table.parent is None:
            message = f"'{scope.table.name}' has no parent, so that no rows follow each other"
            yield scope.problem("no-parent", message, "give the table a parent: a device, an account")

    def whole(self, scope: Scope) -> Callable[[Block], Floats]:
        """The numbers of all rows of a block, shape (n,)."""
        raise TypeError(f"generator '{self.type}' has no sequence")

    def draw(self, scope: Scope) -> Draw:
        whole = self.whole(scope)
        key = (scope.table.name, "sequence", *scope.keys)

        def draw(rows: Rows) -> Floats:
            if rows.at is None:
                return whole(rows.block)
            found: Floats = rows.block.once(key, lambda: whole(rows.block))[rows.at]
            return found

        return draw


def along(block: Block, first: Callable[[Ints], Floats], advance: Advance) -> Floats:
    """`first` of the first row of each parent, then `advance` from row to row, shape (n,)."""
    counts = block.complete
    parents = np.argsort(-counts, kind="stable")  # in descending order of rows: the active parents are a prefix
    lengths, starts, out = counts[parents], block.starts[parents], np.empty(len(block))
    many = int(np.count_nonzero(lengths))
    state = first(starts[:many])
    out[starts[:many]] = state
    for ordinal in range(1, int(lengths[0]) if many else 0):
        many = int(np.searchsorted(-lengths, -ordinal, side="left"))
        at = starts[:many] + ordinal
        state = advance(state[:many], at)
        out[at] = state
    return out
