"""Gamma renewal process: events more regular or more clustered than Poisson."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints, Words
from datagen.kinds.interarrival.base import Interarrival, Setting
from datagen.kinds.interarrival.support.examples import visiting
from datagen.kinds.interarrival.support.renewal import Gap, Renewal, exposure, placed
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.process import Events, Process, ProcessInput, gathered, within_quota
from datagen.random.distributions import gamma
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.scope import Scope

if TYPE_CHECKING:
    from datagen.errors import Problem


class Gamma(Interarrival):
    """A renewal process whose gaps have a coefficient of variation of 1 / sqrt(shape): regular above 1, clumped below.

    Gaps are measured in operational time, which runs with the parent's rate, so that season, age and lifetime still
    apply. The process is in equilibrium from the start: the first event comes after the residual of a gap under way, so
    the mean is that of the rate for the youngest parents, too.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (visiting({"type": "gamma", "shape": 4}),)

    type: Literal["gamma"] = "gamma"
    shape: float = Field(ge=0.05, le=1000, description="4 halves the variation of the gaps, 0.25 doubles it")

    @property
    def regular(self) -> bool:
        return self.shape > 1

    @property
    def variation(self) -> float | None:
        return 3.0 / (2.0 * self.shape + 1.0)

    def distribution(self) -> InverseCdfTable | None:
        return gamma(self.shape, 1.0)

    @property
    def max_fano(self) -> float:
        return max(1.0 / self.shape, 1.0)  # regular over long times, random within an hour of the day

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.shape == 1:
            hint = "leave the gaps out, or write a shape above (regular) or below 1 (clustered)"
            yield scope.problem("no-effect", "gamma gaps of shape 1 are those of a Poisson process", hint, "shape")

    def process(self, setting: Setting, scope: Scope) -> Process:
        return _GammaProcess(setting.clock, setting.start, setting.end, Renewal(self._left(scope), self._whole(scope)))

    def _whole(self, scope: Scope) -> Gap:
        distribution, stream = gamma(self.shape, 1.0), scope.stream("gap")
        return lambda ids: distribution.sample(stream, ids)

    def _left(self, scope: Scope) -> Gap:
        """The residual of a gap under way: a uniform share of a length-biased gap."""
        distribution = gamma(self.shape + 1.0, (self.shape + 1.0) / self.shape)
        stream, share = scope.stream("first gap"), scope.stream("first share")

        def left(ids: Words) -> Floats:
            return distribution.sample(stream, ids) * share.uniforms(ids)

        return left


@dataclass(frozen=True, slots=True, eq=False)
class _GammaProcess:
    clock: CumulativeIntensity
    start: int
    end: int
    renewal: Renewal

    @property
    def horizon(self) -> int:
        return self.end

    def counts(self, exposed: ProcessInput) -> Ints:
        counts = np.zeros(len(exposed.ids), np.int64)
        stretch = exposure(exposed)
        if stretch is not None:
            for trail in self.renewal.trails(exposed.ids, exposed.base, stretch.total):
                counts += trail.counts
        return counts if exposed.quota is None else np.minimum(counts, exposed.quota)

    def events(self, exposed: ProcessInput) -> Events:
        stretch, parts = exposure(exposed), list[Events]()
        if stretch is not None:
            for trail in self.renewal.trails(exposed.ids, exposed.base, stretch.total):
                parts.append(Events(trail.counts, trail.ids, placed(self.clock, stretch, trail)))
        return within_quota(gathered(parts, len(exposed.ids)), exposed.quota)
