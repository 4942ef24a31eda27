"""Triggered events: the number of rows per trigger, by kind, counted from the labels of causes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Column, Floats, Ints, Rows
from datagen.declarations.rates import TriggerDeclaration
from datagen.errors import Absent
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

FEWEST = 20


@judges(TriggerDeclaration)
@dataclass(frozen=True, eq=False)
class TriggerEffects(TriggerDeclaration):
    """Rows with a cause of each kind over the triggers of that kind, each counted by the share of its rows within the
    window.
    """

    name: ClassVar[str] = "TriggerEffect"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Floats | None:
        """Triggered rows and exposure of triggers, shape (2, kinds)."""
        caused, triggers = part.block(self.table), part.block(self.trigger)
        if caused is None or triggers is None:
            return None
        try:
            labels, times = caused.columns[self.label], triggers.columns[self.moment]
            kinds = None if self.by is None else triggers.columns[self.by]
        except Absent:
            return None
        size = max(len(self.kinds), 1)
        codes = _codes(kinds, len(times), size)
        shown = np.bincount(codes, self.shown(Rows(triggers), codes, times.data), minlength=size + 1)
        there = labels.valid if labels.valid is not None else np.ones(len(labels), np.bool_)
        seen = np.bincount(
            _codes(labels if self.by is not None else None, len(labels), size)[there], minlength=size + 1
        )
        return np.array([seen[:size], shown[:size]], np.float64)

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        seen, shown = np.zeros((2, max(len(self.kinds), 1))) if state is None else state
        found = []
        for number, effect in enumerate(self.effects):
            kind = f"{self.by} {self.kinds[number]}" if self.kinds else f"a row of {self.trigger}"
            parameter = Parameter(self.table, None, self.name, f"effect of {kind}", effect, max(effect, 0.05))
            if shown[number] * max(effect, 0.05) < FEWEST:
                found.append(not_identifiable(parameter, f"there are {shown[number]:.0f} such triggers"))
                continue
            error = math.sqrt(max(seen[number], effect * shown[number], 1.0)) / shown[number]
            found.append(compare(parameter, seen[number] / shown[number], error))
        return found


def _codes(kinds: Column | None, rows: int, size: int) -> Ints:
    """The kind of each row, `size` for none."""
    if kinds is None:
        return np.zeros(rows, np.int64)
    codes = np.minimum(kinds.data.astype(np.int64), size)
    return codes if kinds.valid is None else np.where(kinds.valid, codes, size)
