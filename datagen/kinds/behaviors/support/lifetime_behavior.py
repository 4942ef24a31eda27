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
    from datagen.scope import ColumnRef, Scope

Spells = Callable[[Entity], list[Interval]]


class LifetimeBehavior(Behavior):
    """A behavior that bounds the active periods of entities."""

    ends_lives: ClassVar[bool] = True

    born: str | None = Field(
        default=None, description="timestamp of the birth; the default is the arrival or event time"
    )
    truth_column: str | None = Field(default=None, description="name of a hidden column with the end of the life")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return birth_needs(scope, self.born)

    def latent(self, scope: Scope) -> Mapping[str, Any]:
        return {self.truth_column: {"type": "lifetime_end", "hidden": True}} if self.truth_column else {}

    def end_columns(self, scope: Scope) -> frozenset[str]:
        ends = frozenset(name for name, column in scope.table.columns.items() if column.type == "lifetime_end")
        return ends & {self.truth_column} if self.truth_column else ends

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from birth_problems(scope, self.born)

    def survival_factor(self, scope: Scope) -> SurvivalFactor:
        """The survival probability by age."""
        raise TypeError(f"behavior '{self.type}' has no chance to be alive")

    @property
    def has_spells(self) -> bool:
        return type(self).spells is not LifetimeBehavior.spells

    def spells(self, scope: Scope) -> Spells:
        """The spells of each entity, in time order; `scope` is the behavior's own place, planned."""
        raise TypeError(f"behavior '{self.type}' has no spells")


def later(moments: Ints, hours: Floats) -> Ints:
    """The moments (microseconds) plus a number of hours, shape (n,), limited to the largest supported instant."""
    length = np.rint(np.minimum(hours, NEVER) * float(HOUR)).astype(np.int64)
    return np.minimum(moments + length, NEVER_BORN)  # type: ignore[no-any-return]


def first_spell(born: Ints, hours: Floats) -> Interval:
    """From birth for a number of hours; unbounded where the reference is null."""
    nobody = born == NEVER_BORN
    return np.where(nobody, -NEVER_BORN, born), later(born, hours)
