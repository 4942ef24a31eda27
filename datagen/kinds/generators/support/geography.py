"""Countries, cities and locales, as shipped in `data/`, and how a column decides which one a row has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from datagen.columnar import arrow_compute
from datagen.columnar.block import Column, Ints, Rows, as_numpy
from datagen.kinds.generators.support.column_lookup import domain_of, type_problems
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Locale = Literal[
    "en_US", "en_GB", "de", "fr", "es", "pt_BR", "it", "nl", "pl", "cs", "tr", "ja", "zh", "ko", "ar", "hi"
]
LOCALES: tuple[str, ...] = get_args(Locale)
Number = Callable[[str], int]
"""From a text of a column to the number of the group that it means, -1 for none."""


@dataclass(frozen=True, slots=True)
class City:
    """A city with the first characters of its postcodes (several, divided by spaces, in some); `zone` is a number in
    `time_zones`.
    """

    name: str
    region: str
    latitude: float
    longitude: float
    zone: int
    population: int
    prefix: str


@dataclass(frozen=True, slots=True)
class Country:
    """A country; `postcode` and `phones` are patterns: `#` a digit, `L` a letter, `N` a digit from 2 to 9, `X` any."""

    code: str
    name: str
    currency: str
    dial: str
    population: int
    locale: str
    postcode: str
    phones: tuple[str, ...]
    cities: tuple[City, ...]


def data(*path: str) -> Any:
    """A JSON file of `datagen/data`."""
    return json.loads(files("datagen").joinpath("data", *path).read_text(encoding="utf-8"))


@cache
def _places() -> Any:
    return data("places", "countries.json")


@cache
def countries() -> tuple[Country, ...]:
    """Every country that is known, the largest of the locales first."""
    return tuple(_country(code, one) for code, one in _places()["countries"].items())


def _country(code: str, one: dict[str, Any]) -> Country:
    cities = tuple(City(*city) for city in one["cities"])
    return Country(**{**one, "code": code, "phones": tuple(one["phones"]), "cities": cities})


@cache
def time_zones() -> tuple[str, ...]:
    return tuple(_places()["zones"])


@cache
def _country_numbers() -> dict[str, int]:
    found = {name.casefold(): i for i, one in enumerate(countries()) for name in (one.code, one.name)}
    return {**found, "uk": found["gb"], "usa": found["us"]}


def country_number(text: str) -> int:
    """The number of a country by its code, its English name, or a locale with it (`de_AT`); -1 where
    it is not known.
    """
    plain = text.strip().replace("-", "_").casefold()
    numbers = _country_numbers()
    return numbers.get(plain, numbers.get(plain.rpartition("_")[2], -1) if "_" in plain else -1)


@cache
def _locale_numbers() -> dict[str, int]:
    return {name.casefold(): i for i, name in enumerate(LOCALES)} | {"en": 0, "pt": LOCALES.index("pt_BR")}


def locale_number(text: str) -> int:
    """The number of the locale that a country, a locale or a language means; -1 where it is not known."""
    country = country_number(text)
    if country >= 0:
        return LOCALES.index(countries()[country].locale)
    plain = text.strip().replace("-", "_").casefold()
    return _locale_numbers().get(plain, _locale_numbers().get(plain.partition("_")[0], -1))


def numbered(values: Column, number: Number) -> Ints:
    """The number that each cell means, -1 for none and for missing ones, int64 (n,)."""
    words, codes = values.dictionary, values.data
    if words is None:
        encoded = arrow_compute.call_function("dictionary_encode", [values.data])
        words, codes = encoded.dictionary, as_numpy(encoded.indices)
    if not len(words):
        return np.full(len(values), -1, np.int64)
    found: Ints = np.array([number(word) for word in words.to_pylist()], np.int64)[codes]
    return found if values.valid is None else np.where(values.valid, found, -1)


def group_of(column: str | None, number: Number, otherwise: int) -> Callable[[Rows], Ints]:
    """The group of each row: what the column means, else `otherwise`."""

    def groups(rows: Rows) -> Ints:
        if column is None:
            return np.full(len(rows), otherwise, np.int64)
        found = numbered(rows.column(column), number)
        return np.where(found < 0, otherwise, found)

    return groups


def deciding_problems(scope: Scope, column: str, key: str, number: Number) -> Iterator[Problem]:
    """What is wrong with a column of countries, as far as its values are known."""
    if column not in scope.table.columns and number(column) >= 0:
        constant = f'{{"type": "constant", "value": "{column}", "hidden": true}}'
        message = f"'{key}' names a column, and '{scope.table.name}' has no column '{column[:40]}'"
        yield scope.problem("unknown-column", message, f"for one country, name a column such as {constant}", key)
        return
    found = list(type_problems(scope, column, ("category", "text"), key))
    yield from found
    unknown = [] if found else [value for value in domain_of(scope, column) or () if number(value) < 0]
    if unknown:
        message = f"'{unknown[0][:40]}' of '{column}' is not a known country"
        known = [one.code for one in countries()]
        yield scope.problem("unknown-country", message, did_you_mean(unknown[0], known), key)
