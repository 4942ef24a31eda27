"""Places: parts that belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen.columnar.block import CATEGORY, TEXT, Column, Ints, Rows, Type, Words, decimal
from datagen.columnar.text import Part, WordTable, concat_words, text_array
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import need
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import (
    City,
    Country,
    countries,
    country_number,
    deciding_problems,
    numbered,
    time_zones,
)  # fmt: skip
from datagen.kinds.generators.support.merge_cases import assembled
from datagen.random.discrete_inverse_cdf import Categories
from datagen.random.integers import uniform_below
from datagen.random.streams import Stream
from datagen.registry import did_you_mean
from datagen.scope import ColumnRef, StaticContext

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Choices = tuple[str, ...]
Parts = Literal[
    "city", "region", "country", "country_code", "postcode", "latitude", "longitude", "time_zone", "currency"
]
_NEAR = 60_000
"""The largest distance of places from the centre of their city, in 10 ** -6 degrees."""
_LETTERS = tuple("ABDEFGHJLNPQRSTUWXYZ")
_COMMON_LETTERS = tuple("AEHNPRTWX")
"""Letters that postcodes of Canada, Ireland and the Netherlands have."""
_DIGITS = tuple("0123456789")


class Place(Generator):
    """A part of a place. All parts in a row with the same `entity` are of one place: city, region, postcode,
    coordinates and zone agree.

    Countries are drawn by their population, cities by theirs within the country; or the country is that of a column,
    and missing where it is not known. Coordinates scatter around the centre of the city. Postcodes have the country's
    form and begin as those of the city do; the other characters are drawn, so that not every postcode is assigned.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            country={"type": "place", "part": "country_code", "countries": ["US", "DE", "GB", "FR"]},
            city={"type": "place", "part": "city", "countries": ["US", "DE", "GB", "FR"]},
            postcode={"type": "place", "part": "postcode", "countries": ["US", "DE", "GB", "FR"]},
            lat={"type": "place", "part": "latitude", "countries": ["US", "DE", "GB", "FR"]},
            born_in={"type": "place", "part": "city", "entity": "birth", "countries": ["JP"]},
        ),
        table_of(
            home={"type": "choice", "values": {"US": 5, "BR": 3, "IN": 2}},
            city={"type": "place", "part": "city", "country": "home"},
            zone={"type": "place", "part": "time_zone", "country": "home"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "city", "region", "state", "country", "country_name", "country_code", "zip", "zipcode", "postcode",
        "lat", "lng", "lon",
        "postal_code", "latitude", "longitude", "coordinates", "time_zone", "timezone", "location", "currency",
        "currency_code", "province", "county", "geo",
    )  # fmt: skip
    left_out: ClassVar[Mapping[str, str]] = {
        "kind field": "part",
    }
    type: Literal["place"] = "place"
    part: Parts = Field(default="city", description="the part of the place")
    entity: str = Field(default="", max_length=60, description="name of the place, if a row has several")
    country: str | None = Field(default=None, description="a column with the country: its code, or its English name")
    countries: tuple[str, ...] = Field(
        default=(), description="codes of the countries to draw from; the default is all"
    )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.country)} if self.country else ())

    def result(self, scope: Scope) -> Type | None:
        if self.part == "postcode":
            return TEXT
        return decimal(5) if self.part in ("latitude", "longitude") else CATEGORY

    def nullable(self, scope: Scope) -> bool:
        return self.country is not None

    def longest(self, scope: Scope) -> int | None:
        return 12 if self.part == "postcode" else None

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        if self.part in ("postcode", "latitude", "longitude"):
            return None
        known = self._possible()
        return tuple(dict.fromkeys(_spelled(self.part, city, one) for one in known for city in one.cities))

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.country is not None:
            yield from deciding_problems(scope, self.country, "country", country_number)
            if self.countries:
                yield scope.problem("conflict", "the country comes from a column", "leave 'countries' out", "countries")
        known = [one.code for one in countries()]
        for i, code in enumerate(self.countries):
            if code not in known:
                message = f"there are no places of '{code[:40]}'"
                yield scope.problem("unknown-country", message, did_you_mean(code, known), "countries", i)
        for name, other in scope.table.columns.items():
            if isinstance(other, Place) and other.entity == self.entity and name != scope.column:
                key = next((key for key in ("country", "countries") if getattr(other, key) != getattr(self, key)), None)
                if key is not None:
                    message = f"'{name}' is a part of the same place, with another '{key}'"
                    yield scope.problem(
                        "conflict", message, "write the same, or give one of them another 'entity'", key
                    )
                    return

    def bind(self, scope: Scope) -> Fill:
        country, city = self._countries(scope), _cities(scope.table_stream("place", self.entity, "city"))
        shown = _shown(self.part, scope.table_stream("place", self.entity, self.part), self._possible())

        def fill(rows: Rows) -> Column:
            number = country(rows)
            known = number >= 0
            made = shown(rows.ids, city(rows.ids, np.where(known, number, 0)))
            return made if known.all() else made.where(known)

        return fill

    def _possible(self) -> list[Country]:
        """The countries that a row can have."""
        every = self.country is not None or not self.countries
        return [one for one in countries() if every or one.code in self.countries]

    def _countries(self, scope: Scope) -> Callable[[Rows], Ints]:
        """The number of each row's country, -1 where it is not known."""
        column = self.country
        if column is not None:
            return lambda rows: numbered(rows.column(column), country_number)
        stream = scope.table_stream("place", self.entity, "country")
        weights = [
            float(one.population) if not self.countries or one.code in self.countries else 0.0 for one in countries()
        ]
        shares = Categories.of(weights)
        return lambda rows: shares.sample(stream, rows.ids).astype(np.int64)


