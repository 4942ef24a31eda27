"""Recovers the branching and decay of a Hawkes process from pairs of a parent's events.

Sums over the pairs of each parent's events, weighted by exp(-lag / scale) at a short, a middle and a long scale, with
lags on the parent's planted clock. The long scale estimates the pairs by chance, whatever the parents' own multipliers;
the excess at the other scales is the excitation.

Sources: Hawkes (1971), Spectra of some self-exciting and mutually exciting point processes; Da Fonseca and Zaatour
(2014), Hawkes process: fast calibration, application to trade clustering.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.rates import ExcitationDeclaration
from datagen.point_process.expected_counts import Cell, Exposure, multiplied
from datagen.time_units import DAY, HOUR
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.hawkes.estimator import ExcitationState, Pairs, Solution, blurred, solved, spread
from datagen.validation.metrics.hawkes.pair_sums import background, bin_edges, pair_sums, spread_over
from datagen.validation.metrics.rates.dispersion import dispersion
from datagen.validation.metrics.rates.metric import SAMPLED_PARENTS
from datagen.validation.metrics.rates.operational_time import Owned, events_by_parent, gaps, in_order
from datagen.validation.metrics.rates.per_parent import missing_truth_columns
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.row_sampling import sample_rows
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

SCALES = (0.4, 1.6, 8.0)
"""In units of the mean reach of a cluster, decay / (1 - branching)."""
_UNITS = 400
_LEAST_BLOCK = 20.0
_LEAST_UNITS = 20
_LEAST_CLUSTERS = 80


@judges(ExcitationDeclaration)
@dataclass(frozen=True, eq=False)
class ExcitationRecovery(ExcitationDeclaration):
    """The branching and the decay of the events of a table, and the dispersion of its parents."""

    name: ClassVar[str] = "ExcitationRecovery"
    group: Group = "time"

    @property
    def scales(self) -> Floats:
        """The scales of the pair sums, hours at a multiplier of 1."""
        return np.array(SCALES) * self.declared.reach

    @cached_property
    def bounds(self) -> Ints:
        """The bounds of the intervals that replace parents as units if parents are few."""
        low, high = self.stay.bounds
        longest = (high - low) / HOUR / (_LEAST_BLOCK * self.declared.reach)
        number = int(np.clip(_UNITS / max(self.parents(), 1), 1, max(longest, 1)))
        return np.linspace(low, high, number + 1).astype(np.int64)

    def observe(self, part: Slice) -> ExcitationState | None:
        block = part.block(self.table)
        if block is None or block.parent is None or "event_time" not in block.attributes:
            return None
        at = sample_rows(block.parent.ids, SAMPLED_PARENTS / max(self.parents(), len(block.parent), 1))
        rows = Rows(block.parent, at)
        return _SliceObservation(self, rows, in_order(events_by_parent(block, at))).state() if len(rows) else None

    def merge(self, one: ExcitationState, other: ExcitationState) -> ExcitationState:
        return one + other

    def findings(self, state: ExcitationState | None) -> list[Finding]:
        return excitation_findings(self, state)


class _SliceObservation:
    """The observation of the parents of one slice."""

    def __init__(self, metric: ExcitationRecovery, rows: Rows, events: Owned) -> None:
        self.metric, self.events, self.scales = metric, events, metric.scales
        start, end = metric.planted.clip_to_lives(rows, *metric.stay(rows))
        low, high = metric.stay.bounds
        base = metric.planted.rate.static(rows) * metric.declared.per_hour
        self.exposure = Exposure(metric.planted, rows, np.clip(start, low, high), np.clip(end, low, high), base)
        self.weight = 1.0 / (1.0 + base * metric.declared.reach)
        self.width = len(metric.bounds) - 1
        self.missing_truth = frozenset(missing_truth_columns(metric.planted, rows))

    def state(self) -> ExcitationState:
        parents, scales = len(self.exposure), len(self.scales)
        terms = np.zeros((2 * scales + 2, parents * self.width))
        terms[: scales + 1] = self._found()
        edges = bin_edges(self.metric.declared.reach)
        profile, hours = np.zeros(len(edges) - 1), np.zeros(2)
        place = np.zeros(parents)
        agings, survival_factors = list(self.exposure.agings()), list(self.exposure.survival_factors())
        for number, (low, high, _) in self._cells():
            middle = low + (high - low) // 2
            width = (self.exposure.clock(high) - self.exposure.clock(low)) * multiplied(agings, middle)
            expected = multiplied(survival_factors, middle) * self.exposure.base * self.weight
            piece = place, place + width
            chance = background(piece, expected * self.exposure.base, self.scales)
            terms[scales + 1 :, number :: self.width] += (*chance, expected * width)
            profile += spread_over(piece, expected, edges)
            hours += (width.sum(), ((high - low) / HOUR).sum())
            place = piece[1]
        return ExcitationState(
            terms.sum(axis=1), self._products(terms), profile, hours, self._days(), self.missing_truth
        )

    def _products(self, terms: Floats) -> Floats:
        """The products of each unit with itself, and with its neighbours in time, which share pairs."""
        of_parent = terms.reshape(len(terms), -1, self.width)
        across = np.einsum("ipk,jpk->ij", of_parent[:, :, 1:], of_parent[:, :, :-1])
        alone = terms @ terms.T
        return np.stack([alone, alone + across + across.T])

    def _cells(self) -> list[tuple[int, Cell]]:
        """The intervals of all parents by the number of their block of time, in time order."""
        cells, found = list(self.exposure.cells()), list[tuple[int, Cell]]()
        for number, (begin, finish) in enumerate(zip(self.metric.bounds[:-1], self.metric.bounds[1:], strict=True)):
            for low, high, value in cells:
                low, high = np.clip(low, begin, finish), np.clip(high, begin, finish)
                if bool((high > low).any()):
                    found.append((number, (low, high, value)))
        return found

    def _days(self) -> Floats:
        first, last = (bound // DAY for bound in self.metric.stay.bounds)
        days = np.clip(self.events[1] // DAY - first, 0, last - first)
        return np.bincount(days, minlength=last - first + 1).astype(np.float64)

    def _found(self) -> Floats:
        """The weighted pairs at each scale and the events of each unit, (scales + 1, units)."""
        owner, times = self.events
        block = np.clip(np.searchsorted(self.metric.bounds, times, side="right") - 1, 0, self.width - 1)
        unit, weight = owner * self.width + block, self.weight[owner]
        size = len(self.exposure) * self.width
        between = gaps(self.exposure, self.events)
        found = [np.bincount(unit, weight * pairs, minlength=size) for pairs in pair_sums(owner, between, self.scales)]
        return np.stack([*found, np.bincount(unit, weight, minlength=size)])


def excitation_findings(metric: ExcitationRecovery, state: ExcitationState | None) -> list[Finding]:
    """Branching and decay, and how much parents differ."""
    if not all(survival.monotone for _, survival in metric.planted.survival_factors):
        return _none(metric, "returns, or leaving after an event, hide it")
    if state is None or not (state.sums[3] > 0 and state.profile.sum() > 0):
        return _none(metric, "there are no events, or none to expect")
    pairs = Pairs(metric.declared, metric.planted, metric.scales, state)
    n, found = metric.declared.branching, solved(pairs)
    gone = found.branching < n / 3 and found.clusters >= _LEAST_CLUSTERS
    if blurred(pairs) or (found.effective_size < _LEAST_UNITS and not gone):
        return _none(metric, "there are too few clusters or parents, or the window is too short for them")
    return [*_findings(*_parameters(metric), found), _dispersion(metric, state, spread(pairs, found))]


def _none(metric: ExcitationRecovery, why: str) -> list[Finding]:
    parameters = (
        *_parameters(metric),
        dispersion(metric.table, metric.declared.dispersion, metric.planted.spread()),
    )
    return [not_identifiable(parameter, why) for parameter in parameters]


def _dispersion(metric: ExcitationRecovery, state: ExcitationState, found: tuple[float, float] | None) -> Finding:
    hidden = metric.planted.spread(state.missing_truth)
    parameter = dispersion(metric.table, metric.declared.dispersion, hidden)
    if found is None or len(metric.bounds) > 2:
        return not_identifiable(parameter, "parents are too few")
    return compare(parameter, *found)


def _parameters(metric: ExcitationRecovery) -> tuple[Parameter, Parameter]:
    n = metric.declared.branching
    branching = Parameter(
        metric.table, None, metric.name, "branching (events triggered by an event)", n, size=n, group="time",
        weight=0.5
    )  # fmt: skip
    decay = Parameter(
        metric.table, None, metric.name, "decay (hours to a triggered event)", metric.declared.decay, log=True,
        group="time", weight=0.5,
    )  # fmt: skip
    return branching, decay


def _findings(branching: Parameter, decay: Parameter, found: Solution) -> Iterator[Finding]:
    finding = compare(branching, found.branching, found.errors[0])
    yield finding
    if found.decay is None or finding.verdict == "not identifiable":
        yield not_identifiable(decay, "there is too little clustering to identify it")
    else:
        yield compare(decay, found.decay, found.errors[1])
