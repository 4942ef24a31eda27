"""Triggered events: the number of rows per trigger, by kind, counted from the labels of causes, and diminishing
returns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Column, Floats, Ints, Rows
from datagen.declarations.rates import StayTable, TriggerDeclaration
from datagen.errors import Absent
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.process_views import instants, state_codes
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

FEWEST = 20


@judges(TriggerDeclaration)
@dataclass(frozen=True, eq=False)
class TriggerEffects(TriggerDeclaration):
    """Rows with a cause of each kind over the triggers of that kind, each counted by the share of its rows that come
    while the parent is exposed, times what diminishing returns leave.

    Let m be that number, and d = -load / (1 + load / half_at) the slope of its logarithm in 1 / half_at. The sum of d
    over caused rows, less what a common effect explains, is the score of 1 / half_at, and one step of Newton's method
    from the planted value estimates it.
    """

    name: ClassVar[str] = "TriggerEffect"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Floats | None:
        """By kind: triggered rows, the sum of m, of d over the rows with a known cause, of m d, and of m d d, shape (5,
        kinds).
        """
        caused, triggers = part.block(self.table), part.block(self.trigger)
        if self.unknown or self.label is None or caused is None or triggers is None or triggers.parent_row is None:
            return None
        try:
            labels, times = caused.columns[self.label], triggers.columns[self.moment].data
            kinds = None if self.by is None else triggers.columns[self.by]
            seen = self._seen(triggers, times) if self.during is None else self._within(part, triggers, self.during)
        except Absent:
            return None
        size = max(len(self.kinds), 1)
        codes = _codes(kinds, len(times), size)
        slope = np.zeros(len(times))
        if self.fatigue is not None:
            load = self.fatigue.load(triggers.parent_row, codes, times)
            left = 1.0 / (1.0 + load / self.fatigue.half_at)
            seen, slope = seen * left, -load * left
        there = labels.valid if labels.valid is not None else np.ones(len(labels), np.bool_)
        own = _codes(labels if self.by is not None else None, len(labels), size)[there]
        rows = (np.ones(len(own)), own), (seen, codes), self._caused(caused, triggers, slope, codes)
        sums = [(values, at) for values, at in (*rows, (seen * slope, codes), (seen * slope * slope, codes))]
        return np.array([np.bincount(at, values, minlength=size + 1)[:size] for values, at in sums])

    def _seen(self, triggers: Block, times: Ints) -> Floats:
        """The share of each trigger's rows that come while its parent stays."""
        start, end = self.stay(Rows(triggers).up())
        return np.maximum(self.arrived(end - times) - self.arrived(start - times), 0.0)

    def _within(self, part: Slice, triggers: Block, during: StayTable) -> Floats:
        """The share that comes in the stays that count."""
        stays, times, parents = part.block(during.table), triggers.columns[self.moment].data, triggers.parent_row
        if stays is None or stays.parent_row is None or parents is None:
            raise Absent(during.table)
        start, end = self.stay(Rows(triggers).up())
        counts = np.isin(state_codes(stays.columns[during.shown["state"]], during.names), during.codes)
        at = np.flatnonzero(counts)
        at = at[np.argsort(stays.parent_row[at], kind="stable")]
        entered, left = (instants(stays.columns[during.shown[name]])[at] for name in ("entered_at", "left_at"))
        owners = stays.parent_row[at]
        first, last = np.searchsorted(owners, parents, "left"), np.searchsorted(owners, parents, "right")
        found = np.zeros(len(times))
        for number in range(int((last - first).max(initial=0))):
            some = np.flatnonzero(first + number < last)
            stay = first[some] + number
            low, high = np.maximum(entered[stay], start[some]), np.minimum(left[stay], end[some])
            share = self.arrived(high - times[some]) - self.arrived(low - times[some])
            found[some] += np.where(high > low, np.maximum(share, 0.0), 0.0)
        return found

    def _caused(self, caused: Block, triggers: Block, slope: Floats, codes: Ints) -> tuple[Floats, Ints]:
        """The slope of the trigger of each row that has a known cause, and its kind."""
        if self.cause is None or self.fatigue is None or not len(triggers):
            return np.zeros(0), np.zeros(0, np.int64)
        cells, keys = caused.columns[self.cause[0]], triggers.columns[self.cause[1]].data
        cited = cells.data if cells.valid is None else cells.data[cells.valid]
        order = np.argsort(keys)
        at = order[np.minimum(np.searchsorted(keys[order], cited), len(keys) - 1)]
        at = at[keys[at] == cited]
        return slope[at], codes[at]

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        sums = np.zeros((5, max(len(self.kinds), 1))) if state is None else state
        found = [self._effect(number, *sums[:2, number].tolist()) for number in range(len(self.effects))]
        return found if self.fatigue is None else [*found, self._returns(sums, self.fatigue.half_at)]

    def _effect(self, number: int, seen: float, shown: float) -> Finding:
        kind, effect = (
            f"{self.by} {self.kinds[number]}" if self.kinds else f"a row of {self.trigger}",
            self.effects[number],
        )
        parameter = Parameter(self.table, None, self.name, f"effect of {kind}", effect, max(effect, 0.05))
        if self.unknown:
            return not_identifiable(parameter, self.unknown)
        if shown * max(effect, 0.05) < FEWEST:
            return not_identifiable(parameter, f"there are {shown:.0f} such triggers")
        return compare(parameter, seen / shown, math.sqrt(max(seen, effect * shown, 1.0)) / shown)

    def _returns(self, sums: Floats, half_at: float) -> Finding:
        """1 / half_at, from the score and the information that are left when the effect of each kind is estimated."""
        subject = "diminishing returns: 1 / half_at"
        parameter = Parameter(self.table, None, self.name, subject, 1.0 / half_at, 1.0 / half_at)
        if self.unknown or self.cause is None:
            return not_identifiable(parameter, self.unknown or "no column shows which row caused which")
        seen, shown, score, slope, square = sums[:, sums[1] > 0]
        score = score - seen * slope / shown
        information = float((seen / shown * (square - slope * slope / shown)).sum())
        if information <= 0:
            return not_identifiable(parameter, "no trigger follows others of its kind")
        return compare(parameter, 1.0 / half_at + float(score.sum()) / information, information**-0.5)


def _codes(kinds: Column | None, rows: int, size: int) -> Ints:
    """The kind of each row, `size` for none."""
    if kinds is None:
        return np.zeros(rows, np.int64)
    codes = np.minimum(kinds.data.astype(np.int64), size)
    return codes if kinds.valid is None else np.where(kinds.valid, codes, size)
