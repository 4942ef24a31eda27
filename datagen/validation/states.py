"""The states of metrics over one slice, merged over all slices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from datagen.errors import Absent
from datagen.validation.metrics.base import Finding, Metric, Slice


@dataclass(frozen=True, slots=True)
class Unobservable:
    """In place of a state: why a metric could not observe. It replaces all other states."""

    why: str


States = tuple[Any, ...]
"""One state per metric, in suite order."""


def observed(metrics: Sequence[Metric], part: Slice, tables: Collection[str]) -> States:
    """The states of all metrics for a slice of these tables; None for metrics of other tables."""
    return tuple(_observed(metric, part) if metric.table in tables else None for metric in metrics)


def always_observed(metrics: Sequence[Metric], part: Slice, tables: Collection[str]) -> States:
    """The states of the metrics that need every row (`whole`), for a slice that the others skip."""
    return tuple(_observed(one, part) if one.table in tables and needs_all(one) else None for one in metrics)


def needs_all(metric: Metric) -> bool:
    """Whether a sample of the rows would mislead the metric."""
    return bool(getattr(metric, "whole", False))


def _observed(metric: Metric, part: Slice) -> Any:
    try:
        return metric.observe(part)
    except Absent as error:
        return Unobservable(str(error))


def merged(metrics: Sequence[Metric], one: States, other: States) -> States:
    """The states of two parts of the dataset together."""
    pairs = zip(metrics, one, other, strict=True)
    return tuple((b if a is None else a) if a is None or b is None else _merged(m, a, b) for m, a, b in pairs)


def _merged(metric: Metric, one: Any, other: Any) -> Any:
    if isinstance(one, Unobservable) or isinstance(other, Unobservable):
        found = sorted((s for s in (one, other) if isinstance(s, Unobservable)), key=lambda unobserved: unobserved.why)
        return found[0]
    return metric.merge(one, other)


HIGHEST = 5
"""The height of the largest states kept beside one another: of 32 parts. Larger ones are merged into one state."""


class TreeMerge:
    """Merges states of similar size, so that no state is copied for every part. It keeps few states at a time.

    `order` is the order of merging, independent of the order of arrival. Sums of floats then have the same last bit
    with one process and with many.
    """

    def __init__(self, metrics: Sequence[Metric], order: Iterable[int]) -> None:
        self._metrics = metrics
        self._heights: list[tuple[int, States]] = []
        self._order, self._early = iter(order), dict[int, States]()
        self._next = next(self._order, None)

    def add(self, part: int, states: States) -> None:
        self._early[part] = states
        while self._next in self._early:
            self._push(self._early.pop(self._next))
            self._next = next(self._order, None)

    def _push(self, states: States) -> None:
        height = 0
        while self._heights and self._heights[-1][0] == height:
            states = merged(self._metrics, self._heights.pop()[1], states)
            height = min(height + 1, HIGHEST)
        self._heights.append((height, states))

    def all(self) -> States:
        """The merged state of everything added so far."""
        total: States = (None,) * len(self._metrics)
        late = [self._early[part] for part in sorted(self._early)]
        for states in [*reversed(late), *(states for _, states in reversed(self._heights))]:
            total = merged(self._metrics, states, total)
        return total


def findings(metrics: Sequence[Metric], states: States) -> tuple[Finding, ...]:
    """The findings of all metrics, in suite order."""
    return tuple(finding for m, state in zip(metrics, states, strict=True) for finding in _findings(m, state))


def _findings(metric: Metric, state: Any) -> list[Finding]:
    if not isinstance(state, Unobservable):
        return metric.findings(state)
    name = str(getattr(metric, "name", type(metric).__name__))
    column = getattr(metric, "column", None)
    return [Finding(metric.group, name, metric.table, column, "not applicable", state.why, weight=0.0)]
