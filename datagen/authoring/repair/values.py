"""Reads numbers, durations and dates as people write them: `1,000`, `10%`, `2 hours`, `31 Jan 2024`."""

from __future__ import annotations

import datetime as dt
import re

_DURATION = re.compile(r"\s*(\d+(?:[.,]\d+)?|an?|one)\s*-?\s*([a-z\u00b5\u03bc]+)\.?\s*\Z", re.IGNORECASE)
_UNITS = {
    "us": "us microsecond microseconds usec usecs \u00b5s \u03bcs",
    "ms": "ms millisecond milliseconds msec msecs millis", "s": "s sec secs second seconds",
    "min": "min mins minute minutes", "h": "h hr hrs hour hours", "d": "d day days", "w": "w wk wks week weeks",
    "mo": "mo mos mon month months", "y": "y yr yrs year years",
}  # fmt: skip
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_ISO_DURATION = re.compile(r"P(?:(\d+)([YMWD])|T(\d+)([HMS]))\Z")
_ISO_UNITS = {"Y": "y", "M": "mo", "W": "w", "D": "d", "TH": "h", "TM": "min", "TS": "s"}
_NUMBER = re.compile(
    r"[~\u2248$\u20ac\u00a3]?\s*([-+]?[\d][\d,_ "
    r"]*(?:\.\d+)?|[-+]?\.\d+)\s*([kKmMbB%]?|percent|thousand|million|billion)\s*(?:[A-Z]{3}|[$\u20ac\u00a3])?\Z"
)
_FACTORS = {"": 1, "k": 1000, "m": 10**6, "b": 10**9}
_THOUSANDS = re.compile(r"[-+]?\d{1,3}([,_ ]\d{3})*(\.\d+)?\Z|[-+]?\d+(\.\d+)?\Z|[-+]?\.\d+\Z")
_FORMATS = (
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d %B %Y",
    "%d %b %Y",
    "%B %d %Y",
    "%b %d %Y",
    "%Y-%m",
    "%Y/%m",
    "%Y",
    "%B %Y",
    "%b %Y",
)
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})\Z")


def number_of(text: str) -> int | float | None:
    """The number that a text such as `1,000`, `10k`, `12.5%` or `$20` means; None if it contains none, or two."""
    found = _NUMBER.match(text.strip())
    if found is None or not _THOUSANDS.match(found[1].strip()):
        return None
    digits = re.sub(r"[,_ ]", "", found[1])
    percent = found[2] in ("%", "percent")
    number = float(digits) * (0.01 if percent else _FACTORS[found[2].lower().replace("thousand", "k")[:1]])
    return int(number) if number.is_integer() and not percent and abs(number) < 2**53 else round(number, 12)


def duration_of(text: str) -> str | None:
    """The duration of `2 hours`, `90 minutes` or `P1D` as a document writes it (`2h`); None where it is none."""
    iso = _ISO_DURATION.match(text.strip().upper())
    if iso:
        return f"{iso[1] or iso[3]}{_ISO_UNITS[iso[2] or 'T' + iso[4]]}"
    found = _DURATION.match(text)
    unit = _UNIT_OF.get(found[2].lower()) if found else None
    if found is None or unit is None:
        return None
    number = "1" if found[1].lower() in ("a", "an", "one") else found[1].replace(",", ".")
    return f"{number}{unit}"


def date_of(value: object) -> str | None:
    """The ISO date of `2024/01/31`, `31 Jan 2024` or 20240131; None where day and month could be swapped, or it is
    none.
    """
    text = re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", str(value).strip().replace(",", " "))
    text = re.sub(r"\s+", " ", text)
    numeric = _NUMERIC.match(text)
    if numeric:
        return _of_numbers(int(numeric[1]), int(numeric[2]), int(numeric[3]))
    loose = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z", text)
    if loose:
        return _date(*(int(part) for part in loose.groups()))
    for form in _FORMATS:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date().isoformat()
        except ValueError:
            continue
    return None


def _of_numbers(first: int, second: int, year: int) -> str | None:
    if first > 12:
        return _date(year, second, first)
    if second > 12 or first == second:
        return _date(year, first, second)
    return None


def _date(year: int, month: int, day: int) -> str | None:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None
