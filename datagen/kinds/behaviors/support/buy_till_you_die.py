"""Shared code of buy-till-you-die models: individual purchase rates, and the table of events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.frailty import frailty
from datagen.kinds.behaviors.support.target_rules import own_rate, rates_only
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.time_units import UNIT_HOURS, AgeUnit

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Purchases(Behavior):
    """Purchase rates differ between customers: lambda ~ Gamma(r, rate alpha), of mean r / alpha per unit.

    The events table `of` has the mean, r / alpha, as its `mean_per_...`. The behavior multiplies it by a gamma
    multiplier of mean 1 and shape r. `alpha` is optional and checked against that mean.
    """

    of: str = Field(description="the table of purchases: events below the customers")
    unit: AgeUnit = Field(default="week", description="the unit of time of the parameters")
    r: float = Field(ge=0.02, le=1e4, description="shape of the purchase rates; the smaller, the more customers differ")
    alpha: float | None = Field(
        default=None, gt=0, le=1e9, description="r / alpha purchases per unit, which must equal the table's mean"
    )

    def targets(self, scope: Scope) -> frozenset[str]:
        return frozenset({self.of})

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from own_rate(scope, (self.of,))
        yield from rates_only(scope, (self.of,), "of")
        rows = getattr(scope.tables().get(self.of), "rows", None)
        if rows is None:
            return
        if getattr(rows, "dispersion", 0.0):
            message = f"'{self.of}' has its own dispersion in addition to r"
            yield scope.problem("range", message, "leave the dispersion out", "r")
        mean = self.mean(scope)
        if self.alpha is not None and mean and abs(self.r / self.alpha / mean - 1.0) > 1e-3:
            message = (
                f"r / alpha is {self.r / self.alpha:.6g} per {self.unit}, but '{self.of}' has a mean of {mean:.6g}"
            )
            yield scope.problem("range", message, f"write alpha {self.r / mean:.6g}, or leave it out", "alpha")

    def mean(self, scope: Scope) -> float:
        """Purchases per customer and unit, from the table of events; 0 if it declares none."""
        rows = getattr(scope.tables().get(self.of), "rows", None)
        means = {unit: getattr(rows, f"mean_per_{unit}", None) for unit in UNIT_HOURS}
        return next((mean / UNIT_HOURS[unit] * UNIT_HOURS[self.unit] for unit, mean in means.items() if mean), 0.0)

    def cancels(self, scope: Scope, target: str) -> Iterator[Problem]:
        message = (
            f"sets the number of rows of '{target}' for each row of '{scope.table.name}', but '{target}' chooses "
            f"among them"
        )
        yield scope.problem(
            "unrelated-table", message, "use frailty and retention, which weight how often each is chosen", "of"
        )

    @property
    def rates(self) -> InverseCdfTable:
        """The distribution of the customers' multipliers."""
        return frailty(1.0 / self.r)
