"""How a distribution with bounds follows a multiplier of its mean without leaving its range.

A distribution that is clipped to its range is scaled before it is clipped. A distribution with bounds of its own
(uniform, beta) is tilted: its uniform u becomes u^(1/k), the largest of k draws for whole k. The parameter is chosen so
that the mean after clipping is the multiplier times the mean without it, as far as the range allows.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Words
from datagen.random.math.elementary import power

_OCTAVES, _PER_OCTAVE = 10, 16
_EXACT = 1e-9
"""A parameter that differs from its multiplier by less is set to the multiplier."""


@dataclass(frozen=True, slots=True, eq=False)
class Shifting:
    """The ratios of means for each parameter, ascending, and each parameter over its ratio, both shape (m,).

    `least` and `most` are the ratios that the range allows.
    """

    tilts: bool
    ratios: Floats
    parts: Floats
    least: float
    most: float

    @classmethod
    def tilting(cls, grid: Floats, low: float, high: float) -> Shifting | None:
        """For a distribution by its quantiles at (i + 1/2) / n, ascending; None if its mean is 0, which has no
        ratio.
        """
        edges, grid = np.arange(len(grid) + 1) / len(grid), np.clip(grid, low, high)
        means = [_mean(grid * np.diff(power(edges, k))) * len(grid) for k in _parameters()]
        return cls._of(True, np.array(means), (low, high))

    @classmethod
    def scaling(cls, grid: Floats, low: float | None, high: float | None) -> Shifting | None:
        """For a distribution that is clipped to a range, of which one end may be open."""
        bottom, top = -math.inf if low is None else low, math.inf if high is None else high
        means = [_mean(np.clip(grid * scale, bottom, top)) for scale in _parameters()]
        return cls._of(False, np.array(means), (bottom, top))

    @classmethod
    def _of(cls, tilts: bool, means: Floats, ends: tuple[float, float]) -> Shifting | None:
        own = float(means[_OCTAVES * _PER_OCTAVE])
        if own == 0.0:
            return None
        parameters, ratios = np.array(_parameters()), means / own
        if own < 0.0:
            parameters, ratios = parameters[::-1], ratios[::-1]
        rising = np.concatenate(([True], np.diff(np.maximum.accumulate(ratios)) > 1e-12)) & (ratios > 0.0)
        parts = parameters[rising] / ratios[rising]
        parts = np.where(np.abs(parts - 1.0) < _EXACT, 1.0, parts)
        least, most = sorted(end / own for end in ends)
        return cls(tilts, ratios[rising], parts, least, most)

    def at(self, factor: Floats) -> Floats:
        """The scale, or the k, for each multiplier, shape (n,)."""
        place = np.clip(np.searchsorted(self.ratios, factor, side="right") - 1, 0, max(len(self.ratios) - 2, 0))
        after = np.minimum(place + 1, len(self.ratios) - 1)
        width = self.ratios[after] - self.ratios[place]
        share = np.clip((factor - self.ratios[place]) / np.where(width > 0.0, width, 1.0), 0.0, 1.0)
        part = self.parts[place] + share * (self.parts[after] - self.parts[place])
        return factor * part


def tilted(words: Words, k: Floats) -> Words:
    """The words of the uniforms u^(1/k), uint64, shape (n,): unchanged for k = 1, the least for k = 0."""
    uniforms = ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    with np.errstate(divide="ignore"):
        bent = power(uniforms, 1.0 / k)
    moved = np.minimum(bent, 1.0 - 2.0**-53) * 2.0**53
    return np.where(k == 1.0, words, moved.astype(np.uint64) << np.uint64(11))


@functools.cache
def _parameters() -> list[float]:
    """Powers of 2 in steps of a sixteenth of an octave; 1 is in the middle."""
    steps = np.arange(-_OCTAVES * _PER_OCTAVE, _OCTAVES * _PER_OCTAVE + 1) / _PER_OCTAVE
    return [power(2.0, step) for step in steps.tolist()]


def _mean(values: Floats) -> float:
    """The mean, portable: the sum is rounded once."""
    return math.fsum(values.tolist()) / len(values)
