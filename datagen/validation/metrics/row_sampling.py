"""Selects rows for expensive metrics by a hash of their identity."""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import Floats, Ints, Words
from datagen.random.streams import Stream


def row_uniforms(ids: Words, purpose: str) -> Floats:
    """A number in [0, 1) for each row, different for each purpose, shape (n,)."""
    return Stream.named(0, "looked at", purpose).uniforms(ids)


def sample_rows(ids: Words, share: float, purpose: str = "") -> Ints | None:
    """The positions of about this share of the rows, ascending; None for all of them.

    A sample of a sample needs another purpose.
    """
    return None if share >= 1.0 else np.flatnonzero(row_uniforms(ids, purpose) < share)
