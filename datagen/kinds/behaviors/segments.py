"""Segments: multipliers by a category of the entity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints
from datagen.errors import Absent
from datagen.kinds.age_curves.base import Multiplier
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.behaviors.support.target_rules import own_rate
from datagen.kinds.behaviors.support.value_codes import ValueCodes, unreadable
from datagen.names import ColumnName
from datagen.point_process.effects import Effect, Entity, Static
from datagen.point_process.factors import REST, AnyFactor, Grouped, Latency, LatentVariation
from datagen.registry import Strict

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope

Weight = Annotated[float, Field(gt=0, le=1e15)]


class Latent(Strict):
    """A hidden segment, drawn for each entity and written only to `_truth/`."""

    truth_column: ColumnName = Field(description="the name of the hidden column")
    values: Annotated[dict[str, Weight], Field(min_length=2, max_length=1000)] = Field(
        description="segments with their weights"
    )


class Segments(Behavior):
    """Multiplies rates and values by a column of the entity. Several such behaviors multiply each other.

    Segments and targets that are not named, and entities whose cell is missing, have the multiplier 1.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shaped(
            {
                "type": "segments",
                "column": "segment",
                "multiply": {
                    "vip": {"orders": 3.0, "orders.amount": 1.8},
                    "bargain": {"orders": 0.8, "orders.amount": 0.6},
                },
            },
            amount={"type": "lognormal", "median": 30, "sigma": 0.8, "decimals": 2},
        ),
        shaped(
            {
                "type": "segments",
                "latent": {"truth_column": "habit", "values": {"loyal": 1, "casual": 4}},
                "multiply": {"loyal": {"orders": 4.0}, "casual": {"orders": 0.25}},
            }
        ),
    )

    timed: ClassVar[bool] = False

    synonyms: ClassVar[tuple[str, ...]] = (
        "groups",
        "segment",
        "cohort_mix",
        "clusters",
    )
    type: Literal["segments"] = "segments"
    column: str | None = Field(default=None, description="a category, int or bool column of the entity")
    drawn: Latent | None = Field(default=None, alias="latent", description="a hidden segment, instead of a column")
    multiply: Annotated[dict[str, dict[str, Multiplier]], Field(min_length=1, max_length=10_000)] = Field(
        description="for each segment, the multiplier of each target"
    )

    @property
    def _column(self) -> str:
        return self.drawn.truth_column if self.drawn else self.column or ""

    @property
    def varies(self) -> bool:
        return False

    def targets(self, scope: Scope) -> frozenset[str]:
        return frozenset(target for factors in self.multiply.values() for target in factors)

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({(scope.table.name, self._column)} if self._column and "." not in self._column else ())

    def latent(self, scope: Scope) -> Mapping[str, Any]:
        if self.drawn is None:
            return {}
        return {
            self.drawn.truth_column: {"type": "choice", "values": self.drawn.values, "as": "category", "hidden": True}
        }

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if (self.column is None) == (self.drawn is None):
            found = "neither" if self.column is None else "both"
            yield scope.problem("missing", f"needs either a column or a latent segment, has {found}", "keep one")
        elif self.column is not None:
            yield from unreadable(scope, self.column, self.multiply, "multiply")
        elif self.drawn is not None:
            yield from self._unknown(scope, self.drawn)
        yield from own_rate(scope, self.targets(scope))
        yield from self._without_effect(scope)

    def _unknown(self, scope: Scope, drawn: Latent) -> Iterator[Problem]:
        for name in self.multiply:
            if name not in drawn.values:
                message = f"'{name[:40]}' is not one of the latent segments"
                yield scope.problem("no-effect", message, f"known: {', '.join(drawn.values)[:200]}", "multiply", name)

    def _without_effect(self, scope: Scope) -> Iterator[Problem]:
        """Targets that every segment multiplies by 1. If that is true of all targets, a general rule reports it."""
        changed = {target for factors in self.multiply.values() for target, factor in factors.items() if factor != 1}
        if not self.targets(scope):
            yield scope.problem(
                "no-effect",
                "no segment multiplies anything",
                'write multipliers, as in {"vip": {"orders": 3}}',
                "multiply",
            )
        for target in sorted(self.targets(scope) - changed) if changed else ():
            name = next(name for name, factors in self.multiply.items() if target in factors)
            message = f"every segment multiplies '{target}' by 1"
            yield scope.problem(
                "no-effect", message, "leave it out, or use different multipliers", "multiply", name, target
            )

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        names, column = ValueCodes(tuple(self.multiply)), self._column
        factors = np.array([*(chosen.get(target, 1.0) for chosen in self.multiply.values()), 1.0])

        def factor(entity: Entity) -> Floats:
            return factors.take(names.codes(entity.column(column)))

        return (Static(factor),)

    def marginal(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        """The effects; for a hidden segment, its mean."""
        effect = self.bind(scope, target)[0]
        assert isinstance(effect, Static)
        if self.drawn is None:
            return (effect,)
        weights = self.drawn.values
        mean = sum(w * self.multiply.get(n, {}).get(target, 1.0) for n, w in weights.items()) / sum(weights.values())

        def factor(entity: Entity) -> Floats:
            try:
                return effect.factor(entity)
            except Absent:
                return np.full(len(entity), mean)

        return (Static(factor),)

    def unobserved(self, scope: Scope, target: str) -> tuple[LatentVariation, ...]:
        if self.drawn is None:
            return ()
        shares = np.array(list(self.drawn.values.values())) / sum(self.drawn.values.values())
        factors = np.array([self.multiply.get(name, {}).get(target, 1.0) for name in self.drawn.values])
        mean = float((shares * factors).sum())
        return (Latency(self._column, float((shares * (factors / mean - 1.0) ** 2).sum())),) if mean > 0 else ()

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        """The segments that name the target, and all others."""
        chosen = {name: factors[target] for name, factors in self.multiply.items() if target in factors}
        names, column = ValueCodes(tuple(chosen)), self._column
        planted = np.array([*chosen.values(), 1.0])

        def code(entity: Entity) -> Ints:
            codes = names.codes(entity.column(column))
            return np.where(codes < 0, len(planted) - 1, codes)

        return (Grouped(column, (*chosen, REST), planted, judged_by="each", code=code),)
