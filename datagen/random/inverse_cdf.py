"""Any continuous distribution as a table of its inverse CDF: one random word to one value, by linear interpolation.

The middle of the table is uniform: 4096 bins, the top bits of the word choose one. In the outer 32 bins of either side
quantiles bend too much for that, so those cells are looked up a second time by their distance from the end: an octave
(its exponent) in 64 pieces (its leading bits), down to a probability of 2**-60.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.columnar.block import Bools, Floats, Ints, Words
from datagen.random.streams import Stream, in_chunks

Ppf = Callable[[Floats, bool], Floats]
"""The quantile at each lower-tail probability, or with True at each upper-tail probability; both in (0, 1)."""

_BINS = 4096
_SPARE = 32  # bins on either side that use the tail tables
_PIECES = 64  # of an octave
_OCTAVES = 53
TABLE_BYTES = 8 * 2 * (_BINS + 2 * _OCTAVES * _PIECES)
CHUNK = 16384
"""Words per chunk: all buffers fit the second-level cache."""
_LIMIT = 2.0**1021  # differences of clipped quantiles stay finite
_INDEX_SHIFT = np.uint64(52)
_TAIL_SHIFT = np.uint64(5)
_FRACTION = np.uint64((1 << 52) - 1)
_ONE = np.uint64(0x3FF0000000000000)
_PIECE_SHIFT = np.uint64(46)
_PIECE_FRACTION = np.uint64((1 << 46) - 1)
_FIRST_PIECE = 1023 * _PIECES


def _constant(values: Floats) -> Floats:
    values.setflags(write=False)
    return values


_INSIDE = np.arange(_SPARE, _BINS - _SPARE + 1) / _BINS
_BELOW, _ABOVE = _constant(_INSIDE[_INSIDE <= 0.5]), _constant(1.0 - _INSIDE[_INSIDE > 0.5])
"""The lower-tail, and the upper-tail, probabilities at the ends of bins."""
_PIECE_ENDS = np.ldexp(1.0, np.repeat(np.arange(_OCTAVES), _PIECES)) * (
    1.0 + np.tile(np.arange(_PIECES) / _PIECES, _OCTAVES)
)
_TAIL = _constant(np.append(_PIECE_ENDS * 2.0**-60, 2.0**-7))
"""The probabilities at the ends of pieces of a tail."""
_FAR = _constant(np.ldexp(1.0, np.arange(-60, -7)))
"""The probabilities at the ends of octaves."""


class TabulatedQuantiles(NamedTuple):
    """The start and the rise of each of 4096 bins, shape (2, 4096), and of the pieces of each tail by growing distance
    from its end, shape (2, 53 * 64).
    """

    middle: Floats
    lower: Floats
    upper: Floats


class InverseCdfTable:
    """The inverse CDF of a continuous distribution, tabulated on first use. Picklable."""

    def __init__(
        self, made: TabulatedQuantiles | Callable[[], TabulatedQuantiles], far: tuple[Floats, Floats] | None = None
    ) -> None:
        self._made, self._far = made, far

    @classmethod
    def of(cls, ppf: Ppf) -> InverseCdfTable:
        """The table of `ppf`, which is never called at 0 or 1; infinite quantiles become huge ones.

        Raises ValueError where a quantile far out is not a number, and on first use where another one is not.
        """
        with np.errstate(over="ignore", divide="ignore"):
            far = _numbers(ppf(_FAR, False)), _numbers(ppf(_FAR, True))
        return cls(lambda: _tabulated(ppf), far)

    def __reduce__(self) -> tuple[type[InverseCdfTable], tuple[TabulatedQuantiles, tuple[Floats, Floats] | None]]:
        return InverseCdfTable, (self.pieces, self._far)

    @property
    def pieces(self) -> TabulatedQuantiles:
        """The table. Raises ValueError where a quantile is not a number."""
        if not isinstance(self._made, TabulatedQuantiles):
            self._made = self._made()
        return self._made

    def ends(self, chance: float) -> tuple[float, float]:
        """The values with this probability below, and above; 2**-60, 2**-59 ... 2**-8. It tabulates nothing."""
        assert self._far is not None, "several distributions in one table have no ends"
        low, high = (float(values[60 + round(math.log2(chance))]) for values in self._far)
        return low, high

    def at(self, words: Words, out: Floats | None = None) -> Floats:
        """The values of the words, float64, shape (n,); a larger word never gives a smaller value."""
        out = np.empty(len(words)) if out is None else out
        scratch = Scratch.of(len(words))
        for chunk in in_chunks(len(words), CHUNK):
            self.fill(words[chunk], out[chunk], scratch)
        return out

    def sample(self, stream: Stream, ids: Words) -> Floats:
        """The values that `stream` gives the rows `ids`, float64, shape (n,)."""
        out = np.empty(len(ids))
        scratch = Scratch.of(len(ids))
        buffer = np.empty(min(len(ids), CHUNK), np.uint64)
        for chunk in in_chunks(len(ids), CHUNK):
            words = stream.words(ids[chunk], buffer[: chunk.stop - chunk.start])
            self.fill(words, out[chunk], scratch)
        return out

    def fill(self, words: Words, out: Floats, scratch: Scratch, distribution: Ints | None = None) -> None:
        """The values of one chunk: every cell from the middle, then the tail cells again.

        If several tables are concatenated, `distribution` is the number of the table of each cell.
        """
        n, (middle, _, _) = len(words), self.pieces
        index, fraction, rise, tails = scratch.index[:n], scratch.fraction[:n], scratch.rise[:n], scratch.tails[:n]
        np.right_shift(words, _INDEX_SHIFT, out=index)
        np.bitwise_and(words, _FRACTION, out=fraction)
        fraction |= _ONE  # the bits of a float in [1, 2)
        positions = index.view(np.int64)
        if distribution is not None:
            positions = positions + distribution * _BINS
        middle[0].take(positions, out=out, mode="clip")
        middle[1].take(positions, out=rise, mode="clip")
        values = fraction.view(np.float64)
        values -= 1.0
        rise *= values
        out += rise
        index -= np.uint64(_SPARE)  # wraps around below, so that one comparison finds both tails
        np.greater_equal(index, np.uint64(_BINS - 2 * _SPARE), out=tails)
        where = np.flatnonzero(tails)
        if len(where):
            out[where] = self._tails(
                words[where], 0 if distribution is None else distribution[where] * (_OCTAVES * _PIECES)
            )

    def _tails(self, words: Words, begin: Ints | int) -> Floats:
        """The values of words from the outer bins, shape (m,), by tables that begin there."""
        _, lower, upper = self.pieces
        above = words >= np.uint64(1 << 63)
        ends = np.where(above, ~words, words) >> _TAIL_SHIFT
        ends += ends
        ends += np.uint64(1)
        bits = ends.astype(np.float64).view(np.uint64)
        index = (bits >> _PIECE_SHIFT).view(np.int64) + (begin - _FIRST_PIECE)
        fraction = (bits & _PIECE_FRACTION).astype(np.float64) * 2.0**-46
        start = np.where(above, upper[0][index], lower[0][index])
        rise = np.where(above, upper[1][index], lower[1][index])
        return start + rise * fraction  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, eq=False)
class Scratch:
    """Buffers of one chunk, reused for the next."""

    index: Words
    fraction: Words
    rise: Floats
    tails: Bools

    @classmethod
    def of(cls, n: int) -> Scratch:
        size = min(n, CHUNK)
        return cls(np.empty(size, np.uint64), np.empty(size, np.uint64), np.empty(size), np.empty(size, np.bool_))


def _tabulated(ppf: Ppf) -> TabulatedQuantiles:
    """The table of a quantile function. Raises ValueError where a quantile is not a number."""
    with np.errstate(over="ignore", divide="ignore"):
        knots = np.concatenate([ppf(_BELOW, False), ppf(_ABOVE, True)])
        lower, upper = ppf(_TAIL, False), ppf(_TAIL, True)
    # Quantiles a rounding apart may come in the wrong order, and differ where middle and tails meet.
    knots[0], knots[-1] = lower[-1], upper[-1]
    np.minimum(np.maximum.accumulate(knots, out=knots), upper[-1], out=knots)
    lower, upper = np.minimum.accumulate(lower[::-1])[::-1], np.maximum.accumulate(upper[::-1])[::-1]
    middle = np.zeros((2, _BINS))
    _pieces(knots, middle[:, _SPARE : _BINS - _SPARE])
    return TabulatedQuantiles(middle, *(_pieces(tail, np.empty((2, len(tail) - 1))) for tail in (lower, upper)))


def _numbers(quantiles: Floats) -> Floats:
    """Quantiles that are not too large to subtract. Raises ValueError where one is not a number."""
    low, high = quantiles.min(), quantiles.max()
    if np.isnan(low):
        raise ValueError("a quantile is not a number; check the parameters of the distribution")
    return quantiles if low >= -_LIMIT and high <= _LIMIT else np.clip(quantiles, -_LIMIT, _LIMIT)


def _pieces(knots: Floats, out: Floats) -> Floats:
    """Start and rise of the pieces between monotone `knots`, so rounded that no piece ends beyond where the next one
    starts; written to `out`.
    """
    knots = _numbers(knots)
    beyond = np.less if knots[-1] < knots[0] else np.greater
    ends, (starts, rises) = knots[1:], out
    starts[:] = knots[:-1]
    np.subtract(ends, starts, out=rises)
    last = np.empty_like(rises)
    for _ in range(4):
        np.multiply(rises, 1.0 - 2.0**-53, out=last)
        last += starts
        where = np.flatnonzero(beyond(last, ends))
        if not len(where):
            break
        rises[where] = np.nextafter(rises[where], 0.0)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class StackedInverseCdf:
    """The concatenated tables of several distributions, a different one for each row. Frozen and picklable."""

    tables: InverseCdfTable

    @classmethod
    def of(cls, distributions: Sequence[InverseCdfTable]) -> StackedInverseCdf:
        """At least one distribution."""
        stacked = (
            np.concatenate(parts, axis=1)
            for parts in zip(*(distribution.pieces for distribution in distributions), strict=True)
        )
        return cls(InverseCdfTable(TabulatedQuantiles(*stacked)))

    def sample(self, stream: Stream, ids: Words, which: npt.NDArray[np.integer]) -> Floats:
        """For each of the rows `ids` what `distributions[which[i]].sample(stream, ...)` gives, float64, shape (n,)."""
        out = np.empty(len(ids))
        scratch, buffer = Scratch.of(len(ids)), np.empty(min(len(ids), CHUNK), np.uint64)
        for chunk in in_chunks(len(ids), CHUNK):
            distribution = which[chunk].astype(np.int64)
            words = stream.words(ids[chunk], buffer[: len(distribution)])
            self.tables.fill(words, out[chunk], scratch, distribution)
        return out
