"""Dates of the holidays of a country, and of other named days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Ints
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

_EPOCH = dt.date(1970, 1, 1).toordinal()
_ADDED = re.compile(r"\s*\((?:observed|estimated|, )+\)$")
_LAST_YEAR = 9998


@dataclass(frozen=True, slots=True)
class Rule:
    """A day `offset` days after a holiday of some country. It lasts until the next `until`, if given."""

    country: str
    holiday: str
    offset: int = 0
    until: str = ""


MOVING = {
    "Thanksgiving": Rule("US", "Thanksgiving Day"),
    "Black Friday": Rule("US", "Thanksgiving Day", 1),
    "Cyber Monday": Rule("US", "Thanksgiving Day", 4),
    "Ramadan": Rule("BN", "First Day of Ramadan", until="Eid al-Fitr"),
    "Eid al-Fitr": Rule("BN", "Eid al-Fitr"),
    "Eid al-Adha": Rule("BN", "Eid al-Adha"),
    "Lunar New Year": Rule("BN", "Lunar New Year"),
    "Diwali": Rule("SG", "Diwali"),
    "Easter": Rule("PL", "Easter Sunday"),
}
FIXED = {
    "Valentine's Day": (2, 14),
    "Halloween": (10, 31),
    "Singles' Day": (11, 11),
    "Christmas Eve": (12, 24),
    "Christmas": (12, 25),
    "New Year's Eve": (12, 31),
}
"""Month and day."""


def countries() -> dict[str, list[str]]:
    """Every country code with a holiday calendar, with its subdivisions."""
    import holidays  # takes a tenth of a second: imported only for holidays

    return holidays.list_supported_countries()


def holidays_of(
    country: str, subdivision: str | None, years: Iterable[int], *, observed: bool = True
) -> dict[str, list[int]]:
    """The public holidays by English name, as sorted days since 1970. A day off in lieu counts as the holiday."""
    import holidays  # takes a tenth of a second: imported only for holidays

    found: dict[str, list[int]] = {}
    calendar = holidays.country_holidays(
        country, subdiv=subdivision, years=list(years), language=_english(country), observed=observed
    )
    for day, listed in sorted(calendar.items()):
        for name in listed.split("; "):
            found.setdefault(_ADDED.sub("", name), []).append(day.toordinal() - _EPOCH)
    return {name: sorted(set(days)) for name, days in found.items()}


def _english(country: str) -> str | None:
    """The code of English for a country whose holidays have other names by default."""
    import holidays  # takes a tenth of a second: imported only for holidays

    spoken = holidays.list_localized_countries().get(country, [])
    return next((code for code in ("en_US", "en", *spoken) if code in spoken and code.startswith("en")), None)


def known_days(years: Iterable[int]) -> dict[str, list[int]]:
    """The days of MOVING and FIXED in these years, as sorted days since 1970."""
    years = [year for year in years if 1 <= year <= _LAST_YEAR]
    by_country = {rule.country: holidays_of(rule.country, None, years, observed=False) for rule in MOVING.values()}
    found = {name: _moved(rule, by_country[rule.country]) for name, rule in MOVING.items()}
    for name, (month, day) in FIXED.items():
        found[name] = [dt.date(year, month, day).toordinal() - _EPOCH for year in years]
    return found


def _moved(rule: Rule, days: dict[str, list[int]]) -> list[int]:
    begins = [day + rule.offset for day in days.get(rule.holiday, [])]
    if not rule.until:
        return begins
    ends = days.get(rule.until, [])
    spans = ((begin, next((end for end in ends if end > begin), begin + 30)) for begin in begins)
    return sorted({day for begin, end in spans for day in range(begin, min(end, begin + 30))})


def years_of(first: int, last: int) -> range:
    """The years of days since 1970, with one more on either side."""
    low, high = (dt.date.fromordinal(max(day + _EPOCH, 1)).year for day in (first, last))
    return range(max(low - 1, 1), min(high + 1, _LAST_YEAR) + 1)


def unknown_country(scope: Scope, country: str | None) -> Iterator[Problem]:
    """The problem of a country without a holiday calendar."""
    if country is None or country in (known := countries()):
        return
    message = f"there is no holiday calendar of '{country[:40]}'"
    hint = f"did you mean '{country.upper()}'?" if country.upper() in known else did_you_mean(country, list(known))
    yield scope.problem("unknown-country", message, hint[:200], "country")


def public_holidays(scope: Scope, country: str | None, low: int, high: int) -> Ints:
    """The public holidays of a country from `low` to `high`, sorted days since 1970; none without a country.

    They are frozen into the plan.
    """
    if country is None:
        return np.zeros(0, np.int64)

    def dates() -> list[int]:
        found = holidays_of(country, None, years_of(low, high))
        return sorted({day for days in found.values() for day in days})

    return np.array(scope.freeze(f"holidays of {country}, {low} to {high}", dates), np.int64)
