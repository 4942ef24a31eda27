"""The parameters of a rate that the metric recovers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from datagen.declarations.rates import RateDeclaration
from datagen.point_process.ground_truth import KnownFactor
from datagen.validation.metrics.base import Group

MOST_CATEGORIES = 48


@dataclass(frozen=True, eq=False)
class RateParameters(RateDeclaration):
    """A declared rate: its window, and the factors that are estimated."""

    name: ClassVar[str] = "RateRecovery"
    group: Group = "recovery"

    @property
    def window(self) -> tuple[int, int]:
        """Its start and end, microseconds."""
        return self.stay.bounds

    @cached_property
    def known(self) -> tuple[KnownFactor, ...]:
        """The factors of a size that can be judged."""
        return tuple(known for known in self.planted.known if len(known.factor.planted) <= MOST_CATEGORIES)
