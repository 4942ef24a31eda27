"""Parses text as numbers, booleans and times, cell by cell; unreadable text is an error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import Bools, Ints, Type
from datagen.columnar.text import text_array
from datagen.expressions.frontend.literals import DAY, MICROSECONDS
from datagen.expressions.runtime.arrow_bridge import as_bools, as_numbers

Read = tuple[Any, Bools]
"""The data, shape (n,), and where the text could be parsed; the data of other cells is 0."""

_FLOAT = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_DECIMAL = r"^\s*(?P<sign>[+-]?)(?P<whole>\d{0,18})(?:\.(?P<fraction>\d*))?\s*$"
_MOMENT = (
    r"^\s*(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[ T](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?Z?)?\s*$"
)


def read(text: pa.Array, kind: Type) -> Read:
    """A string array without nulls parsed as `type`."""
    if kind.name == "float":
        return _float(text)
    if kind.numeric:
        return _decimal(text, kind.scale)
    if kind.name == "bool":
        return _bool(text)
    moments, readable = _moments(text)
    return (moments // DAY if kind.name == "date" else moments), readable


def _float(text: pa.Array) -> Read:
    matching = pc.match_substring_regex(text, pattern=_FLOAT)
    # Arrow accepts neither blanks nor a leading plus
    bare = pc.replace_substring_regex(text, pattern=r"^\s*\+?|\s+$", replacement="")
    numbers = pc.if_else(matching, bare, "0").cast(pa.float64())
    found = as_numbers(numbers, np.float64)
    finite = np.isfinite(found)
    return np.where(finite, found, 0.0), as_bools(matching) & finite


def _decimal(text: pa.Array, scale: int) -> Read:
    """Minor units, or whole numbers at scale 0; at most 18 digits."""
    parts = pc.extract_regex(text, pattern=_DECIMAL)
    # rounding half away from zero needs one more digit than is kept
    shown = pc.utf8_slice_codeunits(pc.utf8_rpad(parts.field("fraction"), width=scale + 1, padding="0"), 0, scale + 1)
    whole, fraction = _whole(parts, "whole"), as_numbers(_filled(shown).cast(pa.int64()), np.int64)
    digits = fraction // 10 + (fraction % 10 >= 5)
    readable = as_bools(parts.is_valid()) & as_bools(pc.match_substring_regex(text, pattern=r"\d"))
    readable &= whole < 10 ** (18 - scale)
    size = np.where(readable, whole, 0) * 10**scale + digits
    negative = as_bools(pc.equal(_filled(parts.field("sign")), "-"))
    return np.where(readable, np.where(negative, -size, size), 0), readable


def _filled(text: pa.Array) -> pa.Array:
    present = pc.fill_null(text, "0")
    return pc.if_else(pc.equal(present, ""), "0", present)


def _whole(parts: pa.Array, name: str) -> Ints:
    return as_numbers(_filled(parts.field(name)).cast(pa.int64()), np.int64)


def _bool(text: pa.Array) -> Read:
    known = text_array(["true", "t", "1", "yes", "false", "f", "0", "no"])
    found = pc.index_in(pc.utf8_lower(pc.utf8_trim_whitespace(text)), value_set=known)
    readable = as_bools(found.is_valid())
    return readable & (as_numbers(found, np.int32) < 4), readable


def _moments(text: pa.Array) -> Read:
    parts = pc.extract_regex(text, pattern=_MOMENT)
    year, month, day = (_whole(parts, name) for name in ("year", "month", "day"))
    hour, minute, second = (_whole(parts, name) for name in ("hour", "minute", "second"))
    fraction = as_numbers(
        _filled(pc.utf8_rpad(parts.field("fraction"), width=6, padding="0")).cast(pa.int64()), np.int64
    )
    months = (year - 1970) * 12 + month - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + day - 1
    same = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) == months
    readable = as_bools(parts.is_valid()) & same & (month >= 1) & (month <= 12) & (day >= 1)
    readable &= (year >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    clock = hour * MICROSECONDS["hour"] + minute * MICROSECONDS["minute"] + second * MICROSECONDS["second"] + fraction
    return np.where(readable, days * DAY + clock, 0), readable
