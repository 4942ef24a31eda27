"""Popularity: Zipf-Mandelbrot ranks over any number of items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints, Words
from datagen.random.discrete_inverse_cdf import ThresholdTable
from datagen.random.math.elementary import exp, expm1, log, log1p, power
from datagen.random.streams import in_chunks

_HEAD = 4096
_CHUNK = 8192


@dataclass(frozen=True, slots=True)
class _Tail:
    """The density 1 / x**(1 - flat) from `start` to `start` e**span, with rank k at k + offset."""

    start: float
    span: float
    flat: float
    offset: float

    @classmethod
    def of(cls, n: int, exponent: float, shift: float) -> _Tail:
        start = _HEAD + 0.5 + shift
        return cls(start, log((n + 0.5 + shift) / start), 1.0 - exponent, shift + 0.5)

    @property
    def mass(self) -> float:
        """The integral, for a density of 1 at the start."""
        return self.start * (self.grown / self.flat if self.flat else self.span)

    @property
    def grown(self) -> float:
        return expm1(self.flat * self.span)

    def ranks(self, shares: Floats) -> Floats:
        """The ranks, from 0, up to which the distribution has these shares of the mass; the inverse of the integral."""
        logarithm = log1p(shares * self.grown) / self.flat if self.flat else shares * self.span
        stretched = exp(logarithm)
        stretched *= self.start
        stretched -= self.offset
        return np.floor(stretched)


@dataclass(frozen=True, slots=True, eq=False)
class Zipf:
    """P(rank k) in proportion to 1 / (k + shift)**exponent, k = 1 to n. Frozen and picklable.

    The first 4096 ranks have a table. Beyond them the sum is an integral from half to half (relative error of a mass
    below 1e-6), inverted in closed form; `first_far` is the word where that begins.
    """

    n: int
    head: ThresholdTable
    tail: _Tail
    first_far: int

    @classmethod
    def of(cls, n: int, exponent: float, shift: float = 0.0) -> Zipf:
        """Raises ValueError unless 1 <= n <= 2**52, 0 <= exponent <= 100 and -1 < shift <= 2**52."""
        if not 1 <= n <= 1 << 52 or not 0.0 <= exponent <= 100.0 or not -1.0 < shift <= 1 << 52:
            raise ValueError("a zipf distribution needs 1 to 2**52 items, an exponent of 0 to 100, a shift above -1")
        ranks = np.arange(1, min(n, _HEAD) + 1, dtype=np.float64)
        masses = exp(exponent * (log(1.0 + shift) - log(ranks + shift)))  # that of the first is 1
        tail = _Tail.of(max(n, _HEAD), exponent, shift)
        masses = np.append(masses, tail.mass * power((1.0 + shift) / tail.start, exponent))
        head = ThresholdTable.of_masses(masses / float(np.cumsum(masses)[-1]))
        far = int(head.thresholds[_HEAD - 1]) if n > _HEAD and len(head.thresholds) > _HEAD else 1 << 64
        return cls(n, head, tail, far)

    def ranks(self, words: Words) -> Ints:
        """Ranks from 0 (the most popular) to n - 1, int64, shape (m,); a larger word never gives a smaller rank."""
        out = np.empty(len(words), np.int64)
        for chunk in in_chunks(len(words), _CHUNK):
            part, some = out[chunk], words[chunk]
            self.head.at(some, part)
            if self.first_far < 1 << 64:
                far = np.flatnonzero(some >= np.uint64(self.first_far))
                part[far] = self._far(some[far])
        return np.minimum(out, self.n - 1, out=out)

    def _far(self, words: Words) -> Floats:
        """The ranks of words beyond the head."""
        shares = ((words - np.uint64(self.first_far)).astype(np.float64) + 0.5) / float((1 << 64) - self.first_far)
        return np.maximum(self.tail.ranks(shares), float(_HEAD))
