"""Reads numbers, durations and dates as people write them: `1,000`, `10%`, `2 hours`, `31 Jan 2024`."""

from __future__ import annotations

import datetime as dt
import re

from datagen.authoring.repair.calls import NotAValue, python_value
from datagen.names import is_table_name
from datagen.time_units import parse_duration

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
_ABOUT = re.compile(r"(?:about|approx\.?|approximately|around|roughly|circa|ca\.?|some|over|nearly)\s+", re.IGNORECASE)
_COUNTED = re.compile(r"(?<=[\dkKmM])\s+(?:rows?|records?|entries|items?|lines?)\Z", re.IGNORECASE)
_POWER = re.compile(r"(\d+)\s*(?:\^|\*\*)\s*(\d{1,2})\Z")
_FRACTION = re.compile(r"(\d+)\s*/\s*(\d+)\Z")
_WORDS = re.compile(
    r"(an?|one|two|three|four|five|six|seven|eight|nine|ten)\s+(hundred|thousand|million)\Z", re.IGNORECASE
)
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10,
}  # fmt: skip
_SIZES = {"hundred": 100, "thousand": 1000, "million": 10**6}
_NUMBER = re.compile(
    r"[~\u2248$\u20ac\u00a3]?\s*([-+]?[\d][\d,_ "
    r"]*(?:\.\d+)?(?:[eE][-+]?\d{1,2})?|[-+]?\.\d+)\s*([kKmMbB%]?|percent|thousand|million|billion)\s*(?:[A-Z]{3}|[$\u20ac\u00a3])?\Z"
)
_FACTORS = {"": 1, "k": 1000, "m": 10**6, "b": 10**9}
_THOUSANDS = re.compile(r"[-+]?\d{1,3}([,_ ]\d{3})*(\.\d+)?\Z|[-+]?\d+(\.\d+)?([eE][-+]?\d{1,2})?\Z|[-+]?\.\d+\Z")
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
    text = _COUNTED.sub("", _ABOUT.sub("", text.strip(), count=1))
    written_out = _in_words(text)
    if written_out is not None:
        return written_out
    text = re.sub(r"\A([-+]?\d+),(\d{1,2})\Z", r"\1.\2", text)
    found = _NUMBER.match(text)
    if found is None or not _THOUSANDS.match(found[1].strip()):
        return None
    digits = re.sub(r"[,_ ]", "", found[1])
    percent = found[2] in ("%", "percent")
    number = float(digits) * (0.01 if percent else _FACTORS[found[2].lower().replace("thousand", "k")[:1]])
    return int(number) if number.is_integer() and not percent and abs(number) < 2**53 else round(number, 12)


def _in_words(text: str) -> int | float | None:
    """The number of `10^3`, `1/4` or `two thousand`."""
    if power := _POWER.match(text):
        return int(int(power[1]) ** int(power[2])) if len(power[1]) <= 3 else None
    if fraction := _FRACTION.match(text):
        return round(int(fraction[1]) / int(fraction[2]), 12) if int(fraction[2]) else None
    if words := _WORDS.match(text):
        return _COUNTS[words[1].lower()] * _SIZES[words[2].lower()]
    return None


_EACH = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z\u00b5\u03bc]+)\.?,?\s*", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?\Z")


def _together(text: str) -> str | None:
    """The duration of several parts: `1h 30m`, `PT1H30M`, `01:30:00`."""
    clock = _CLOCK.match(text)
    if clock:
        parts = [(clock[1], "h"), (clock[2], "min"), (clock[3] or "0", "s")]
    else:
        iso = re.fullmatch(r"P(\d+D)?T((?:\d+[HMS])*)", text, re.IGNORECASE)
        plain = f"{iso[1] or ''}{iso[2]}" if iso else text.replace(" and ", " ")
        found = list(_EACH.finditer(plain))
        if len(found) < 2 or "".join(one[0] for one in found) != plain:
            return None
        parts = [(one[1], "min" if one[2].lower() == "m" else _UNIT_OF.get(one[2].lower(), "")) for one in found]
    if not all(unit in _SECONDS for _, unit in parts):
        return None
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    unit = next(unit for unit in ("d", "h", "min", "s") if seconds % _SECONDS[unit] == 0 or unit == "s")
    return f"{seconds / _SECONDS[unit]:g}{unit}"


