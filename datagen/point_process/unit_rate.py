"""A homogeneous Poisson process of rate 1; each part of it can be computed independently.

The time of point n is the sum of n + 1 independent exponential gaps. These partial sums are not added up: they are the
nodes of a fixed binary tree over the first 2**44 points. The sum of all gaps is a gamma draw. The share of a node's
first half in the sum of the node's 2m gaps is a Beta(m, m) draw, independent of the sum. Below 128 points the node's
sum is divided in proportion to 64 exponential draws, which is the distribution of gaps given their sum (Devroye 1986,
"Non-Uniform Random Variate Generation", chapter V). Every draw is addressed by its place in the tree. So a point costs
about log2(n / 64) beta draws and 64 gaps, a run of points one gap each, and no value depends on how many points are
asked for.

Two other ways were considered. A binomial split of the count over cells of time makes a row's cell depend on the total,
and its draws of a discrete distribution cost more than the beta draws. Gaps with a stored prefix sum need all earlier
gaps once.

The Beta(m, m) draw is a Student's t draw of 2m degrees of freedom, T / sqrt(2m + T**2) = 2B - 1, and T is the
Cornish-Fisher expansion of its quantile in the normal quantile (Abramowitz and Stegun, 26.7.5). For 2m >= 128 it errs
by less than 1e-8 within 3 standard deviations and by less than 1e-5 within 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.random.distributions import exponential, normal
from datagen.random.math.gamma import gamma_ppf
from datagen.random.streams import Stream, in_chunks, root_identities

LEVELS = 44
"""The tree has 2**44 points, more than any table has rows."""
_LEAF_BITS = 6
_LEAF = 1 << _LEAF_BITS
_HEIGHT = LEVELS - _LEAF_BITS
_KNOT_BITS = 15
"""At most this many nodes (as a power of 2) are cached for fast descent, 256 kB."""
_CHUNK = 1 << 14

_Bounds = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class UnitRate:
    """The process selected by `stream`. `most` is the expected number of points: it sets the size of the cache, never a
    value.
    """

    stream: Stream
    most: int

    def times(self, index: Ints) -> Floats:
        """The times of the points with these numbers (from 0, below 2**44), shape (n,): non-decreasing
        in the number.
        """
        out = np.empty(len(index))
        for chunk in in_chunks(len(index), _CHUNK):
            points = index[chunk]
            leaves, own = _distinct(points >> _LEAF_BITS)
            sums = self._sums(leaves, *self._bounds(leaves)).ravel()
            place = points - leaves[0] * _LEAF if own is None else own * _LEAF + (points & (_LEAF - 1))
            sums.take(place, out=out[chunk], mode="clip")
        return out

    def counted(self, times: Floats) -> tuple[Ints, Floats]:
        """The number of points by each time, and the time of the next one, shape (n,) each."""
        count, following = np.empty(len(times), np.int64), np.empty(len(times))
        for chunk in in_chunks(len(times), _CHUNK):
            count[chunk], following[chunk] = self._counted(times[chunk])
        return count, following

    def _counted(self, times: Floats) -> tuple[Ints, Floats]:
        leaf, low, high = self._reached(times)
        leaves, at, own = np.unique(leaf, return_index=True, return_inverse=True)
        sums = self._sums(leaves, low[at], high[at]).ravel()
        place = np.zeros(len(times), np.int64)
        for step in (32, 16, 8, 4, 2, 1):
            place += step * (sums.take(own * _LEAF + (place + (step - 1))) <= times)
        return leaf * _LEAF + place, sums.take(own * _LEAF + place)

    # --- the tree: boundaries between leaves, numbered from 0 ----------------------------------------------------

    @cached_property
    def _spine(self) -> Floats:
        """The sum at leaf boundary 2**level, for each level up to the root, shape (_HEIGHT + 1,)."""
        uniform = float(self.stream.substream(2).uniforms(root_identities(np.zeros(1, np.int64)))[0])
        total = _whole(uniform)
        levels = np.arange(_HEIGHT - 1, -1, -1)
        sizes = np.ldexp(2.0 * _LEAF, levels)
        shares = self._shares(np.left_shift(1, levels), sizes)
        return np.multiply.accumulate(np.concatenate(([total], shares)))[::-1].copy()

    @cached_property
    def _knots(self) -> tuple[int, Floats]:
        """The level of the cached nodes, and the sums at their boundaries, ascending."""
        leaves = (max(self.most, 1) + _LEAF) >> _LEAF_BITS
        top = min(leaves.bit_length(), _HEIGHT)
        lowest = max(top - _KNOT_BITS, 0)
        sums = np.array([0.0, self._spine[top]])
        for level in range(top - 1, lowest - 1, -1):
            begin = np.arange(len(sums) - 1) << (level + 1)
            wider = np.empty(2 * len(sums) - 1)
            wider[0::2] = sums
            wider[1::2] = self._middle(begin, level, (sums[:-1], sums[1:]))
            sums = wider
        return lowest, sums

    def _bounds(self, leaves: Ints) -> _Bounds:
        """The sums at the begin and the end of leaves, shape (n,) each."""
        level, knots = self._knots
        cell = leaves >> level
        if len(cell) and int(cell.max()) >= len(knots) - 1:
            return self._from_root(leaves)
        return self._descended(leaves, level, (knots.take(cell), knots.take(cell + 1)))

    def _from_root(self, leaves: Ints) -> _Bounds:
        """The same without the knots."""
        return self._descended(leaves, _HEIGHT, (np.zeros(len(leaves)), np.full(len(leaves), self._spine[-1])))

    def _descended(self, leaves: Ints, height: int, bounds: _Bounds) -> _Bounds:
        """From nodes of a height to leaves in them."""
        low, high = bounds
        for level in range(height - 1, -1, -1):
            begin = leaves >> (level + 1) << (level + 1)
            middle = self._middle(begin, level, (low, high))
            right = (leaves >> level & 1).astype(np.bool_)
            low, high = np.where(right, middle, low), np.where(right, high, middle)
        return low, high

    def _reached(self, times: Floats) -> tuple[Ints, Floats, Floats]:
        """The leaf of each time, and the sums at its begin and end."""
        height, knots = self._knots
        if len(times) and float(times.max()) >= knots[-1]:
            height, knots = _HEIGHT, np.array([0.0, self._spine[-1]])
        cell = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(knots) - 2)
        leaf, low, high = cell << height, knots.take(cell), knots.take(cell + 1)
        for level in range(height - 1, -1, -1):
            middle = self._middle(leaf, level, (low, high))
            right = middle <= times
            low, high = np.where(right, middle, low), np.where(right, high, middle)
            leaf = leaf + (right.astype(np.int64) << level)
        return leaf, low, high

    def _middle(self, begin: Ints, level: int, bounds: _Bounds) -> Floats:
        """The sums in the middle of nodes of two halves of 2**level leaves, which begin at leaves `begin`."""
        low, high = bounds
        boundary = begin + (1 << level)
        share = self._shares(boundary, np.float64(_LEAF << (level + 1)))
        middle = np.minimum(low + (high - low) * share, high)
        return np.where(begin == 0, self._spine[level], middle)

    def _shares(self, boundary: Ints, points: Floats | np.float64) -> Floats:
        """The first half's share in a node of this many points, by the leaf boundary in its middle: Beta(points / 2,
        points / 2).
        """
        t = _student(normal().sample(self._splits, root_identities(boundary)), points)
        return 0.5 + 0.5 * (t / np.sqrt(points + t * t))

    @cached_property
    def _splits(self) -> Stream:
        return self.stream.substream(1)

    def _sums(self, leaves: Ints, low: Floats, high: Floats) -> Floats:
        """The times of all points of leaves between their bounds, shape (n, 64)."""
        index = (leaves << _LEAF_BITS)[:, np.newaxis] + np.arange(_LEAF)
        sums = exponential(1.0).sample(self.stream, root_identities(index.ravel())).reshape(-1, _LEAF)
        np.add.accumulate(sums, axis=1, out=sums)
        sums *= ((high - low) / sums[:, -1])[:, np.newaxis]
        sums += low[:, np.newaxis]
        np.minimum(sums, high[:, np.newaxis], out=sums)
        sums[:, -1] = high
        return sums


@lru_cache(1024)
def _whole(uniform: float) -> float:
    """The time of the last point of a tree. A process is bound several times: to check it, to plan it, to make it."""
    return float(gamma_ppf(uniform + 2.0**-54, float(1 << LEVELS)))


def _student(z: Floats, freedom: Floats | np.float64) -> Floats:
    """Quantiles of Student's t at normal quantiles."""
    v, s = 1.0 / freedom, z * z
    series = ((((79.0 * s + 776.0) * s + 1482.0) * s - 1920.0) * s - 945.0) * (v / 92160.0)
    series = (series + (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0) * v
    series = (series + ((5.0 * s + 16.0) * s + 3.0) / 96.0) * v
    series = (series + (s + 1.0) / 4.0) * v
    return z + z * series


def _distinct(leaf: Ints) -> tuple[Ints, Ints | None]:
    """The distinct leaves, and the index of each cell's leaf; None if they are consecutive."""
    first, last = int(leaf[0]), int(leaf[-1])
    if last - first < len(leaf) and first == leaf.min() and last == leaf.max():
        return np.arange(first, last + 1), None
    leaves, own = np.unique(leaf, return_inverse=True)
    return leaves, own
