"""Integers below a bound: uniform draws, or a keyed permutation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Ints, Words
from datagen.random.streams import Stream, in_chunks, root_identities

_CHUNK = 8192
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_ROUNDS = 4
MOST = 1 << 62
"""The largest range of a permutation."""


def uniform_below(words: Words, n: Ints | int) -> Ints:
    """Integers from 0 to n - 1, int64, shape (n,): the upper half of the 128-bit product, biased by n / 2**64 at most.

    `n` is one bound or one per cell, from 1 to 2**63 - 1.
    """
    signed = np.asarray(n, np.int64)
    if not (signed > 0).all():
        raise ValueError("a bound must be at least 1")
    bounds = signed.view(np.uint64)
    out = np.empty(len(words), np.int64)
    product = _high_product if int(signed.max(initial=0)) >> 32 else _short_product
    for chunk in in_chunks(len(words), _CHUNK):
        out[chunk] = product(words[chunk], bounds[chunk] if bounds.ndim else bounds).view(np.int64)
    return out


def _short_product(x: Words, y: Words) -> Words:
    """The upper 64 bits of x y, for y below 2**32."""
    low = x & _LOW
    low *= y
    low >>= _HALF
    high = x >> _HALF
    high *= y
    high += low
    high >>= _HALF
    return high


def _high_product(x: Words, y: Words) -> Words:
    """The upper 64 bits of x y, from the products of their halves."""
    x_high, x_low, y_high, y_low = x >> _HALF, x & _LOW, y >> _HALF, y & _LOW
    middle = x_low * y_low
    middle >>= _HALF
    middle += x_high * y_low
    other = x_low * y_high
    other += middle & _LOW
    other >>= _HALF
    middle >>= _HALF
    middle += other
    middle += x_high * y_high
    return middle


@dataclass(frozen=True, slots=True)
class Permutation:
    """A keyed bijection of the integers from 0 to n - 1.

    Rounds of odd products and shifts are a bijection below the smallest power of two at or above n. Results at or above
    n are mapped again (cycle walking), fewer than one time in two.
    """

    n: int
    mask: int
    shift: int
    factors: tuple[int, ...]
    keys: tuple[int, ...]

    @classmethod
    def of(cls, stream: Stream, n: int) -> Permutation:
        """The permutation of `n` integers, 1 <= n <= MOST, that `stream` chooses."""
        if not 1 <= n <= MOST:
            raise ValueError(f"a permutation needs from 1 to 2**62 integers, not {n}")
        bits = (n - 1).bit_length()
        drawn = stream.words(root_identities(np.arange(2 * _ROUNDS))).tolist()
        factors = tuple(word | 1 for word in drawn[:_ROUNDS])
        return cls(n, (1 << bits) - 1, max((bits + 1) // 2, 1), factors, tuple(drawn[_ROUNDS:]))

    def __call__(self, ranks: Ints) -> Ints:
        """The image of each rank, int64, shape (m,)."""
        out = np.empty(len(ranks), np.int64)
        for chunk in in_chunks(len(ranks), _CHUNK):
            placed = self._round(ranks[chunk].astype(np.uint64))
            outside = np.flatnonzero(placed >= np.uint64(self.n))
            while len(outside):
                placed[outside] = self._round(placed[outside])
                outside = outside[placed[outside] >= np.uint64(self.n)]
            out[chunk] = placed.view(np.int64)
        return out

    def inverse(self, placed: Ints) -> Ints:
        """The rank of each image, int64, shape (m,)."""
        out = np.empty(len(placed), np.int64)
        for chunk in in_chunks(len(placed), _CHUNK):
            ranks = self._back(placed[chunk].astype(np.uint64))
            outside = np.flatnonzero(ranks >= np.uint64(self.n))
            while len(outside):
                ranks[outside] = self._back(ranks[outside])
                outside = outside[ranks[outside] >= np.uint64(self.n)]
            out[chunk] = ranks.view(np.int64)
        return out

    def _back(self, words: Words) -> Words:
        """The inverse bijection of the power of two, in place. A shift of at least half the bits is its own inverse."""
        mask, shift = np.uint64(self.mask), np.uint64(self.shift)
        for factor, key in zip(reversed(self.factors), reversed(self.keys), strict=True):
            words ^= words >> shift
            words -= np.uint64(key)
            words *= np.uint64(pow(factor, -1, 1 << 64))
            words &= mask
        return words

    def _round(self, words: Words) -> Words:
        """The bijection of the power of two, in place."""
        mask, shift = np.uint64(self.mask), np.uint64(self.shift)
        for factor, key in zip(self.factors, self.keys, strict=True):
            words *= np.uint64(factor)
            words += np.uint64(key)
            words &= mask
            words ^= words >> shift
        return words
