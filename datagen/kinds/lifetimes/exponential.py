"""Exponential lifetimes: a constant hazard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.behaviors.support.examples import living
from datagen.kinds.lifetimes.base import Continuous
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.math.elementary import log

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class ExponentialLife(Continuous):
    """S(t) = exp(-hazard x t): exponential lives, given by their mean, their half-life or the hazard per unit."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        living({"type": "exponential", "half_life": 9, "cure_share": 0.1}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("constant_hazard",)

    left_out: ClassVar[Mapping[str, str]] = {
        "scale": "mean",
        "rate lambda lam": "hazard",
    }
    type: Literal["exponential"] = "exponential"
    mean: float | None = Field(default=None, ge=1e-6, le=1e6, description="mean life in units")
    half_life: float | None = Field(default=None, ge=1e-6, le=1e6, description="units after which half are gone")
    hazard: float | None = Field(default=None, gt=0, le=1e3, description="hazard per unit")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        given = [name for name in ("mean", "half_life", "hazard") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            yield scope.problem("missing", f"needs one of mean, half_life and hazard, has {found}", "keep one")

    @property
    def mean_life(self) -> float:
        """The mean life in units."""
        if self.mean is not None:
            return self.mean
        return float(self.half_life / log(2.0) if self.half_life is not None else 1.0 / (self.hazard or 1.0))

    def distribution(self) -> InverseCdfTable:
        return distributions.exponential(self.mean_life)
