"""The base class of lifetimes: a distribution with a share that never ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from datagen.registry import Kind
from datagen.time_units import UNIT_HOURS, AgeUnit

if TYPE_CHECKING:
    from datagen.columnar.block import Floats, Words
    from datagen.errors import Problem
    from datagen.random.inverse_cdf import InverseCdfTable
    from datagen.random.streams import Stream
    from datagen.scope import Scope

NEVER = 5e8
"""Hours (57,000 years) of a life without end, the limit of every life."""


class Lifetime(Kind, family="lifetimes"):
    """The distribution of how long entities stay."""

    unit: AgeUnit = Field(default="month", description="the unit of time of the distribution's parameters")
    cure_share: float = Field(
        default=0.0, ge=0, lt=1, description="share of entities who never leave: the plateau of the survival curve"
    )

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of this declaration beyond its shape."""
        yield from ()

    def units(self, stream: Stream, ids: Words) -> Floats:
        """Lives of entities that leave, in units, float64, shape (n,)."""
        raise TypeError(f"lifetime '{self.type}' has no lives")

    def hours(self, stream: Stream, ids: Words) -> Floats:
        """Lives in hours, shape (n,), at most `NEVER`."""
        lives = self.units(stream, ids)
        lives *= UNIT_HOURS[self.unit]
        np.minimum(lives, NEVER, out=lives)
        if self.cure_share:
            lives[stream.substream(1).uniforms(ids) < self.cure_share] = NEVER
        return lives


class Continuous(Lifetime):
    """A lifetime that can end at any time, with one random word per life."""

    def distribution(self) -> InverseCdfTable:
        """The distribution of life in units."""
        raise TypeError(f"lifetime '{self.type}' has no distribution")

    def units(self, stream: Stream, ids: Words) -> Floats:
        return self.distribution().sample(stream, ids)
