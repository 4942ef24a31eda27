"""What a lifecycle leads one to expect of each stay, for validation: chances and cumulative hazards under censoring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.processes import PlantedEdge
from datagen.kinds.behaviors.support.survival_curves import life_hours
from datagen.kinds.generators.base import Generator, Numeric
from datagen.kinds.generators.support.distribution_metrics import quantiles
from datagen.kinds.lifetimes.base import Lifetime
from datagen.kinds.lifetimes.exponential import ConstantHazard
from datagen.kinds.processes.support.dwell import bound_dwell
from datagen.point_process.effects import Aging, Calendar
from datagen.point_process.expected_counts import treatment_curves
from datagen.point_process.exposure import cells
from datagen.point_process.ground_truth import GroundTruth
from datagen.random.math.elementary import exp, log
from datagen.time_units import HOUR, UNIT_HOURS

if TYPE_CHECKING:
    from datagen.kinds.processes.lifecycle import Lifecycle
    from datagen.scope import Scope


def planted_edges(process: Lifecycle, scope: Scope) -> Iterator[PlantedEdge]:
    """Every edge of the process with what is expected along it; `scope` is the place of the process, planned."""
    codes = {name: code for code, name in enumerate(process.states)}
    for name, state in process.states.items():
        here = scope.at("states", name)
        for to in state.to:
            truth = scope.planted_multipliers(f"{scope.keys[3]}.{name}>{to}")
            ends = codes[name], codes[to]
            if state.exits:
                hazard = _Hazard(state.exits[to], truth)
                yield PlantedEdge(*ends, hazard.planted, hazard.unit, hazard, True, hazard.hidden)
                continue
            share = _Share(name, to, state.next or {}, _laws(process, name, here), scope)
            yield PlantedEdge(*ends, share.planted, "share", share, False, share.hidden)


def _laws(process: Lifecycle, name: str, here: Scope) -> Mapping[str, Floats]:
    """For each target, the length of a stay at evenly spread chances, ascending microseconds."""
    state = process.states[name]
    own = state.after or {}
    return {to: _spread(state.law(to), here.at("after", to) if to in own else here.at("stay")) for to in state.to}


def _spread(law: Generator, scope: Scope) -> Floats:
    if not isinstance(law, Numeric):
        return bound_dwell(law, scope)(np.zeros(1, np.uint64)).astype(np.float64)
    type_ = law.result(scope)
    low, high = law.limits(type_) if type_ is not None else (None, None)
    drawn: Floats = np.maximum(np.clip(quantiles(law, scope), low, high), 0.0)
    return drawn


@dataclass(frozen=True, eq=False)
class _Share:
    """The share of one target of a state, times the chance that the stay before it ends in time."""

    name: str
    to: str
    weights: Mapping[str, float]
    laws: Mapping[str, Floats]
    scope: Scope

    @cached_property
    def planted(self) -> float:
        return self.weights[self.to] / sum(self.weights.values())

    @cached_property
    def truths(self) -> Mapping[str, GroundTruth]:
        process = self.scope.keys[3]
        return {to: self.scope.planted_multipliers(f"{process}.{self.name}>{to}") for to in self.weights}

    @cached_property
    def stay(self) -> GroundTruth:
        return self.scope.planted_multipliers(f"{self.scope.keys[3]}.{self.name}")

    @property
    def hidden(self) -> bool:
        return bool(self.stay.unseen) or any(truth.unseen for truth in self.truths.values())

    def __call__(self, rows: Rows, entered: Ints, until: Ints) -> tuple[Floats, Floats]:
        total, own = np.zeros(len(rows)), np.zeros(len(rows))
        for to, weight in self.weights.items():
            truth = self.truths[to]
            weighted = weight * (truth.at(rows, entered) if truth.rate else np.ones(len(rows)))
            total += weighted
            own = weighted if to == self.to else own
        law = self.laws[self.to]
        factor = self.stay.at(rows, entered) if self.stay.rate else np.ones(len(rows))
        time = (until - entered) / np.maximum(factor, 1e-300)
        ended = np.searchsorted(law, time, side="left") / len(law)
        chance = own / np.maximum(total, 1e-300) * ended
        return chance, chance * (1.0 - chance)


@dataclass(frozen=True, eq=False)
class _Hazard:
    """The cumulative hazard of one exit over a stay."""

    law: Lifetime
    truth: GroundTruth

    @property
    def planted(self) -> float:
        return 1.0 / self.law.mean_life if isinstance(self.law, ConstantHazard) and not self.law.cure_share else 1.0

    @property
    def unit(self) -> str:
        constant = isinstance(self.law, ConstantHazard) and not self.law.cure_share
        return f"hazard per {self.law.unit}" if constant else "hazard ratio"

    @property
    def timed(self) -> bool:
        return any(isinstance(effect, Calendar | Aging) for _, effect in self.truth.rate.effects)

    @property
    def hidden(self) -> bool:
        return bool(self.truth.unseen) or (self.timed and bool(self.law.cure_share))

    @cached_property
    def lives(self) -> Floats:
        """Lives of those who are not cured, in hours, ascending."""
        whole = life_hours(self.law.model_copy(update={"cure_share": 0.0}))
        return np.sort(whole)

    def __call__(self, rows: Rows, entered: Ints, until: Ints) -> tuple[Floats, Floats]:
        rate = self.truth.rate
        parts = [(entered, until, np.ones(len(rows)))]
        for treatment in treatment_curves(rate, rows, until):
            parts = [part for whole in parts for part in treatment.split(whole)]
        if len(parts) == 1:
            expected = self._untreated(rows, entered, until)
        else:  # the cumulative hazard from entry, part by part
            reached = [
                (self._untreated(rows, entered, high) - self._untreated(rows, entered, low)) * value
                for low, high, value in (
                    (np.maximum(low, entered), np.maximum(high, entered), v) for low, high, v in parts
                )
            ]
            expected = np.add.reduce(np.array(reached), axis=0)
        return expected, expected

    def _untreated(self, rows: Rows, entered: Ints, until: Ints) -> Floats:
        return self._along(rows, entered, until) if self.timed else self._plain(rows, entered, until)

    def _plain(self, rows: Rows, entered: Ints, until: Ints) -> Floats:
        hours = np.asarray((until - entered) * (1.0 / HOUR), np.float64)
        factor = self.truth.rate.static(rows) if self.truth.rate else 1.0
        if isinstance(self.law, ConstantHazard):
            alive: Any = exp(-hours / (self.law.mean_life * UNIT_HOURS[self.law.unit]))
        else:
            above = len(self.lives) - np.searchsorted(self.lives, hours, side="right")
            alive = np.maximum(above, 0.5) / len(self.lives)
        cured = self.law.cure_share
        found: Floats = -log(cured + (1.0 - cured) * alive**factor)
        return found

    def _along(self, rows: Rows, entered: Ints, until: Ints) -> Floats:
        rate = self.truth.rate
        assert isinstance(self.law, ConstantHazard)
        per_hour = 1.0 / (self.law.mean_life * UNIT_HOURS[self.law.unit])
        group, expected = rate.group(rows), np.zeros(len(rows))
        for code, clock in enumerate(rate.clocks):
            at = np.arange(len(rows)) if group is None else np.flatnonzero(group == code)
            if len(at):
                for cell in cells(clock, [(entered[at], until[at])], rate.agings(rows.take(at))):
                    expected[at] += cell.expected()
        return expected * rate.static(rows) * per_hour
