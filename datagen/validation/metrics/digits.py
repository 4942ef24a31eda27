"""Tests that the last digits of a smooth distribution are uniform."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datagen.columnar.block import Ints, Rows, Type
from datagen.columnar.row_time import moments
from datagen.kinds.generators.base import Generator
from datagen.validation.metrics.distribution.metric import DistributionFit

SMOOTH = 300.0
"""Minor units that the interquartile range of a law must span for its last two digits to be about uniform."""
_LABELS = ("not a multiple of 10 units", "a multiple of 10 units", "a multiple of 100 units")
_SHARES = (0.9, 0.09, 0.01)
EXACT = 2.0**48
"""Minor units beyond which floats in a file are too coarse to have last digits."""

Digits = tuple[tuple[str, ...], tuple[float, ...], Callable[[Rows], Ints]]
"""Labels and declared shares of the digits, and the code of each row."""


def digits_of(fit: DistributionFit, type_: Type | None, generator: Generator) -> Digits | None:
    """The kinds of last digits of a column of whole numbers or decimals; None if its law does not determine them."""
    if type_ is None or type_.name not in ("int", "decimal") or fit.reading is not None:
        return None
    if not generator.intact or len(_decimals(generator)) > 1:
        return None
    unit = 10.0**type_.scale
    spans = [(case.grid[3 * len(case.grid) // 4] - case.grid[len(case.grid) // 4]) * unit for case in fit.cases]
    if min(spans) < SMOOTH or max(abs(float(end)) for case in fit.cases for end in case.grid[[0, -1]]) * unit > EXACT:
        return None
    limits = [round(end * unit) for case in fit.cases for end in (case.low, case.high) if end is not None]

    def code(rows: Rows) -> Ints:
        values = rows.column(fit.column)
        found = (values.data % 10 == 0).astype(np.int64) + (values.data % 100 == 0)
        clipped = np.isin(values.data, limits)
        out = clipped if values.valid is None else clipped | ~values.valid
        if fit.planted is not None and fit.planted.rate:
            out = out | (fit.planted.at(rows, moments(rows)) * min(spans) < SMOOTH)
        return np.where(out if fit.case is None else out | (fit.case(rows) < 0), -1, found)

    return _LABELS, _SHARES, code


def _decimals(generator: Generator) -> frozenset[int]:
    """The decimals to which the cells of a column may be rounded; they may differ between cases."""
    within = (one for _, field in generator for one in (field.values() if isinstance(field, dict) else (field,)))
    inner = frozenset(d for one in within if isinstance(one, Generator) for d in _decimals(one))
    return inner or frozenset({getattr(generator, "decimals", None) or 0})
