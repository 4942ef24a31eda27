"""Tests the number of transitions along each edge against its expectation under censoring.

For a hazard, the expectation is the cumulative hazard over all stays (the compensator of the counting process; Aalen
1978, "Nonparametric inference for a family of counting processes"), so observed over expected is the maximum-likelihood
hazard ratio. For a share, it is the sum of the share times the chance that the stay ends before the window does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.processes import (
    DeclaredDwell,
    DeclaredTransition,
    DwellDeclaration,
    LatentMultiplier,
    ObservedStays,
    StaysDeclaration,
    TransitionsDeclaration,
)
from datagen.kinds.processes.support.ended import ends_of
from datagen.random.math.elementary import exp, log
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.process_views import instants, state_codes
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, close, compare, not_identifiable
from datagen.validation.report import chart_data

_FEWEST = 20
_SIZE = 0.5
"""The effect size: a factor of 1.6. If the standard error exceeds half of it, the edge is not identifiable."""
_HALF = 0.5
_RARE = 20.0
"""Expected transitions below which their number is not close to normal."""
_NONE = 1e-9
"""Expected transitions that are as good as none."""
_RANKS = 1000
_THRESHOLD = 0.02
_AT_ONCE = 100_000
"""Stays whose latent multipliers are thought of together."""


@dataclass(frozen=True, slots=True, eq=False)
class TransitionSums:
    """For each edge: stays, transitions, what is expected of them, and its variance, (edges, 4); the entities that
    reach each state (states,), and all of them.
    """

    sums: Floats
    reached: Floats
    entities: int


@dataclass(frozen=True, slots=True, eq=False)
class _Stays:
    """The stays of a slice in the order of entity and time: codes of states, when they were left, and what is seen of
    them.
    """

    state: Ints
    after: Ints
    left: Ints
    owner: Ints
    seen: ObservedStays

    def __len__(self) -> int:
        return len(self.state)

    def take(self, at: Ints) -> _Stays:
        return _Stays(self.state[at], self.after[at], self.left[at], self.owner[at], self.seen.take(at))


@dataclass(frozen=True, eq=False)
class StaysMetric(StaysDeclaration):
    """Reads the stays of a process."""

    group: Group = "recovery"

    def stays(self, part: Slice) -> _Stays | None:
        block = part.block(self.table)
        if block is None or block.parent is None or block.parent_row is None:
            return None
        state, after = (state_codes(block.columns[self.shown[name]], self.names) for name in ("state", "next_state"))
        entered, left = (instants(block.columns[self.shown[name]]) for name in ("entered_at", "left_at"))
        values = {
            name: state_codes(block.columns[self.shown[name]], words)
            for name, words in self.values.items()
            if name in self.shown
        }
        within = np.flatnonzero((state >= 0) & (entered < self.end))
        order = within[np.lexsort((left[within], entered[within], block.parent_row[within]))]
        entities, until = Rows(block).up(), np.full(len(entered), self.end, np.int64)
        if self.until is not None:
            until = np.maximum(np.minimum(ends_of(entities.column(self.until), self.end), self.end), entered)
        seen = ObservedStays(entities, entered, until, values)
        return _Stays(state, after, left, block.parent_row, seen).take(order)

    def hides(self, read: Mapping[str, str]) -> bool:
        """Whether the stays lack an attribute."""
        return any(name not in self.shown for name in (*self.values, *read))


def _until_left(stays: _Stays, end: int) -> ObservedStays:
    return replace(stays.seen, until=np.maximum(np.minimum(stays.left, end), stays.seen.entered))


@judges(TransitionsDeclaration)
@dataclass(frozen=True, eq=False)
class TransitionRecovery(StaysMetric, TransitionsDeclaration):
    """The transitions of the stays in `table`, edge by edge."""

    name: ClassVar[str] = "TransitionRecovery"

    def observe(self, part: Slice) -> TransitionSums | None:
        stays, edges, latent = self.stays(part), self.edges(), self.latent()
        if stays is None:
            return None
        reached = np.unique(stays.owner * len(self.names) + stays.state) % len(self.names)
        entities = np.bincount(reached, minlength=len(self.names)).astype(np.float64)
        if latent is None or self.hides({}):
            sums = np.array([self._counted(edge, stays) for edge in edges]).reshape(-1, 4)
            return TransitionSums(sums, entities, len(np.unique(stays.owner)))
        total = np.zeros((len(edges), 4))
        for at in _portions(stays.owner):
            some = _believed(stays.take(at), latent)
            total += [self._counted(edge, some) for edge in edges]
        return TransitionSums(total, entities, len(np.unique(stays.owner)))

    def _counted(self, edge: DeclaredTransition, stays: _Stays) -> tuple[float, float, float, float]:
        if edge.unobserved or self.hides(edge.held):
            return 0.0, 0.0, 0.0, 0.0
        mine = stays.state == edge.origin
        for name, value in edge.held.items():
            mine &= stays.seen.values[name] == self.values[name].index(value)
        at = np.flatnonzero(mine)
        some = stays.take(at)
        expected, variance = edge.expected(_until_left(some, self.end) if edge.until_left else some.seen)
        gone = some.after == edge.to
        for name, value in self._becomes(edge).items():
            code = self.values[name].index(value) if value else -1
            follows = np.minimum(at + 1, len(stays) - 1)
            changed = stays.seen.values[name][follows]
            gone &= (changed == code) if value else (changed == some.seen.values[name])
        return float(len(at)), float(np.count_nonzero(gone)), float(expected.sum()), float(variance.sum())

    def _becomes(self, edge: DeclaredTransition) -> Mapping[str, str]:
        """The values after a transition; an empty one for an attribute that must not have changed."""
        return edge.becomes or dict.fromkeys(self.values if edge.origin == edge.to else (), "")

    def merge(self, one: TransitionSums, other: TransitionSums) -> TransitionSums:
        return TransitionSums(one.sums + other.sums, one.reached + other.reached, one.entities + other.entities)

    def findings(self, state: TransitionSums | None) -> list[Finding]:
        edges = self.edges()
        found = [self._finding(edge, None if state is None else state.sums[k]) for k, edge in enumerate(edges)]
        if state is None or not found:
            return found
        shown = chart_data.several(self._reached(state), self._diagram(edges, state.sums))
        worst = min(range(len(found)), key=lambda at: 2.0 if found[at].score is None else found[at].score or 0.0)
        found[worst] = replace(found[worst], details={**found[worst].details, **shown})
        return found

    def _reached(self, state: TransitionSums) -> dict[str, Any]:
        shares = state.reached / max(state.entities, 1)
        title = f"{self.table}: who reaches each state"
        return chart_data.bars(title, self.names, shares, x="share of the entities that reach a state", unit="share")

    def _diagram(self, edges: Sequence[DeclaredTransition], sums: Floats) -> dict[str, Any]:
        """Each transition once: those that differ by the value of an attribute together."""
        by_edge: dict[tuple[int, int], Floats] = {}
        for edge, own in zip(edges, sums, strict=True):
            by_edge[edge.origin, edge.to] = by_edge.get((edge.origin, edge.to), np.zeros(4)) + own
        known = {ends: own for ends, own in by_edge.items() if own[0] > 0}
        found, planted = ([own[k] / own[0] for own in known.values()] for k in (1, 2))
        return chart_data.state_diagram(f"{self.table}: transitions", self.names, known, found, planted)

    def _finding(self, edge: DeclaredTransition, sums: Floats | None) -> Finding:
        origin, to = (" ".join((self.names[code], *held.values())) for code, held in (
            (edge.origin, edge.held), (edge.to, edge.becomes)))  # fmt: skip
        subject = f"{origin} to {to} ({edge.unit})"
        parameter = Parameter(self.table, self.shown["next_state"], self.name, subject, edge.planted, _SIZE, log=True)
        if edge.unobserved:
            return not_identifiable(parameter, "a hidden multiplier acts on it")
        if self.hides(edge.held):
            return not_identifiable(parameter, "the stays do not show every attribute of the process")
        if sums is None or sums[0] < _FEWEST or (sums[2] <= _NONE and not sums[1]):
            return not_identifiable(parameter, "there are too few stays")
        stays, seen, expected, variance = sums.tolist()
        details = {"stays": stays, "transitions": seen, "expected": expected, "from": origin, "to": to}
        expected = max(expected, _NONE)
        if variance <= 1e-9 * expected:  # a share of 1
            variance = 1.0 if seen != round(expected) else 1e-9
        error = variance**0.5 / expected
        if expected < _RARE and seen > expected + 1.0:  # then the signed root of the deviance is nearer to normal
            ratio = float(log(seen / expected))
            error = min(error, ratio / (2.0 * (seen * ratio - seen + expected)) ** 0.5)
        # without transitions the logarithm of the share is undefined
        return compare(parameter, edge.planted * max(seen, _HALF) / expected, error, details)


def _portions(owner: Ints) -> list[Ints]:
    """The positions of stays, some entities at a time."""
    if not len(owner):
        return []
    first = np.flatnonzero(np.diff(owner, prepend=owner[0] - 1))
    cuts = first[np.unique(np.searchsorted(first, np.arange(0, len(owner), _AT_ONCE)).clip(max=len(first) - 1))]
    return np.split(np.arange(len(owner)), cuts[1:])


def _believed(stays: _Stays, latent: LatentMultiplier) -> _Stays:
    """The stays with the chance of each level of the latent multiplier, given the earlier stays of the entity.

    One step ahead, what happens less what is expected is a martingale difference, whatever the later stays.
    """
    likelihoods = latent.likelihood(stays.seen, stays.state, stays.after, latent.levels)
    before = np.cumsum(likelihoods, axis=0) - likelihoods
    first = np.flatnonzero(np.diff(stays.owner, prepend=stays.owner[0] - 1))
    before -= np.repeat(before[first], np.diff(first, append=len(stays)), axis=0)
    before -= before.max(axis=1, keepdims=True)
    belief = exp(before)
    belief /= belief.sum(axis=1, keepdims=True)
    return replace(stays, seen=replace(stays.seen, belief=belief))


@judges(DwellDeclaration)
@dataclass(frozen=True, eq=False)
class DwellTimes(StaysMetric, DwellDeclaration):
    """The lengths of the stays against their distributions.

    Of a stay that ended within the window, the chance to have ended by then, as a part of the chance to end before the
    window does, is uniform (the probability integral transform under truncation).
    """

    name: ClassVar[str] = "DwellTimes"

    def observe(self, part: Slice) -> Ints | None:
        """For each distribution, the histogram of these parts, (distributions, ranks)."""
        stays = self.stays(part)
        return (
            None
            if stays is None
            else np.array([self._ranks(dwell, stays) for dwell in self.dwells()]).reshape(-1, _RANKS)
        )

    def _ranks(self, dwell: DeclaredDwell, stays: _Stays) -> Ints:
        if dwell.unobserved or self.hides({}):
            return np.zeros(_RANKS, np.int64)
        closed = (stays.state == dwell.origin) & (stays.after >= 0)
        some = stays.take(np.flatnonzero(closed if dwell.to is None else closed & (stays.after == dwell.to)))
        by, ever = dwell.ended(_until_left(some, self.end)), dwell.ended(some.seen)
        part = np.clip(by / np.maximum(ever, 1e-300), 0.0, 1.0)
        return np.bincount(np.minimum(part * _RANKS, _RANKS - 1).astype(np.int64), minlength=_RANKS)

    def merge(self, one: Ints, other: Ints) -> Ints:
        return one + other

    def findings(self, state: Ints | None) -> list[Finding]:
        return [self._finding(dwell, None if state is None else state[k]) for k, dwell in enumerate(self.dwells())]

    def _finding(self, dwell: DeclaredDwell, ranks: Ints | None) -> Finding:
        to = f" to {self.names[dwell.to]}" if dwell.to is not None else ""
        subject = f"length of {self.names[dwell.origin]}{to}"
        parameter = Parameter(self.table, self.shown["left_at"], self.name, subject, 0.0, group="distribution")
        stays = 0 if ranks is None else int(ranks.sum())
        if dwell.unobserved:
            return not_identifiable(parameter, dwell.why)
        if self.hides({}):
            return not_identifiable(parameter, "the stays do not show every attribute of the process")
        if ranks is None or stays < _FEWEST:
            return not_identifiable(parameter, "there are too few stays that ended")
        even = np.arange(1, _RANKS + 1) / _RANKS
        distance = float(np.abs(np.cumsum(ranks) / stays - even).max())
        return close(parameter, distance, 1.95 / stays**0.5 + 1.0 / _RANKS, _THRESHOLD, {"stays": stays})
