"""Hours that are only partly open: times that a clock spreads over a whole hour, moved into the open parts of it.

A window need not begin or end on the hour. A clock knows whole hours, with the mass that their open parts have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.block import Floats, Ints
from datagen.quantities import HOUR


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """One hour, beginning at `begin` (microseconds): by `times` (parts of it, ascending, 0 to 1) it has `mass` behind it (0 to 1)."""

    begin: int
    times: Floats
    mass: Floats

    def spread(self, times: Ints) -> Ints:
        """Times as the clock gives them, moved to where the mass is."""
        return self._moved(times, self.mass, self.times)

    def gathered(self, times: Ints) -> Ints:
        """The inverse: real times as the clock would have them."""
        return self._moved(times, self.times, self.mass)

    def _moved(self, times: Ints, before: Floats, after: Floats) -> Ints:
        at = np.flatnonzero((times >= self.begin) & (times < self.begin + HOUR))
        if not len(at):
            return times
        part = (times[at] - self.begin) / HOUR
        wide = np.flatnonzero(np.diff(before) > 0)
        piece = wide[np.clip(np.searchsorted(before[wide], part, side="right") - 1, 0, len(wide) - 1)]
        share = np.clip((part - before[piece]) / (before[piece + 1] - before[piece]), 0.0, 1.0)
        moved = times.copy()
        moved[at] = self.begin + ((after[piece] + share * (after[piece + 1] - after[piece])) * HOUR).astype(np.int64)
        return moved


def bends(spans: Sequence[tuple[int, int]], mass: Sequence[Floats], first: int) -> tuple[Bend, ...]:
    """The hours in which one of these spans of time (microseconds) begins or ends within the hour.

    `mass` holds the mass of each span in the hours from `first` (since 1970) on.
    """
    hours = sorted({edge // HOUR for span in spans for edge in span if edge % HOUR})
    return tuple(
        _bend(hour, spans, [float(one[hour - first]) for one in mass])
        for hour in hours
        if 0 <= hour - first < len(mass[0])
    )


def _bend(hour: int, spans: Sequence[tuple[int, int]], mass: Sequence[float]) -> Bend:
    inside = [(max(low - hour * HOUR, 0), min(high - hour * HOUR, HOUR)) for low, high in spans]
    times = sorted({0, HOUR, *(edge for low, high in inside for edge in (low, high) if 0 <= edge <= HOUR)})
    behind = [sum(_share(span, time) * one for span, one in zip(inside, mass, strict=True)) for time in times]
    total = behind[-1]
    shares = np.array(behind) / total if total > 0 else np.array(times) / HOUR
    return Bend(hour * HOUR, np.array(times) / HOUR, shares)


def _share(span: tuple[int, int], time: int) -> float:
    """The part of a span that is over by a time."""
    low, high = span
    return min(max((time - low) / (high - low), 0.0), 1.0) if high > low else 0.0
