"""Parses text cells as numbers, times and flags, for CSV columns that are not clean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columnar.block import Bools, Floats, Type, as_numpy
from datagen.columnar.text import text_array

_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_INSTANT = rf"^{_DATE}([ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{{1,6}})?)?Z?)?$"
_NUMBER = r"^[+-]?\d{1,40}(\.\d{0,40})?([eE][+-]?\d{1,3})?$"
EXACT = 1e-3
"""The allowed error in minor units of a decimal that was a float. Another decimal would differ by at least a tenth."""
DOUBLE = 2.0**-51
"""The relative error of double precision, where the rounding of a large amount exceeds `EXACT` minor units."""
_FLAGS = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}


def parsed(text: pa.Array, type_: Type) -> tuple[Any, Bools]:
    """The cells as data of the type, shape (n,), and which could be parsed; a missing cell counts as parsed."""
    text = text.cast(pa.string())
    if type_.name == "bool":
        return _flags(text)
    if type_.name in ("timestamp", "date"):
        return _times(text, type_)
    whole = _integers(text) if type_.name in ("int", "duration") else None
    if whole is not None:
        return whole
    numbers, good = _numbers(text)
    if type_.name == "float":
        return numbers, good
    scaled = numbers * float(10**type_.scale)
    rounded = np.clip(np.rint(scaled), -(2.0**62), 2.0**62)
    return rounded.astype(np.int64), good & (np.abs(scaled - rounded) <= np.maximum(EXACT, DOUBLE * np.abs(scaled)))


def _matching(text: pa.Array, pattern: str) -> tuple[pa.Array, Bools]:
    """The text with null where it does not match, and where it matches or is missing."""
    fits = pc.match_substring_regex(text, pattern)
    return pc.if_else(fits.fill_null(False), text, pa.scalar(None, pa.string())), _bools(fits.fill_null(True))


def _bools(flags: pa.Array) -> Bools:
    found: Bools = as_numpy(flags)
    return found


def _integers(text: pa.Array) -> tuple[Any, Bools] | None:
    """Exact integers; None if some are written in another way."""
    kept, good = _matching(text, r"^-?\d{1,18}$")
    return (as_numpy(kept.cast(pa.int64()).fill_null(0)), good) if good.all() else None


def _numbers(text: pa.Array) -> tuple[Floats, Bools]:
    kept, good = _matching(text, _NUMBER)
    numbers = as_numpy(kept.cast(pa.float64()).fill_null(0.0))
    return np.where(np.isfinite(numbers), numbers, 0.0), good & np.isfinite(numbers)


def _flags(text: pa.Array) -> tuple[Any, Bools]:
    known = pc.index_in(pc.utf8_lower(text), text_array(list(_FLAGS)))
    codes = as_numpy(known.fill_null(-1))
    values = np.array([*_FLAGS.values(), False])
    return values[codes], (codes >= 0) | ~_bools(text.is_valid())


def _times(text: pa.Array, type_: Type) -> tuple[Any, Bools]:
    kept, good = _matching(text, _INSTANT)
    plain = pc.replace_substring(kept, "Z", "")
    try:
        instants = plain.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:  # a date such as April 31: no cell-by-cell search for such a column
        return np.zeros(len(text), np.int64), ~_bools(text.is_valid())
    moments = as_numpy(instants.cast(pa.int64()).fill_null(0))
    return (moments // 86_400_000_000 if type_.name == "date" else moments), good
