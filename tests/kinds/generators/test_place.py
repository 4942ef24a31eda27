from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import datagen
from datagen.kinds.generators.support.geography import countries, time_zones
from tests.fakes import World, listed, problems

PARTS = ("country_code", "country", "city", "region", "postcode", "latitude", "longitude", "time_zone", "currency")


def made(stop: int = 3000, columns: dict | None = None, **more: object) -> dict[str, list]:
    columns = {**(columns or {}), **{part: {"type": "place", "part": part, **more} for part in PARTS}}
    world = World({"tables": {"t": {"columns": columns}}}, stop=stop)
    return {name: listed(world.filled("t", name)) for name in columns}


def test_all_parts_are_of_one_place() -> None:
    places = made()
    known = {(one.code, city.name, city.region or city.name): (one, city) for one in countries() for city in one.cities}
    for i in range(3000):
        here = {part: places[part][i] for part in PARTS}
        country, city = known[here["country_code"], here["city"], here["region"]]
        assert (here["country"], here["currency"]) == (country.name, country.currency)
        assert here["time_zone"] == time_zones()[city.zone]
        assert (
            abs(here["latitude"] / 1e5 - city.latitude) < 0.07 and abs(here["longitude"] / 1e5 - city.longitude) < 0.07
        )
        assert here["postcode"].startswith(tuple(city.prefix.split()) or "")


@pytest.mark.parametrize(
    "code, form",
    [
        ("US", "[0-9]{5}"),
        ("GB", "[A-Z]{1,2}[1-9] [0-9][A-Z]{2}"),
        ("NL", "[0-9]{4} [A-Z]{2}"),
        ("BR", "[0-9]{5}-[0-9]{3}"),
        ("CA", "[ABCEGHJ-NPRSTVXY][0-9][A-Z] [0-9][A-Z][0-9]"),
        ("IE", "([AC-FHKNPRTV-Y][0-9]{2}) [AC-FHKNPRTV-Y]{2}[0-9]{2}"),
        ("JP", "[0-9]{3}-[0-9]{4}"),
        ("PL", "[0-9]{2}-[0-9]{3}"),
        ("TR", "(0[1-9]|[1-7][0-9]|8[01])[0-9]{3}"),
        ("AE", ""),
    ],
)
def test_postcodes_are_written_as_in_the_country(code: str, form: str) -> None:
    assert all(re.fullmatch(form, postcode) for postcode in made(200, countries=[code])["postcode"])


def test_postcodes_of_every_country_begin_as_those_of_the_city() -> None:
    """Areas of one city have the same length, which the form of the country continues."""
    cities = [(one, city) for one in countries() if one.code != "AE" for city in one.cities]
    assert all(city.prefix for _, city in cities)
    lengths = [(one, {len(area) for area in city.prefix.split()}) for one, city in cities if one.code != "GB"]
    assert all(len(found) == 1 and max(found) < len(one.postcode) for one, found in lengths)
    places = made(300, countries=["JP"])
    begins = {code[:2] for city, code in zip(places["city"], places["postcode"], strict=True) if city == "Tokyo"}
    assert begins == {"10", "11", "13"}


def test_cities_are_drawn_by_population() -> None:
    cities = made(20_000, countries=["FR"])["city"]
    france = next(one for one in countries() if one.code == "FR")
    whole = sum(city.population for city in france.cities)
    for city in france.cities[:5]:
        assert abs(cities.count(city.name) / 20_000 - city.population / whole) < 0.02


def test_the_country_can_come_from_a_column_and_is_missing_where_it_is() -> None:
    home = {"type": "choice", "values": ["Germany", "us", "JP"], "modifiers": [{"type": "nulls", "share": 0.2}]}
    places = made(500, {"home": home}, country="home")
    codes = {"Germany": "DE", "us": "US", "JP": "JP", None: None}
    assert [codes[home] for home in places["home"]] == places["country_code"]
    assert np.count_nonzero([city is None for city in places["city"]]) == places["home"].count(None) > 0


def test_problems() -> None:
    assert "there are no places of 'XX'" in problems({"type": "place", "countries": ["XX"]})[0]
    reported = problems({"type": "place"}, other={"type": "place", "part": "region", "countries": ["US"]})
    assert any("is a part of the same place, with another 'countries'" in one for one in reported)


def test_the_dictionary_of_a_few_countries_fits_its_codes(tmp_path: Path) -> None:
    """Codes are as wide as the number of possible cities asks for; those of other countries must not count."""
    columns = {
        "id": {"type": "key"},
        "city": {"type": "place", "countries": ["JP"]},
        "code": {"type": "place", "part": "region", "countries": ["JP"]},
    }
    document = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 500, "columns": columns}}}
    datagen.generate(document, tmp_path, workers=1)
    assert datagen.validate(document, tmp_path).passed
