"""A keyed permutation of numbers that keeps their number of digits."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np

from datagen.columnar.block import Ints, Words
from datagen.random.streams import Stream, root_identities

_FIRST = 3
_LAST = 18


@dataclass(frozen=True, slots=True, eq=False)
class DigitPreservingPermutation:
    """A keyed bijection of the integers from 0 that keeps the number of digits (up to three digits count as one class).

    Within a class of `size` numbers, i goes to (factor x i + shift) mod size with a factor coprime to the size.
    """

    starts: Ints
    factors: Words
    shifts: Words
    sizes: Words

    @classmethod
    def of(cls, stream: Stream) -> DigitPreservingPermutation:
        starts = [0, *(10**digits for digits in range(_FIRST, _LAST))]
        sizes = [end - start for start, end in zip(starts, [*starts[1:], 10**_LAST], strict=True)]
        words = [stream.substream(lane).words(root_identities(np.arange(len(sizes)))) for lane in (1, 2)]
        factors = [_prime_to(int(word), size) for word, size in zip(words[0], sizes, strict=True)]
        shifts = [int(word) % size for word, size in zip(words[1], sizes, strict=True)]
        return cls(np.array(starts, np.int64), *(np.array(part, np.uint64) for part in (factors, shifts, sizes)))

    def __call__(self, numbers: Ints) -> Ints:
        """The image of each number, int64, shape (n,); numbers from 0 to 10^18."""
        out = np.empty(len(numbers), np.int64)
        if not len(numbers):
            return out
        first, last = (
            int(np.searchsorted(self.starts, edge, side="right")) - 1 for edge in (numbers.min(), numbers.max())
        )
        for i in range(first, last + 1):
            start, size = self.starts[i], self.sizes[i]
            inside = slice(None) if first == last else (numbers >= start) & (numbers < start + size.astype(np.int64))
            offset = (numbers[inside] - start).view(np.uint64)
            out[inside] = ((offset * self.factors[i] + self.shifts[i]) % size).view(np.int64) + start
        return out


def _prime_to(word: int, size: int) -> int:
    """A factor coprime to `size` whose products with smaller numbers stay below 2^63."""
    factor = word % min(size, 2**63 // size) | 1
    while gcd(factor, size) != 1:
        factor += 2
    return factor