_SECONDS = {"w": 604800, "d": 86400, "h": 3600, "min": 60, "s": 1}


def _called(text: str) -> str:
    try:
        return str(python_value(text))
    except NotAValue:
        return text


_BETWEEN = re.compile(r"\s*(?:between\s+)?(\S+?)\s*(?:-|\u2013|\.\.\.?|\bto\b|\band\b)\s*([^\s-]+)\s*\Z", re.IGNORECASE)


def number_range(text: str) -> list[int | float] | None:
    """The two numbers of `1-5`, `1..5` or `between 1 and 5`, the lower one first; None for another text."""
    found = _BETWEEN.match(text)
    ends = [number_of(found[1]), number_of(found[2])] if found else []
    low, high = ends or (None, None)
    return [low, high] if low is not None and high is not None and low < high else None


def duration_range(text: str) -> dict[str, str] | None:
    """The distribution of `1-3 days`: every duration between the two is as frequent; None for another text."""
    found = re.match(r"\s*(\d+(?:\.\d+)?)\s*(?:-|\u2013|to)\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*\Z", text, re.IGNORECASE)
    unit = _UNIT_OF.get(found[3].lower()) if found else None
    return {"type": "uniform", "min": f"{found[1]}{unit}", "max": f"{found[2]}{unit}"} if found and unit else None


def duration_of(text: str | dict[str, object]) -> str | None:
    """The duration of `2 hours`, `90 minutes` or `P1D` as a document writes it (`2h`); None where it is none."""
    if isinstance(text, dict):
        return duration_of(" ".join(f"{amount} {name}" for name, amount in text.items()))
    if text.strip().startswith(("timedelta(", "datetime.timedelta(", "pd.Timedelta(")):
        text = _called(text)
    text = text.strip()
    if (together := _together(text)) is not None:
        return together
    iso = _ISO_DURATION.match(text.upper())
    if iso:
        return f"{iso[1] or iso[3]}{_ISO_UNITS[iso[2] or 'T' + iso[4]]}"
    found = _DURATION.match(text)
    unit = _UNIT_OF.get(found[2].lower()) if found else None
    if found is None or unit is None:
        return None
    number = "1" if found[1].lower() in ("a", "an", "one") else found[1].replace(",", ".")
    return f"{number}{unit}"


def date_of(value: object, *, end: bool = False) -> str | None:
    """The ISO date of `2024/01/31`, `31 Jan 2024` or 20240131; None where day and month could be swapped, or it is
    none. A quarter is its first day, or, as an `end`, the day after it.
    """
    text = re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", str(value).strip().replace(",", " "))
    text = re.sub(r"\s+", " ", text)
    quarter = re.match(r"(?:(\d{4})[- ]?Q([1-4])|Q([1-4])[- ](\d{4}))\Z", text, re.IGNORECASE)
    if quarter:
        begun = _date(int(quarter[1] or quarter[4]), 3 * int(quarter[2] or quarter[3]) - 2, 1)
        return later(begun, "3mo") if begun and end else begun
    text = re.sub(r"\A(\d{1,2}[./-]\d{1,2}[./-])(\d{2})\Z", r"\g<1>20\2", text)
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


def later(day: str, length: str) -> str | None:
    """The day that comes a duration after a day: a month after the 31st is the end of the next month."""
    try:
        start = dt.date.fromisoformat(day)
        months = re.fullmatch(r"(\d+)(mo|y)", length)
        if months is None:
            return (start + dt.timedelta(microseconds=parse_duration(length))).isoformat()
        count = start.month - 1 + int(months[1]) * (12 if months[2] == "y" else 1)
        first = dt.date(start.year + count // 12, count % 12 + 1, 1)
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return first.replace(day=min(start.day, last.day)).isoformat()


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


def plain_name(text: str) -> str | None:
    """A name of letters, digits and underscores for a text of words, blanks and hyphens; None for any other text."""
    if not re.fullmatch(r"[A-Za-z][\w \-&']*", text, re.ASCII):
        return None
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").lower()
    return name if is_table_name(name) else None
