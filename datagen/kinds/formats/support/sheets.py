"""Worksheets of Office Open XML: cells as text, both ways.

Source: ECMA-376, part 1 (SpreadsheetML). Strings are written into their cells (inline strings), so that rows can be
streamed. A time is a number of days since 1899-12-30 where that is exact to the microsecond (1900-03-01 to 2079-06-05),
else ISO 8601 text.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import as_numpy
from datagen.columnar.nested import from_json, json_cells
from datagen.columnar.text import buffers
from datagen.time_units import DAY

MOST_ROWS, MOST_COLUMNS, MOST_TEXT = 1_048_575, 16_384, 32_767
"""Rows below the header, columns, and characters of a cell, that a worksheet can have."""
_EXACT = 2**53
_EPOCH = 25_569
"""1970-01-01 as a number of days."""
_FIRST, _LAST = 61, 65_535
_NULL, _DATE, _TIME = "<c/>", '<c s="1">', '<c s="2">'
_TEXT, _TEXT_END = '<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
_CELL = re.compile(
    r'<c(?: s="\d")?(?: t="(?P<type>\w+)")?(?:/>|>(?:<v>|<is><t[^>]*>)(?P<text>[^<]*)(?:</v>|</t></is>)</c>)'
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROLS = r"\x00-\x08\x0b-\x1f"
_SPECIAL = rf"[{_CONTROLS}\x{{FFFE}}\x{{FFFF}}]|_x[0-9A-Fa-f]{{4}}_"
"""What must be escaped, in the syntax of Arrow."""
_TO_ESCAPE = re.compile(rf"[{_CONTROLS}\uFFFE\uFFFF]|_(?=x[0-9A-Fa-f]{{4}}_)")
"""The same, in the syntax of Python; the end of one word may begin the next."""


def cells(column: pa.Array) -> pa.Array:
    """Each cell as an element of a row. Raises OSError for a text that is too long."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        words = cells(column.dictionary)
        return pc.fill_null(words.take(column.indices), _NULL)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.fill_null(_texts(column.cast(pa.string())), _NULL)
    if pa.types.is_nested(kind):
        return pc.fill_null(_texts(json_cells(column)), _NULL)
    if pa.types.is_boolean(kind):
        return pc.fill_null(pc.if_else(column, '<c t="b"><v>1</v></c>', '<c t="b"><v>0</v></c>'), _NULL)
    number, inside, opening = _number(column)
    shown = _between(opening + "<v>", number, "</v></c>")
    if inside is None:
        return pc.fill_null(shown, _NULL)
    return pc.fill_null(pc.if_else(inside, shown, _between(_TEXT, _text_of(column), _TEXT_END)), _NULL)


def _number(column: pa.Array) -> tuple[pa.Array, pa.Array | None, str]:
    """The numbers as text, which of the cells can be a number (None: all), and the opening of a cell."""
    kind = column.type
    if pa.types.is_date(kind):
        days = pc.add(column.cast(pa.int32()), _EPOCH)
        return days.cast(pa.string()), _within(days, _FIRST, 2_958_465), _DATE
    if pa.types.is_timestamp(kind):
        since = pc.add(column.cast(pa.int64()), _EPOCH * DAY)
        days = pc.divide(since.cast(pa.float64(), safe=False), float(DAY))
        return days.cast(pa.string()), _within(since, _FIRST * DAY, _LAST * DAY), _TIME
    if pa.types.is_floating(kind):
        return column.cast(pa.string()), pc.is_finite(column), "<c>"
    if pa.types.is_decimal(kind):
        return column.cast(pa.string()), None if kind.precision <= 15 else pc.is_null(column), "<c>"
    whole = column.cast(pa.int64())
    return whole.cast(pa.string()), _within(whole, -_EXACT, _EXACT), "<c>"


def _text_of(column: pa.Array) -> pa.Array:
    if pa.types.is_duration(column.type):
        column = column.cast(pa.int64())
    elif pa.types.is_timestamp(column.type) and column.type.tz:  # offsets have seconds before zones were introduced
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
    return column.cast(pa.string())


def _within(numbers: pa.Array, low: int, high: int) -> pa.Array:
    return pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high))


def _between(opening: str, text: pa.Array, closing: str) -> pa.Array:
    return pc.binary_join_element_wise(opening, text, closing, "")


def _texts(text: pa.Array) -> pa.Array:
    longest = pc.max(pc.utf8_length(text)).as_py() or 0
    if longest > MOST_TEXT:
        raise OSError(f"a text of {longest:,} characters is longer than the {MOST_TEXT:,} that a cell can have")
    if pc.any(pc.match_substring_regex(text, _SPECIAL)).as_py():  # rare
        text = pa.array([None if one is None else _escaped(one) for one in text.to_pylist()], pa.string())
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = pc.replace_substring(text, mark, entity)
    return _between(_TEXT, text, _TEXT_END)


def _escaped(text: str) -> str:
    """The text with `_xHHHH_` for each character that XML has not, and for each underscore that begins such a word."""
    return _TO_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def rows(batch: pa.RecordBatch) -> memoryview:
    """The rows of a batch as elements of a sheet."""
    text = pc.binary_join_element_wise("<row>", *(cells(column) for column in batch.columns), "</row>\n", "")
    return buffers(text)[0].data


def parsed(xml: str) -> dict[str, pa.Array]:
    """The columns of a sheet as text, by the names in its first row. Raises ValueError for other sheets."""
    found = [_unescaped(match) for match in _CELL.finditer(xml)]
    width = len(_CELL.findall(xml[: xml.find("</row>")]))
    if not width or len(found) % width:
        raise ValueError("it is not a worksheet that datagen wrote")
    return {str(found[at]): pa.array(found[at + width :: width], pa.string()) for at in range(width)}


def _unescaped(match: re.Match[str]) -> str | None:
    text = match["text"]
    if text is None or match["type"] != "inlineStr":
        return text
    return _ESCAPED.sub(lambda hit: chr(int(hit[1], 16)), unescape(text) if "&" in text else text)


def typed(text: pa.Array, kind: pa.DataType) -> pa.Array:
    """A column of `parsed` in its type. Raises ArrowInvalid where a cell does not fit."""
    if pa.types.is_dictionary(kind):
        return text.cast(kind)
    if pa.types.is_nested(kind):
        return from_json(text, kind)
    if pa.types.is_boolean(kind):
        return pc.equal(text, "1")
    if pa.types.is_duration(kind):
        return text.cast(pa.int64()).cast(kind)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _times(text, kind)
    return text.cast(kind)


def _times(text: pa.Array, kind: pa.DataType) -> pa.Array:
    iso = pc.fill_null(pc.match_substring(text, "-"), False)
    serial = as_numpy(pc.fill_null(pc.if_else(iso, None, text).cast(pa.float64()), 0.0))
    days = np.floor(serial)
    whole = days.astype(np.int64) - _EPOCH
    if pa.types.is_date(kind):
        numbers = pa.array(whole.astype(np.int32))
    else:  # the fraction alone keeps the microseconds
        numbers = pa.array(whole * DAY + np.rint((serial - days) * DAY).astype(np.int64))
    from_numbers: Any = numbers.cast(kind if pa.types.is_date(kind) else pa.timestamp("us"))
    from_texts = pc.if_else(iso, text, None).cast(from_numbers.type if pa.types.is_date(kind) else kind)
    found = pc.if_else(iso, from_texts.cast(from_numbers.type), from_numbers)
    return pc.if_else(pc.is_valid(text), found, None).cast(kind)
