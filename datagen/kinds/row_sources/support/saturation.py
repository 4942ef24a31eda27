"""Diminishing returns: a trigger causes fewer events while the effect of earlier ones of its kind lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints
from datagen.columnar.ragged import ordinals
from datagen.random.math.elementary import exp
from datagen.registry import Strict
from datagen.time_units import Duration

_LN_2 = float.fromhex("0x1.62e42fefa39efp-1")


class Saturation(Strict):
    """A trigger has 1 / (1 + load / `half_at`) of its effect, where the load is the number of earlier triggers of its
    kind below the same
    parent, each halved with every `half_life` since it (the adstock of marketing mix models)."""

    half_at: Annotated[float, Field(gt=0, le=1e6)] = Field(
        description="the decayed number of earlier triggers at which one has half of its effect", examples=[3.0]
    )
    half_life: Duration = Field(gt=0, description="the time in which an earlier trigger counts half as much")

    def factor(self, owner: Ints, kind: Ints, times: Ints) -> Floats:
        """The share of its effect that each trigger has, shape (n,), from its parent, kind and time (microseconds)."""
        factor: Floats = 1.0 / (1.0 + self.load(owner, kind, times) / self.half_at)
        return factor

    def load(self, owner: Ints, kind: Ints, times: Ints) -> Floats:
        """The decayed number of earlier triggers of the same parent and kind, shape (n,)."""
        order = np.lexsort((times, kind, owner))
        load = np.empty(len(order))
        load[order] = decayed(_Groups.of(owner[order], kind[order]), times[order], _LN_2 / self.half_life)
        return load


@dataclass(frozen=True, slots=True)
class _Groups:
    """Runs of rows of one group: `place` counts the rows of each from 0, shape (n,)."""

    place: Ints

    @classmethod
    def of(cls, *columns: Ints) -> _Groups:
        new = np.zeros(len(columns[0]), np.bool_)
        new[:1] = True
        for column in columns:
            new[1:] |= np.diff(column) != 0
        first = np.flatnonzero(new)
        return cls(ordinals(np.diff(np.append(first, len(new)))))


def decayed(groups: _Groups, times: Ints, rate: float) -> Floats:
    """The sum of exp(-rate x time since it) over the earlier rows of each row's group, shape (n,); rows stand in the
    order of time.

    A linear recurrence by doubling: a row's sum is put together from its own group alone, in an order that depends on
    its place in it.
    """
    n, place = len(times), groups.place
    gaps = np.zeros(n)
    gaps[1:] = np.diff(times)
    ratio = np.where(place > 0, exp(np.maximum(-rate * gaps, -700.0)), 0.0)
    total = np.ones(n)  # of the row itself and the rows up to that distance before it
    step = 1
    while step <= int(place.max(initial=0)):
        at = np.flatnonzero(place >= step)
        reached, scale = total[at] + ratio[at] * total[at - step], ratio[at] * ratio[at - step]
        total[at], ratio[at] = reached, scale
        step *= 2
    found: Floats = total - 1.0
    return found
