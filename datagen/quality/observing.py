"""Measures over one slice, states over all slices: what a worker does, and what its results come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datagen.measures.base import Absent, Finding, Measure, Slice


@dataclass(frozen=True, slots=True)
class Unseen:
    """In place of a state: what kept a measure from looking. It outweighs whatever was seen elsewhere."""

    why: str


States = tuple[Any, ...]
"""One state per measure, in the order of the suite."""


def observed(measures: Sequence[Measure], part: Slice) -> States:
    """What every measure sees in a slice."""
    return tuple(_observed(measure, part) for measure in measures)


def _observed(measure: Measure, part: Slice) -> Any:
    try:
        return measure.observe(part)
    except Absent as error:
        return Unseen(str(error))


def merged(measures: Sequence[Measure], one: States, other: States) -> States:
    """What two parts of the dataset show together."""
    return tuple(_merged(m, a, b) for m, a, b in zip(measures, one, other, strict=True))


def _merged(measure: Measure, one: Any, other: Any) -> Any:
    if isinstance(one, Unseen) or isinstance(other, Unseen):
        found = sorted((s for s in (one, other) if isinstance(s, Unseen)), key=lambda unseen: unseen.why)
        return found[0]
    if one is None or other is None:
        return one if other is None else other
    return measure.merge(one, other)


class Merging:
    """States added one after the other, merged like with like in size, so that no state is carried along again and again."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        self._measures = measures
        self._heights: list[tuple[int, States]] = []

    def add(self, states: States) -> None:
        height = 0
        while self._heights and self._heights[-1][0] == height:
            states = merged(self._measures, self._heights.pop()[1], states)
            height += 1
        self._heights.append((height, states))

    def all(self) -> States:
        """Everything added so far, as one."""
        total: States = (None,) * len(self._measures)
        for _, states in reversed(self._heights):
            total = merged(self._measures, total, states)
        return total


def findings(measures: Sequence[Measure], states: States) -> tuple[Finding, ...]:
    """The judgements of all measures, in the order of the suite."""
    return tuple(finding for m, state in zip(measures, states, strict=True) for finding in _judged(m, state))


def _judged(measure: Measure, state: Any) -> list[Finding]:
    if not isinstance(state, Unseen):
        return measure.findings(state)
    name = str(getattr(measure, "name", type(measure).__name__))
    column = getattr(measure, "column", None)
    return [Finding(measure.group, name, measure.table, column, "not applicable", state.why, weight=0.0)]
