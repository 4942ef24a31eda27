"""Self-excitation as planted: how many events an event brings on, and after how long, from how often a parent's events come in pairs.

Sums over the pairs of each parent's events, weighted by exp(-lag / scale) at a short, a middle and a long scale, lags on the
parent's own planted clock. The long one tells how often pairs come together by themselves, whatever the parents' own multipliers;
what the others have beyond it is the excitation. Sources: Hawkes (1971), Spectra of some self-exciting and mutually exciting
point processes; Da Fonseca and Zaatour (2014), Hawkes process: fast calibration, application to trade clustering.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.rates import ExcitationDeclaration
from datagen.point_process.expected_counts import Cell, Exposure, multiplied
from datagen.time_units import DAY, HOUR
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.hawkes.pair_sums import background, bin_edges, pair_sums, spread_over
from datagen.validation.metrics.hawkes.verdicts import excitation_findings
from datagen.validation.metrics.rates.metric import SAMPLED_PARENTS
from datagen.validation.metrics.rates.operational_time import Owned, events_by_parent, gaps, in_order
from datagen.validation.metrics.rates.per_parent import lacking
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.row_sampling import sample_rows

SCALES = (0.4, 1.6, 8.0)
"""In mean reaches of a cluster, decay / (1 - branching)."""
_UNITS = 400
_LEAST_BLOCK = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class ExcitationState:
    """Over units, which are parents, or stretches of them where they are few: sums of (pairs at each scale, events, chance pairs
    of the planted rates at each scale, events expected), shape (8,), and of their products, without and with neighbours in time.

    `profile` holds the events expected by operational time since exposure began; `hours` that time and real time, in all.
    `days`: events by day of the window. `lacking`: hidden columns that are not there.
    """

    sums: Floats
    products: Floats
    profile: Floats
    hours: Floats
    days: Floats
    lacking: frozenset[str]

    def __add__(self, other: ExcitationState) -> ExcitationState:
        names = (f.name for f in fields(self) if f.name != "lacking")
        added = {name: getattr(self, name) + getattr(other, name) for name in names}
        return ExcitationState(**added, lacking=self.lacking | other.lacking)


@judges(ExcitationDeclaration)
@dataclass(frozen=True, eq=False)
class ExcitationRecovery(ExcitationDeclaration):
    """The branching and the decay of the events of a table, and the dispersion of its parents, which pairs tell apart from them."""

    name: ClassVar[str] = "ExcitationRecovery"
    group: Group = "time"

    @property
    def scales(self) -> Floats:
        """The scales of the pair sums, hours at a multiplier of 1."""
        return np.array(SCALES) * self.declared.reach

    @cached_property
    def bounds(self) -> Ints:
        """Where the stretches begin and end into which the parents are cut where they are few."""
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
        return _Look(self, rows, in_order(events_by_parent(block, at))).state() if len(rows) else None

    def merge(self, one: ExcitationState, other: ExcitationState) -> ExcitationState:
        return one + other

    def findings(self, state: ExcitationState | None) -> list[Finding]:
        return excitation_findings(self, state)


class _Look:
    """The parents of one slice, looked at."""

    def __init__(self, measure: ExcitationRecovery, rows: Rows, events: Owned) -> None:
        self.measure, self.events, self.scales = measure, events, measure.scales
        start, end = measure.planted.lived(rows, *measure.stay(rows))
        low, high = measure.stay.bounds
        base = measure.planted.rate.static(rows) * measure.declared.per_hour
        self.exposure = Exposure(measure.planted, rows, np.clip(start, low, high), np.clip(end, low, high), base)
        self.weight = 1.0 / (1.0 + base * measure.declared.reach)
        self.width = len(measure.bounds) - 1
        self.lacking = frozenset(lacking(measure.planted, rows))

    def state(self) -> ExcitationState:
        parents, scales = len(self.exposure), len(self.scales)
        terms = np.zeros((2 * scales + 2, parents * self.width))
        terms[: scales + 1] = self._found()
        edges = bin_edges(self.measure.declared.reach)
        profile, hours = np.zeros(len(edges) - 1), np.zeros(2)
        place = np.zeros(parents)
        agings, fadings = list(self.exposure.agings()), list(self.exposure.fadings())
        for number, (low, high, _) in self._cells():
            middle = low + (high - low) // 2
            width = (self.exposure.clock(high) - self.exposure.clock(low)) * multiplied(agings, middle)
            expected = multiplied(fadings, middle) * self.exposure.base * self.weight
            piece = place, place + width
            chance = background(piece, expected * self.exposure.base, self.scales)
            terms[scales + 1 :, number :: self.width] += (*chance, expected * width)
            profile += spread_over(piece, expected, edges)
            hours += (width.sum(), ((high - low) / HOUR).sum())
            place = piece[1]
        return ExcitationState(terms.sum(axis=1), self._products(terms), profile, hours, self._days(), self.lacking)

    def _products(self, terms: Floats) -> Floats:
        """Of each unit with itself, and with its neighbours in time, too, who share pairs across their bound."""
        of_parent = terms.reshape(len(terms), -1, self.width)
        across = np.einsum("ipk,jpk->ij", of_parent[:, :, 1:], of_parent[:, :, :-1])
        alone = terms @ terms.T
        return np.stack([alone, alone + across + across.T])

    def _cells(self) -> list[tuple[int, Cell]]:
        """The stretches of all parents by the number of their block of time, in the order of time."""
        cells, found = list(self.exposure.cells()), list[tuple[int, Cell]]()
        for number, (begin, finish) in enumerate(zip(self.measure.bounds[:-1], self.measure.bounds[1:], strict=True)):
            for low, high, value in cells:
                low, high = np.clip(low, begin, finish), np.clip(high, begin, finish)
                if bool((high > low).any()):
                    found.append((number, (low, high, value)))
        return found

    def _days(self) -> Floats:
        first, last = (bound // DAY for bound in self.measure.stay.bounds)
        days = np.clip(self.events[1] // DAY - first, 0, last - first)
        return np.bincount(days, minlength=last - first + 1).astype(np.float64)

    def _found(self) -> Floats:
        """The weighted pairs at each scale and the events of each unit, (scales + 1, units)."""
        owner, times = self.events
        block = np.clip(np.searchsorted(self.measure.bounds, times, side="right") - 1, 0, self.width - 1)
        unit, weight = owner * self.width + block, self.weight[owner]
        size = len(self.exposure) * self.width
        between = gaps(self.exposure, self.events)
        found = [np.bincount(unit, weight * pairs, minlength=size) for pairs in pair_sums(owner, between, self.scales)]
        return np.stack([*found, np.bincount(unit, weight, minlength=size)])
