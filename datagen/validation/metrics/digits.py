"""Tests that the last digits of a smooth distribution are uniform, and that floats have all of theirs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datagen.columnar.block import Ints, Rows, Type
from datagen.columnar.row_time import moments
from datagen.kinds.generators.base import Generator
from datagen.validation.metrics.distribution.metric import DistributionCase, DistributionFit

SMOOTH = 300.0
"""Minor units that the interquartile range of a distribution must span for its last two digits to be about uniform; a
tenth of it for the last digit.
"""
_LABELS = (*(f"ending in {digit}" for digit in range(1, 10)), "a multiple of 10 units", "a multiple of 100 units")
_SHARES = (*(0.1,) * 9, 0.09, 0.01)
_LAST = (0.1,) * 10
_FINER = 16
_UNEVEN = 0.008
"""The largest difference of the share of a digit by the distribution from that of uniform digits."""
EXACT = 2.0**48
"""Minor units beyond which floats in a file are too coarse to have last digits."""

_FLOATS = ("of single precision", "of at most 8 digits", "of double precision")
_SINGLE, _SHORT = 2.0**-29, 1e-8
_SIGNIFICANT = 8
_MANTISSA = 40
"""Bits of a float that differ between cells of a small interval, at least."""

Digits = tuple[tuple[str, ...], tuple[float, ...], Callable[[Rows], Ints]]
"""Labels and declared shares of the digits, and the code of each row."""


def digits_of(fit: DistributionFit, type_: Type | None, generator: Generator) -> Digits | None:
    """The kinds of last digits of a column of numbers; None if its distribution does not determine
    them.
    """
    if type_ is None or fit.reading is not None or not generator.intact or len(_decimals(generator)) > 1:
        return None
    if type_.name == "float":
        return _of_floats(fit)
    return _of_units(fit, 10.0**type_.scale) if type_.name in ("int", "decimal") else None


def _of_units(fit: DistributionFit, unit: float) -> Digits | None:
    """The last digits of minor units; None if they are not uniform."""
    spans = [(case.grid[3 * len(case.grid) // 4] - case.grid[len(case.grid) // 4]) * unit for case in fit.cases]
    smooth = SMOOTH if min(spans) >= SMOOTH else SMOOTH / 10.0
    if min(spans) < smooth or max(abs(float(end)) for case in fit.cases for end in case.grid[[0, -1]]) * unit > EXACT:
        return None
    if not all(_uniform(case, unit, 2 if smooth == SMOOTH else 1) for case in fit.cases):
        return None
    limits = [round(end * unit) for case in fit.cases for end in (case.low, case.high) if end is not None]

    def code(rows: Rows) -> Ints:
        values = rows.column(fit.column)
        found = (values.data % 10 + 9) % 10
        if smooth == SMOOTH:
            found += values.data % 100 == 0
        clipped = np.isin(values.data, limits)
        out = clipped if values.valid is None else clipped | ~values.valid
        if fit.planted is not None and fit.planted.rate:
            out = out | (fit.planted.at(rows, moments(rows)) * min(spans) < smooth)
        return np.where(out if fit.case is None else out | (fit.case(rows) < 0), -1, found)

    return (_LABELS, _SHARES, code) if smooth == SMOOTH else (_LABELS[:10], _LAST, code)


def _of_floats(fit: DistributionFit) -> Digits | None:
    """Whether numbers have the digits of double precision; None for distributions with atoms."""
    if any(case.mean_only or len(np.unique(case.grid)) < len(case.grid) for case in fit.cases):
        return None
    limits = [end for case in fit.cases for end in (case.low, case.high) if end is not None]

    def code(rows: Rows) -> Ints:
        values = rows.column(fit.column)
        cells = values.data
        known = np.isfinite(cells) & (cells != 0) & ~np.isin(cells, limits)
        known = known if values.valid is None else known & values.valid
        given = np.where(known, cells, 1.5)
        with np.errstate(over="ignore"):
            single = given.astype(np.float32) == given
        unit = 10.0 ** (_SIGNIFICANT - 1 - np.floor(np.log10(np.abs(given))))
        short = np.rint(given * unit) / unit == given
        found = np.where(known, np.where(single, 0, np.where(short, 1, 2)), -1)
        return found if fit.case is None else np.where(fit.case(rows) < 0, -1, found)

    return _FLOATS, (_SINGLE, _SHORT, 1.0 - _SINGLE - _SHORT), code


def equal_cells(fit: DistributionFit, type_: Type | None) -> float:
    """The probability that two cells of a column with one distribution are equal; 1 if it is unknown."""
    case = fit.cases[0]
    if type_ is None or type_.name not in ("int", "decimal", "float") or fit.reading is not None or case.mean_only:
        return 1.0
    grid = np.clip(case.grid, case.low, case.high)
    exact = type_.name == "float"
    cells, number = np.unique(grid if exact else np.rint(grid * 10.0**type_.scale), return_counts=True)
    if len(cells) < 2:
        return 1.0
    shares, gaps = number / len(grid), np.diff(cells, append=2.0 * cells[-1] - cells[-2])
    spread = np.where(number > 1, 1.0, 2.0**_MANTISSA) if exact else gaps
    return float((shares * shares / spread).sum())


def _uniform(case: DistributionCase, unit: float, digits: int) -> bool:
    """Whether so many last digits are uniform by the distribution: it may have atoms, or much of its mass on few
    units.
    """
    size = len(case.grid)
    fine = np.interp(np.arange(_FINER * size) / _FINER, np.arange(size), case.grid)
    cells = np.rint(np.clip(fine, case.low, case.high) * unit).astype(np.int64)
    within = cells[~np.isin(cells, [round(end * unit) for end in (case.low, case.high) if end is not None])]
    last = np.bincount(within % 10, minlength=10) / max(len(within), 1)
    hundreds = np.count_nonzero(within % 100 == 0) / max(len(within), 1)
    return bool((np.abs(last - 0.1) <= _UNEVEN).all() and (digits == 1 or abs(hundreds - 0.01) <= _UNEVEN))


def _decimals(generator: Generator) -> frozenset[int]:
    """The decimals to which the cells of a column may be rounded; they may differ between cases."""
    within = (one for _, field in generator for one in (field.values() if isinstance(field, dict) else (field,)))
    inner = frozenset(d for one in within if isinstance(one, Generator) for d in _decimals(one))
    return inner or frozenset({getattr(generator, "decimals", None) or 0})
