from __future__ import annotations

import pytest

import datagen
from datagen.kinds.generators.support.geography import LOCALES, data
from tests.fakes import World, listed, problems
from tests.validation.worlds import named, tables_of, written

PARTS = ("gender", "first_name", "last_name", "full_name", "latin_name")


def made(stop: int = 2000, sex: dict | None = None, **more: object) -> dict[str, list]:
    country = {
        "type": "choice",
        "values": ["US", "GB", "DE", "FR", "ES", "BR", "IT", "NL", "PL", "CZ", "TR", "JP", "CN", "KR", "SA", "IN"],
    }
    columns = {"country": country, **({"sex": sex} if sex else {})}
    columns |= {part: {"type": "person", "part": part, "country": "country", **more} for part in PARTS}
    world = World({"tables": {"t": {"columns": columns}}}, stop=stop)
    return {name: listed(world.filled("t", name)) for name in columns}


def test_all_parts_are_of_one_person() -> None:
    people = made()
    for i in range(2000):
        country, first, last, full = (people[name][i] for name in ("country", *PARTS[1:4]))
        locale = ["ja", "zh", "ko"][["JP", "CN", "KR"].index(country)] if country in ("JP", "CN", "KR") else None
        if locale is None:
            assert full == f"{first} {last}"
        else:
            assert full == f"{last}{' ' if locale == 'ja' else ''}{first}"
    assert abs(people["gender"].count("female") / 2000 - 0.5) < 0.05


@pytest.mark.parametrize("locale", LOCALES)
def test_first_names_agree_with_the_gender(locale: str) -> None:
    columns = {part: {"type": "person", "part": part, "locale": locale} for part in PARTS[:3]}
    world = World({"tables": {"t": {"columns": columns}}}, stop=300)
    known = data("people", f"{locale}.json")
    for gender, first, last in zip(*(listed(world.filled("t", part)) for part in PARTS[:3]), strict=True):
        assert first in known[gender]
        assert last in known.get(f"last_{gender}", known["last"])


def test_latin_names_have_latin_letters_only() -> None:
    assert all(all(ord(sign) < 0x250 for sign in name) for name in made(500)["latin_name"])


def test_the_gender_can_come_from_a_column() -> None:
    people = made(500, {"type": "choice", "values": ["F", "Male"]}, gender="sex")
    assert all(
        (sex == "F") == (gender == "female") for sex, gender in zip(people["sex"], people["gender"], strict=True)
    )


def test_another_entity_is_another_person() -> None:
    columns = {"a": {"type": "person"}, "b": {"type": "person", "entity": "contact"}}
    world = World({"tables": {"t": {"columns": columns}}}, stop=200)
    same = sum(a == b for a, b in zip(listed(world.filled("t", "a")), listed(world.filled("t", "b")), strict=True))
    assert same < 5


def test_parts_of_one_person_have_one_locale() -> None:
    reported = problems({"type": "person"}, other={"type": "person", "part": "gender", "locale": "de"})
    assert any("is a part of the same person, with another 'locale'" in one for one in reported)


def test_names_consist_of_the_names_of_their_locale_and_others_are_found(tmp_path):
    columns = {"id": {"type": "key"}}
    for locale in ("en_US", "de", "ja"):
        for part in ("full_name", "first_name", "last_name", "latin_name"):
            columns[f"{locale}_{part}"] = {"type": "person", "locale": locale, "part": part, "entity": locale}
    document = {"datagen": 1, "name": "names", "tables": {"people": {"rows": 400, "columns": columns}}}
    tables, schemas = tables_of(datagen.generate(document, tmp_path / "made"))
    assert datagen.validate(document, written(tables, schemas, tmp_path / "flat")).passed
    people = tables["people"]
    for name in list(columns)[1:]:
        people.loc[7, name] += "x"
    wrong = named(datagen.validate(document, written({"people": people}, schemas, tmp_path / "broken")))
    assert {("people", name, "WordAdherence") for name in list(columns)[1:]} <= wrong
