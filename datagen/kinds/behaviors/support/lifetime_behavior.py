"""Shared code of behaviors that end lives: the active periods of entities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.support.birth_time import birth_needs, birth_problems
from datagen.kinds.lifetimes.base import NEVER
from datagen.point_process.effects import NEVER_BORN, Entity, Interval
from datagen.point_process.factors import SurvivalFactor
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.kinds.generators.base import ColumnRef
    from datagen.scope import Scope

Spells = Callable[[Entity], list[Interval]]


class LifetimeBehavior(Behavior):
    """A behavior that says from when to when entities live."""

    ends_lives: ClassVar[bool] = True

    born: str | None = Field(
        default=None, description="when life begins: a timestamp of the entity; its arrival or event time if not said"
    )
    truth_column: str | None = Field(default=None, description="name of a hidden column that tells when the life ended")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return birth_needs(scope, self.born)

    def latent(self, scope: Scope) -> Mapping[str, Any]:
        return {self.truth_column: {"type": "lifetime_end", "hidden": True}} if self.truth_column else {}

    def end_columns(self, scope: Scope) -> frozenset[str]:
        ends = frozenset(name for name, column in scope.table.columns.items() if column.type == "lifetime_end")
        return ends & {self.truth_column} if self.truth_column else ends

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from birth_problems(scope, self.born)

    def fading(self, scope: Scope) -> SurvivalFactor:
        """The chance to be alive by age."""
        raise TypeError(f"behavior '{self.type}' has no chance to be alive")

    @property
    def has_spells(self) -> bool:
        """Whether lives begin and end at times that are drawn, so that they can be shown as a process of two states."""
        return type(self).spells is not LifetimeBehavior.spells

    def spells(self, scope: Scope) -> Spells:
        """The spells of each entity, in the order of time; `scope` is the behavior's own place, planned."""
        raise TypeError(f"behavior '{self.type}' has no spells")


def later(moments: Ints, hours: Floats) -> Ints:
    """So many hours after the moments (microseconds), shape (n,); never beyond the end of all time."""
    length = np.rint(np.minimum(hours, NEVER) * float(HOUR)).astype(np.int64)
    return np.minimum(moments + length, NEVER_BORN)  # type: ignore[no-any-return]


def first_spell(born: Ints, hours: Floats) -> Interval:
    """From birth for so many hours; where a reference leads to nobody, nothing is bounded."""
    nobody = born == NEVER_BORN
    return np.where(nobody, -NEVER_BORN, born), later(born, hours)