@cache
def _every() -> tuple[tuple[City, Country], ...]:
    """All cities, country by country."""
    return tuple((city, one) for one in countries() for city in one.cities)


def _cities(stream: Stream) -> Callable[[Words, Ints], Ints]:
    """From identities and countries to the number of a city among all, by population."""
    shares = [Categories.of([float(city.population) for city in one.cities]) for one in countries()]
    sizes = np.array([len(one.cities) for one in countries()], np.int64)
    first = np.cumsum(sizes) - sizes

    def drawn(ids: Words, country: Ints) -> Ints:
        words, found = stream.words(ids), np.empty(len(ids), np.int64)
        for number in np.unique(country).tolist():
            at = np.flatnonzero(country == number)
            found[at] = first[number] + shares[number].codes(words[at])
        return found

    return drawn


def _spelled(part: str, city: City, country: Country) -> str:
    if part == "time_zone":
        return time_zones()[city.zone]
    own = {"city": city.name, "region": city.region or city.name, "country": country.name, "country_code": country.code}
    return own.get(part, country.currency)


def _shown(part: str, stream: Stream, possible: list[Country]) -> Callable[[Words, Ints], Column]:
    """From identities and cities to the cells of a part; the dictionary holds what the possible countries have."""
    if part in ("latitude", "longitude"):
        centre = np.array([round(getattr(city, part) * 1e5) for city, _ in _every()], np.int64)
        reach = 2 * (_NEAR // 10) + 1
        return lambda ids, city: Column(decimal(5), centre[city] + uniform_below(stream.words(ids), reach) - reach // 2)
    if part == "postcode":
        return lambda ids, city: Column(TEXT, _postcodes(stream, ids, city))
    there = [_spelled(part, city, country) for country in possible for city in country.cities]
    words = {word: code for code, word in enumerate(dict.fromkeys(there))}
    spelled = (_spelled(part, city, country) for city, country in _every())
    codes, known = np.array([words.get(word, 0) for word in spelled], np.int32), text_array(list(words))
    return lambda _, city: Column(CATEGORY, codes[city], dictionary=known)


def _postcodes(stream: Stream, ids: Words, city: Ints) -> pa.Array:
    """Postcodes that begin as those of the city do."""
    every = _every()
    patterns = [_pattern(one, country) for one, country in every]
    kinds = {pattern: number for number, pattern in enumerate(dict.fromkeys(patterns))}
    kind = np.array([kinds[pattern] for pattern in patterns], np.int64)[city]
    parts, places = [], []
    for pattern, number in kinds.items():
        at = np.flatnonzero(kind == number)
        if len(at):
            parts.append(Column(TEXT, concat_words(_pieces(pattern, stream, ids[at]))))
            places.append(at)
    return assembled(parts, places, len(ids), TEXT).data


def _pattern(city: City, country: Country) -> tuple[Choices, ...]:
    """The possible characters at each position of a postcode."""
    areas = tuple(city.prefix.split()) or ("",)
    if country.code == "GB":
        return (areas, _DIGITS[1:], (" ",), _DIGITS, _LETTERS, _LETTERS)
    first = tuple((one,) for one in areas[0]) if len(areas) == 1 else (areas,)
    signs = {"#": _DIGITS, "L": _COMMON_LETTERS}
    return (*first, *(signs.get(one, (one,)) for one in country.postcode[len(areas[0]) :]))


def _pieces(pattern: tuple[Choices, ...], stream: Stream, ids: Words) -> list[Part]:
    if not pattern:
        return [(WordTable.of([""]), np.zeros(len(ids), np.int64))]
    return [
        (WordTable.of(list(words)), uniform_below(stream.substream(k).words(ids), len(words)))
        for k, words in enumerate(pattern)
    ]
