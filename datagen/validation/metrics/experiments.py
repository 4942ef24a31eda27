"""Experiments as an analyst sees them: shares of the arms, and ratios of rates and means between arms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Floats, Ints, Rows
from datagen.columnar.row_time import moments
from datagen.declarations.experiments import ArmSharesDeclaration, ExperimentDeclaration
from datagen.errors import Absent
from datagen.kinds.behaviors.support.value_codes import ValueCodes
from datagen.point_process.effects import Interval
from datagen.time_units import HOUR
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import VANISHED, Parameter, compare, not_identifiable

_FEWEST = 20
_LEAST = 0.05


@judges(ArmSharesDeclaration)
@dataclass(frozen=True, eq=False)
class ArmShares(ArmSharesDeclaration):
    """The shares of the arms among all recorded assignments, against those declared."""

    name: ClassVar[str] = "ArmShares"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Floats | None:
        """Entities by arm, shape (arms,)."""
        block = part.block(self.table)
        if block is None:
            return None
        try:
            codes = ValueCodes(self.arms).codes(Rows(block).column(self.column))
        except Absent:
            return None
        return np.bincount(codes[codes >= 0], minlength=len(self.arms)).astype(np.float64)

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        total, weights = (0.0 if state is None else float(state.sum())), sum(self.weights)
        found = []
        for number, (arm, weight) in enumerate(zip(self.arms, self.weights, strict=True)):
            share = weight / weights
            parameter = Parameter(
                self.table, self.column, self.name, f"{self.experiment}: share of {arm}", share, share
            )
            if state is None or total * share < _FEWEST:
                found.append(not_identifiable(parameter, "there are too few entities"))
                continue
            error = math.sqrt(share * (1.0 - share) / total)
            found.append(compare(parameter, float(state[number]) / total, error))
        return found


@judges(ExperimentDeclaration)
@dataclass(frozen=True, eq=False)
class ExperimentEffects(ExperimentDeclaration):
    """For each arm the ratio of its rate (or mean value) to the control's, entity by entity as they were randomized.

    What is planted is the mean of the arm's multiplier over the rows of the control: what they would have been.
    """

    name: ClassVar[str] = "ExperimentEffect"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Floats | None:
        """By arm, of weights w (exposed hours, or rows) and totals x (rows, or their values) of the entities: their
        number, the sums of w, x, xx, xw and ww, and what the control would have in this arm, (arms, 7).
        """
        entities, block = part.block(self.table), part.block(self.target)
        if entities is None or block is None:
            return None
        try:
            return self._observed(entities, block)
        except Absent:
            return None

    def _observed(self, entities: Block, block: Block) -> Floats | None:
        rows = Rows(block).above(self.table)
        position = _positions(rows)
        everyone = Rows(entities)
        arm = ValueCodes(self.arms).codes(everyone.column(self.column))
        begin, end = self.span(everyone)
        span = begin, np.maximum(np.minimum(end, self.end), begin)
        times = moments(Rows(block))
        times = begin[position] if times is None else times
        size = np.ones(len(block))
        inside = _within(span, position, times) & (arm[position] >= 0)
        if self.measured is not None:
            values = Rows(block).column(self.measured)
            inside &= np.ones(len(block), np.bool_) if values.valid is None else values.valid
            size = np.where(inside, values.as_floats(), 0.0)
        position, times, size = position[inside], times[inside], size[inside]
        total = np.bincount(position, size, minlength=len(entities))
        if self.measured is None:
            weight = self._exposed(block, span, len(entities))
        else:
            weight = np.bincount(position, minlength=len(entities)).astype(np.float64)
        sums = np.zeros((len(self.arms), 7))
        control = arm[position] == 0
        would = everyone.take(position[control])
        for number in range(len(self.arms)):
            own = arm == number
            x, w = total[own], weight[own]
            sums[number, :6] = own.sum(), w.sum(), x.sum(), (x * x).sum(), (x * w).sum(), (w * w).sum()
            sums[number, 6] = (self.planted(number, would, times[control]) * size[control]).sum()
        return sums

    def _exposed(self, block: Block, span: Interval, entities: int) -> Floats:
        """The exposure of each entity: the exposed hours of its parents, or their number if rows have no time."""
        parents = Rows(block.parent if block.parent is not None else block)
        position = _positions(parents.above(self.table))
        born = moments(parents)
        born = span[0][position] if born is None else born
        if block.time is None:
            return np.bincount(position[_within(span, position, born)], minlength=entities).astype(np.float64)
        hours = np.maximum(span[1][position] - np.maximum(span[0][position], born), 0) / HOUR
        return np.bincount(position, hours, minlength=entities).astype(np.float64)

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        what = f"mean of {self.measured}" if self.measured else "rate of rows"
        found = []
        for number, arm in enumerate(self.arms[1:], 1):
            control = None if state is None else state[0]
            planted = 1.0
            if state is not None and state[0, 2] > 0:
                planted = float(state[number, 6] / state[0, 2])
            size = max(abs(math.log(max(planted, 1e-6))), _LEAST)
            subject = f"{self.experiment}: {what} in {arm} / {self.arms[0]}"
            parameter = Parameter(self.target, self.measured, self.name, subject, planted, size, log=True)
            if self.unknown:
                found.append(not_identifiable(parameter, self.unknown))
                continue
            if state is None or control is None or min(control[0], state[number, 0]) < _FEWEST or control[2] <= 0:
                found.append(not_identifiable(parameter, "there are too few entities in it"))
                continue
            if few := self._too_few(planted, state[number], control):
                found.append(not_identifiable(parameter, few))
                continue
            ratio = (state[number, 2] / max(state[number, 1], 1e-300)) / (control[2] / control[1])
            error = math.sqrt(_relative(state[number]) + _relative(control))
            found.append(compare(parameter, float(ratio), error))
        return found

    def _too_few(self, planted: float, treated: Floats, control: Floats) -> str:
        """Why an effect that leaves almost nothing cannot be told from others; empty if it can."""
        expected = planted * float(control[2] / control[1] * treated[1])
        if self.measured is None and max(expected, float(treated[2])) < _FEWEST:
            return f"{expected:.0f} rows are expected in it"
        if self.measured is not None and min(treated[1], control[1]) < _FEWEST:
            return "there are too few rows with a value in it"
        vanished = planted < VANISHED and treated[2] == 0
        return "its values are too small for their decimals" if vanished else ""


def _positions(rows: Rows) -> Ints:
    """The positions of rows in their block."""
    return np.arange(len(rows.block)) if rows.at is None else rows.at


def _within(span: Interval, owner: Ints, times: Ints) -> Bools:
    """Whether each time is within the span of its owner."""
    found: Bools = (span[0][owner] <= times) & (times < span[1][owner])
    return found


def _relative(sums: Floats) -> float:
    """The squared relative error of a ratio of sums over independent entities (delta method)."""
    n, weight, total, xx, xw, ww = sums[:6].tolist()
    if n < 2 or total <= 0 or weight <= 0:
        return 1.0
    rate = total / weight
    left = max(xx - 2.0 * rate * xw + rate * rate * ww, 0.0) * n / (n - 1.0)
    return float(left / (total * total))
