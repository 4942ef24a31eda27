"""A Gaussian copula: streams whose normal scores are correlated, each of them still uniform.

A column that is drawn by inversion keeps its distribution for any uniform stream. So columns are correlated by
correlating their streams (the NORTA method: Cario and Nelson 1997). Kendall's tau of two such columns is 2 / pi
asin(rho).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Words
from datagen.random import distributions
from datagen.random.math.elementary import sin, sqrt
from datagen.random.math.normal import normal_cdf
from datagen.random.streams import CHUNK, Stream, in_chunks

_HALF_PI = float.fromhex("0x1.921fb54442d18p+0")
_LEAST = 1e-9
"""The smallest share of a column's variance that is its own."""
_WORDS = 2.0**64
_TOP = float((1 << 63) - (1 << 10))
"""The largest float64 below 2**63."""
_ELEVEN = np.uint64(11)


def rho_of_tau(tau: float) -> float:
    """The correlation of the normal scores that gives Kendall's tau."""
    return sin(_HALF_PI * tau)


class NotPositiveDefinite(ValueError):
    """A matrix that is not positive definite: the entry (`row`, `column`) is outside `low` to `high`, given those
    before it.
    """

    def __init__(self, row: int, column: int, low: float, high: float) -> None:
        super().__init__(f"entry ({row}, {column}) must lie between {low:.4g} and {high:.4g}")
        self.row, self.column, self.low, self.high = row, column, low, high


def cholesky(matrix: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    """The rows of the lower triangular L with L L' = `matrix`, whose diagonal is 1; row k has k + 1 numbers.

    Raises NotPositiveDefinite at the first entry, row by row, that no correlation matrix can have after those before
    it.
    """
    rows: list[tuple[float, ...]] = []
    for k in range(len(matrix)):
        row: list[float] = []
        left = 1.0
        for j, above in enumerate(rows):
            shared = 0.0
            for own, other in zip(row, above, strict=False):
                shared += own * other
            weight = (matrix[k][j] - shared) / above[j]
            reach = sqrt(left) * above[j]
            if left - weight * weight < _LEAST:
                raise NotPositiveDefinite(k, j, shared - reach, shared + reach)
            left -= weight * weight
            row.append(weight)
        rows.append((*row, sqrt(left)))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class CorrelatedStream(Stream):
    """Uniform words whose normal scores are a weighted sum of those of other streams.

    The squares of the weights sum to 1. The words are uniform to within 1e-6 of probability; neither tail ends early.
    """

    streams: tuple[Stream, ...]
    weights: tuple[float, ...]

    def words(self, ids: Words, out: Words | None = None) -> Words:
        """The words of the rows `ids`, uint64, shape (n,)."""
        out = np.empty(len(ids), np.uint64) if out is None else out
        for chunk in in_chunks(len(ids)):
            out[chunk] = words_of(self.scores(ids[chunk]))
        return out

    def uniforms(self, ids: Words, out: Floats | None = None) -> Floats:
        """The top 53 bits of the words as float64 in [0, 1), shape (n,)."""
        out = np.empty(len(ids), np.float64) if out is None else out
        buffer = np.empty(min(len(ids), CHUNK), np.uint64)
        for chunk in in_chunks(len(ids)):
            words = self.words(ids[chunk], buffer[: chunk.stop - chunk.start])
            out[chunk] = (words >> _ELEVEN).view(np.int64)
            out[chunk] *= 2.0**-53
        return out

    def substream(self, number: int) -> Stream:
        """An independent stream of the same name."""
        return self.streams[-1].substream(number)

    def scores(self, ids: Words) -> Floats:
        """The normal scores of the rows, shape (n,)."""
        normal, scores = distributions.normal(), np.zeros(len(ids))
        for stream, weight in zip(self.streams, self.weights, strict=True):
            part = normal.sample(stream, ids)
            part *= weight
            scores += part
        return scores


def words_of(scores: Floats) -> Words:
    """The word at the place of each normal score, uint64, shape (n,); a larger score never gives a smaller word."""
    tail = normal_cdf(-np.abs(scores))
    tail *= _WORDS
    np.minimum(tail, _TOP, out=tail)
    words = tail.astype(np.int64).view(np.uint64)
    return np.where(scores < 0.0, words, ~words)


def correlated(streams: Sequence[Stream], factor: Sequence[Sequence[float]]) -> tuple[Stream, ...]:
    """The streams correlated by the Cholesky factor of their matrix. A stream without correlations to earlier ones is
    unchanged.
    """
    found: list[Stream] = []
    for own, row in zip(streams, factor, strict=True):
        parts = [(stream, weight) for stream, weight in zip(streams, row, strict=False) if weight]
        found.append(CorrelatedStream(*zip(*parts, strict=True)) if len(parts) > 1 else own)
    return tuple(found)
