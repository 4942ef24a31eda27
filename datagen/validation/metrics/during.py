"""Events during states of a process: each is within a stay in one of them, at the planted rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Floats, Ints, Rows
from datagen.declarations.processes import DuringDeclaration
from datagen.point_process.effects import Alive, MaxEvents
from datagen.point_process.expected_counts import treatment_curves
from datagen.point_process.exposure import cells
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.process_views import instants, state_codes
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

_FEWEST = 20
_SIZE = 0.5


@judges(DuringDeclaration)
@dataclass(frozen=True, eq=False)
class DuringRecovery(DuringDeclaration):
    """The rate in each state, and the events outside of all of them."""

    name: ClassVar[str] = "RateDuring"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Floats | None:
        """For each state, and finally for all others: events, their expectation and its variance, (states + 1, 3)."""
        block, stays = part.block(self.table), part.block(self.stays)
        if (
            block is None
            or stays is None
            or block.parent is None
            or stays.parent_row is None
            or block.parent_row is None
        ):
            return None
        state = state_codes(stays.columns[self.shown["state"]], self.names)
        entered, left = (instants(stays.columns[self.shown[name]]) for name in ("entered_at", "left_at"))
        order = np.lexsort((entered, stays.parent_row))
        at = self._stay_of(block, (stays.parent_row[order], entered[order], left[order]))
        found = np.where(at >= 0, state[order][np.maximum(at, 0)], -2)
        sums = np.zeros((len(self.factors) + 1, 3))
        for number, (code, factor) in enumerate(self.factors.items()):
            mine = np.flatnonzero(state == code)
            expected = self._expected(Rows(stays, mine).up(), entered[mine], left[mine]) * factor
            per_parent = np.bincount(stays.parent_row[mine], expected)
            sums[number] = (
                np.count_nonzero(found == code),
                expected.sum(),
                expected.sum() + self.base.dispersion * (per_parent * per_parent).sum(),
            )
        sums[-1, 0] = np.count_nonzero(~np.isin(found, list(self.factors)))
        return sums

    def _stay_of(self, block: Block, stays: tuple[Ints, Ints, Ints]) -> Ints:
        """The position of the stay of each event, in order; -1 if there is none."""
        owner, entered, left = stays
        times, parents = block.columns[self.column].data, block.parent_row
        assert parents is not None
        both, who = np.concatenate([entered, times]), np.concatenate([owner, parents])
        late = np.repeat([0, 1], [len(entered), len(times)])
        order = np.lexsort((late, both, who))
        before = np.cumsum(late[order] == 0) - 1
        place = np.empty(len(order), np.int64)
        place[order] = before
        at = place[len(entered) :]
        held = (at >= 0) & (owner[np.maximum(at, 0)] == parents) & (times < left[np.maximum(at, 0)])
        return np.where(held, at, -1)

    def _expected(self, entities: Rows, entered: Ints, left: Ints) -> Floats:
        """The expected number of events in each stay without the factor of its state, shape (n,)."""
        rate, (low, high) = self.planted.rate, self.bounds
        start = np.clip(entered, low, high)
        stop = np.maximum(np.clip(left, low, high), start)
        parts = [(start, stop, np.ones(len(entered)))]
        for treatment in treatment_curves(rate, entities, stop):
            parts = [part for whole in parts for part in treatment.split(whole)]
        group, expected = rate.group(entities), np.zeros(len(entered))
        for code, clock in enumerate(rate.clocks):
            at = np.arange(len(entered)) if group is None else np.flatnonzero(group == code)
            for begin, end, value in parts if len(at) else ():
                for cell in cells(clock, [(begin[at], end[at])], rate.agings(entities.take(at))):
                    expected[at] += cell.expected() * value[at]
        return expected * rate.static(entities) * self.base.per_hour

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        found = [
            self._rate(self.names[code], factor, None if state is None else state[number])
            for number, (code, factor) in enumerate(self.factors.items())
        ]
        return [*found, self._outside(state)]

    def _rate(self, state: str, factor: float, sums: Floats | None) -> Finding:
        subject = f"events per {self.base.unit} in state {state}"
        parameter = Parameter(self.table, self.column, self.name, subject, self.base.mean * factor, _SIZE, log=True)
        lives = any(isinstance(effect, Alive | MaxEvents) for _, effect in self.planted.rate.effects)
        if not self.plain or self.planted.unobserved or self.planted.survival_factors or self.planted.ends or lives:
            return not_identifiable(parameter, "a hidden effect acts on it")
        if sums is None or sums[1] < _FEWEST:
            return not_identifiable(parameter, "there are too few events")
        seen, expected, variance = sums.tolist()
        return compare(parameter, parameter.planted * seen / expected, variance**0.5 / expected)

    def _outside(self, state: Floats | None) -> Finding:
        name = "EventsDuringStates"
        if state is None:
            why = f"the rows of '{self.table}' and '{self.stays}' cannot be joined"
            return Finding("constraint", name, self.table, self.column, "not applicable", why, weight=0.0)
        wrong, events = int(state[-1, 0]), float(state[:, 0].sum())
        message = (
            f"{wrong:,} of {int(events):,} are in no stay in {', '.join(self.names[code] for code in self.factors)}"
        )
        return Finding(
            "constraint", name, self.table, self.column, "fail" if wrong else "pass", message, weight=0.0,
            score=1.0 - wrong / max(events, 1.0), statistic=wrong / max(events, 1.0), threshold=0.0, count=wrong,
            share=wrong / max(events, 1.0),
        )  # fmt: skip
