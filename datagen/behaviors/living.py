"""Behaviors that end lives: spells in which things happen to an entity, the same wherever they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from datagen.behaviors.base import Behavior
from datagen.behaviors.births import birth_needs, birth_problems
from datagen.block import Floats, Ints
from datagen.intensity.effects import UNBORN, Entity, Spell
from datagen.intensity.factors import Fading
from datagen.lifetimes.base import NEVER
from datagen.quantities import HOUR

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.generators.base import Need
    from datagen.scope import Scope

Spells = Callable[[Entity], list[Spell]]


class Living(Behavior):
    """A behavior that says from when to when entities live."""

    born: str | None = Field(
        default=None, description="when life begins: a timestamp of the entity; its arrival or event time if not said"
    )
    alive_until: str | None = Field(default=None, description="name of a hidden column that tells when the life ended")

    def needs(self, scope: Scope) -> frozenset[Need]:
        return birth_needs(scope, self.born)

    def latent(self, scope: Scope) -> Mapping[str, Any]:
        return {self.alive_until: {"type": "alive_until", "hidden": True}} if self.alive_until else {}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from birth_problems(scope, self.born)

    def fading(self, scope: Scope) -> Fading:
        """The chance to be alive by age."""
        raise TypeError(f"behavior '{self.type}' has no chance to be alive")

    def spells(self, scope: Scope) -> Spells:
        """The spells of each entity, in the order of time; `scope` is the behavior's own place, planned."""
        raise TypeError(f"behavior '{self.type}' has no spells")


def later(moments: Ints, hours: Floats) -> Ints:
    """So many hours after the moments (microseconds), shape (n,); never beyond the end of all time."""
    length = np.rint(np.minimum(hours, NEVER) * float(HOUR)).astype(np.int64)
    return np.minimum(moments + length, UNBORN)  # type: ignore[no-any-return]


def first_spell(born: Ints, hours: Floats) -> Spell:
    """From birth for so many hours; where a reference leads to nobody, nothing is bounded."""
    nobody = born == UNBORN
    return np.where(nobody, -UNBORN, born), later(born, hours)
