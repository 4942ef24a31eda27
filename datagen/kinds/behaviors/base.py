"""The base class of behaviors: multipliers of rates and values of tables below an entity or referring to it.

A target is written `orders` (the rate at which rows come) or `orders.amount` (the values of a column).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from datagen.columnar.block import Ints
from datagen.registry import Kind

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.kinds.generators.base import ColumnRef
    from datagen.point_process.effects import Effect
    from datagen.point_process.factors import AnyFactor, LatentVariation, SurvivalFactor
    from datagen.point_process.grid import Grid
    from datagen.scope import Scope


class Behavior(Kind, family="behaviors"):
    """A shaping of rates and values by group, age or time."""

    timed: ClassVar[bool] = True
    """Whether it needs to know when the dataset begins and ends."""
    treats: ClassVar[bool] = False
    """Whether it acts by thinning and superposition, which any continuous hazard can take."""
    ends_lives: ClassVar[bool] = False
    """Whether it bounds when an entity is alive, or how many rows it ever has."""

    @property
    def lasting_name(self) -> str | None:
        """The name of its streams; None where it has none of its own."""
        return None

    def targets(self, scope: Scope) -> frozenset[str]:
        """What it multiplies: `table` for a rate, `table.column` for values."""
        raise TypeError(f"behavior '{self.type}' has no targets")

    @property
    def varies(self) -> bool:
        """Whether what it multiplies for one entity changes with time."""
        return True

    @property
    def follows(self) -> str | None:
        """The process of its own table that its multipliers depend on; None where there is none."""
        return None

    def cancels(self, scope: Scope, target: str) -> Iterator[Problem]:
        """What of it has no effect, or none that can be carried out, where rows of `target` choose the entity by a reference:
        there it shapes how often each entity is chosen among all, so what multiplies all of them alike cancels."""
        yield from ()

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        """The columns of its own table that it reads."""
        return frozenset()

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """What is wrong with this declaration beyond its shape. The targets themselves are checked for it."""
        yield from ()

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        """What validation looks at to find the behavior again."""
        return ()

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        """Its effects on one of its targets."""
        raise TypeError(f"behavior '{self.type}' has no bind")

    def cuts(self, scope: Scope, grid: Grid) -> Ints:
        """The instants (microseconds) within hours of `grid` at which a multiplier changes, or from which on it is to be resolved."""
        return np.zeros(0, np.int64)

    def marginal(self, scope: Scope, target: str) -> tuple[Effect | SurvivalFactor, ...]:
        """What it multiplies on average, where `bind` draws what no file shows; it reads no stream."""
        return self.bind(scope, target)

    def unseen(self, scope: Scope, target: str) -> tuple[LatentVariation, ...]:
        """What is drawn around that average."""
        return ()

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        """By what it tells the rows of a target apart, for who looks for it in data."""
        return ()

    def end_columns(self, scope: Scope) -> frozenset[str]:
        """The columns of its table that tell when the life of an entity ended, null for who outlives the window."""
        return frozenset()

    def latent(self, scope: Scope) -> Mapping[str, Any]:
        """Hidden columns it brings along, as column name to generator declaration; written only to `_truth/`."""
        return {}
