from __future__ import annotations

from collections import Counter

import pytest

import datagen
from datagen.kinds.generators.support.name_pools import LOCALES, pools
from tests.fakes import column, listed
from tests.validation.worlds import named, tables_of, written


@pytest.mark.parametrize("locale", LOCALES)
def test_names_have_a_head_and_a_tail(locale):
    """The ten most frequent first names are borne by a tenth to a third of all, and no name stands
    twice in the pool.
    """
    names = Counter(listed(column({"type": "person_name", "locale": locale, "part": "first"}, 20_000)))
    assert 2_000 < sum(count for _, count in names.most_common(10)) < 7_000
    assert len(names) > 400
    for pool in pools(locale):
        assert len(set(pool.words.to_pylist())) == len(pool.words)


def test_a_full_name_is_made_of_its_parts():
    first = set(pools("es")[0].words.to_pylist())
    last = set(pools("es")[1].words.to_pylist())
    for name in listed(column({"type": "person_name", "locale": "es"}, 200)):
        assert any(name[:at] in first and name[at + 1 :] in last for at in range(len(name)) if name[at] == " ")


def test_parts_are_categories_and_whole_names_text():
    assert column({"type": "person_name", "part": "last"}).type.name == "category"
    assert column({"type": "person_name"}).type.name == "text"


@pytest.mark.parametrize(
    "change", [str.upper, lambda name: name[:-1], lambda name: f"{name} ", lambda name: name[::-1]]
)
def test_a_name_that_is_written_otherwise_is_found(change, tmp_path):
    column = {"type": "person_name", "locale": "fr"}
    columns = {"id": {"type": "key"}, "name": column, "last": {**column, "part": "last"}}
    document = {"datagen": 1, "name": "names", "tables": {"people": {"rows": 300, "columns": columns}}}
    tables, schemas = tables_of(datagen.generate(document, tmp_path / "made"))
    people = tables["people"]
    for name in ("name", "last"):
        people[name] = people[name].astype(object)
        people.loc[7, name] = change(people.loc[7, name])
    wrong = named(datagen.validate(document, written({"people": people}, schemas, tmp_path / "broken")))
    assert {("people", "name", "WordAdherence"), ("people", "last", "WordAdherence")} <= wrong
