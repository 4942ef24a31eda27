"""Text that is something else: dates, times and amounts of money that a source keeps as text."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_DATE = r"^\d{4}-\d{2}-\d{2}$"
_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|\+00:?00)?$"
_LOCAL_DATE = r"^\d{1,2}[/.]\d{1,2}[/.]\d{4}$"
_CURRENCY = r"([$€£¥]|USD|EUR|GBP|CHF)"
_MONEY = rf"^-?\s*{_CURRENCY}?\s*-?(\d{{1,3}}(,\d{{3}})+|\d+)(\.\d{{1,4}})?\s*{_CURRENCY}?$"
_MARKED = r"[$€£¥A-Z,.]"
_MOST_SHORT = 3
"""Fewer distinct texts say nothing about what they are."""


def typed_text(cells: pa.Array) -> tuple[pa.Array, str] | None:
    """Text cells as dates, times or numbers with what they are called; None where one of them is no such thing."""
    present = pc.drop_null(cells)
    if pc.count_distinct(present[:1000]).as_py() < _MOST_SHORT:
        return None
    try:
        if _all(present, _DATE):
            return pc.cast(cells, pa.date32()), "dates"
        if _all(present, _TIME):
            bare = pc.replace_substring_regex(cells, r"(Z|\+00:?00)$", "")
            return pc.cast(bare, pa.timestamp("us")), "times"
        if _all(present, _LOCAL_DATE):
            return pc.cast(pc.strptime(cells, _order(present), "s"), pa.date32()), "dates"
        if _all(present, _MONEY) and pc.any(pc.match_substring_regex(present, _MARKED)).as_py():
            return pc.cast(pc.replace_substring_regex(cells, rf"{_CURRENCY}|[,\s]", ""), pa.float64()), "numbers"
    except pa.ArrowInvalid:  # a 31st of February
        pass
    return None


def _all(present: pa.Array, pattern: str) -> bool:
    first = pc.match_substring_regex(present[:100], pattern)
    return bool(pc.all(first).as_py() and pc.all(pc.match_substring_regex(present, pattern)).as_py())


def _order(present: pa.Array) -> str:
    """Whether the day or the month comes first: what has a number above 12 is the day; with points it is the day."""
    mark = "." if pc.any(pc.match_substring(present[:1], ".")).as_py() else "/"
    second = pc.cast(pc.list_element(pc.split_pattern(present, mark), 1), pa.int64())
    first = pc.cast(pc.list_element(pc.split_pattern(present, mark), 0), pa.int64())
    day_first = pc.max(first).as_py() > 12 or (mark == "." and pc.max(second).as_py() <= 12)
    return f"%d{mark}%m{mark}%Y" if day_first else f"%m{mark}%d{mark}%Y"
