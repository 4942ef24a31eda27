"""Draws from several laws, a different one for each row, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datagen.columnar.block import Floats, Words
from datagen.random.inverse_cdf import CHUNK, InverseCdfTable, Scratch, TabulatedQuantiles
from datagen.random.streams import Stream, in_chunks


@dataclass(frozen=True, slots=True, eq=False)
class StackedInverseCdf:
    """The concatenated tables of the laws. Frozen and picklable."""

    tables: InverseCdfTable

    @classmethod
    def of(cls, laws: Sequence[InverseCdfTable]) -> StackedInverseCdf:
        """At least one law."""
        stacked = (np.concatenate(parts, axis=1) for parts in zip(*(law.pieces for law in laws), strict=True))
        return cls(InverseCdfTable(TabulatedQuantiles(*stacked)))

    def sample(self, stream: Stream, ids: Words, which: npt.NDArray[np.integer]) -> Floats:
        """For each of the rows `ids` what `laws[which[i]].sample(stream, ...)` gives, float64, shape (n,)."""
        out = np.empty(len(ids))
        scratch, buffer = Scratch.of(len(ids)), np.empty(min(len(ids), CHUNK), np.uint64)
        for chunk in in_chunks(len(ids), CHUNK):
            law = which[chunk].astype(np.int64)
            words = stream.words(ids[chunk], buffer[: len(law)])
            self.tables.fill(words, out[chunk], scratch, law)
        return out
