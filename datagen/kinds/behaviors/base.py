"""The base class of behaviors: multipliers of rates and values of tables below an entity or referring to it.

A target is written `orders` (the rate of its rows) or `orders.amount` (the values of a column).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from datagen.columnar.block import Ints
from datagen.registry import Kind

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Note, Problem
    from datagen.point_process.effects import Effect
    from datagen.point_process.factors import AnyFactor, LatentVariation, SurvivalFactor
    from datagen.point_process.grid import Grid
    from datagen.scope import ColumnRef, Scope


class Behavior(Kind, family="behaviors"):
    """Multiplies rates and values by group, age or time."""

    timed: ClassVar[bool] = True
    """Whether it needs the document's window."""
    treats: ClassVar[bool] = False
    """Whether it acts by thinning and superposition, which any continuous hazard can take."""
    names_columns: ClassVar[bool] = False
    """Whether it adds columns whose names are derived from its own, which other columns may read."""
    ends_lives: ClassVar[bool] = False
    """Whether it bounds when an entity is alive, or how many rows it ever has."""

    @property
    def lasting_name(self) -> str | None:
        """The name of its streams; None if it has no stream."""
        return None

    def targets(self, scope: Scope) -> frozenset[str]:
        """The targets it multiplies: `table` for a rate, `table.column` for values."""
        raise TypeError(f"behavior '{self.type}' has no targets")

    @property
    def has_spells(self) -> bool:
        """Whether lives begin and end at times that are drawn, so that they can be shown as a process of two states."""
        return False

    @property
    def varies(self) -> bool:
        """Whether the multiplier of one entity changes with time."""
        return True

    @property
    def follows(self) -> str | None:
        """The process of its own table that its multipliers depend on; None where there is none."""
        return None

    def cancels(self, scope: Scope, target: str) -> Iterator[Problem]:
        """The problem of a behavior whose effect cancels, or cannot be applied, where rows of `target` choose the
        entity by a reference.

        There it weights how often each entity is chosen, so a multiplier that all entities share cancels.
        """
        yield from ()

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        """The columns of its own table that it reads."""
        return frozenset()

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of this declaration beyond its shape. The targets are checked elsewhere."""
        yield from ()

    def notes(self, scope: Scope) -> Iterator[Note]:
        """What a valid declaration says, but may not mean."""
        yield from ()

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        """What validation measures to recover the behavior."""
        return ()

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        """Its effects on one target."""
        raise TypeError(f"behavior '{self.type}' has no bind")

    def cuts(self, scope: Scope, grid: Grid) -> Ints:
        """The instants (microseconds) within hours of `grid` at which a multiplier changes, or from which it needs a
        finer grid.
        """
        return np.zeros(0, np.int64)

    def marginal(self, scope: Scope, target: str) -> tuple[Effect | SurvivalFactor, ...]:
        """The mean effect, where `bind` draws values that no file shows. It reads no stream."""
        return self.bind(scope, target)

    def unobserved(self, scope: Scope, target: str) -> tuple[LatentVariation, ...]:
        """The distribution of those draws around the mean."""
        return ()

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        """The grouping of the rows of a target that validation can estimate multipliers for."""
        return ()

    def end_columns(self, scope: Scope) -> frozenset[str]:
        """The columns of its table with the end of an entity's life, null if it lies beyond the window."""
        return frozenset()

    def latent(self, scope: Scope) -> Mapping[str, Any]:
        """Hidden columns that it adds, as column name to generator declaration, written only to `_truth/`."""
        return {}


B = TypeVar("B", bound=Behavior)


def behavior_of(scope: Scope, kind: type[B], field: str) -> tuple[int, B] | None:
    """The behavior that a hidden column shows, with its position in the table: the one whose `field` names the column,
    else the only one of its kind; None if there is none or several.
    """
    found = [(index, behavior) for index, behavior in enumerate(scope.table.behaviors) if isinstance(behavior, kind)]
    named = [one for one in found if getattr(one[1], field, None) == scope.column]
    chosen = named or found
    return chosen[0] if len(chosen) == 1 else None
