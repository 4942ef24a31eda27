from __future__ import annotations

import re

import numpy as np
import pytest

import datagen
from datagen.kinds.generators.support.digit_preserving_permutation import DigitPreservingPermutation
from datagen.random.streams import Stream
from tests.fakes import World, column, listed, problems

UNIQUE = {"type": "email", "from": "name", "unique": True}
NAME = {"type": "person_name"}
ADDRESS = re.compile(r"[a-z]+([._]?[a-z]+)*[0-9]*@example\.(com|org|net)")


def test_an_address_is_made_of_the_name():
    columns = {"id": {"type": "key"}, "name": {"type": "person_name", "locale": "es"}, "it": UNIQUE}
    world = World({"tables": {"t": {"columns": columns}}}, stop=2_000)
    for name, email in zip(listed(world.filled("t", "name")), listed(world.filled("t", "it")), strict=True):
        assert ADDRESS.fullmatch(email), email
        assert email[0] in (name[0].lower(), *"aeiou")
        assert len(re.sub(r"[^a-z]", "", email.partition("@")[0])) == len(re.sub(r"\W", "", name))


def test_unique_addresses_stay_unique():
    emails = listed(column({"type": "email", "unique": True}, 200_000))
    assert len(set(emails)) == len(emails)


def test_names_that_end_in_digits_do_not_make_addresses_equal():
    name = {"type": "choice", "values": ["ann1", "ann11", "ann"]}
    emails = listed(column({**UNIQUE, "domains": {"example.com": 1}}, 50_000, name=name))
    assert len(set(emails)) == len(emails)


def test_an_address_stays_when_the_table_grows():
    few, many = (listed(column(UNIQUE, n, name=NAME)) for n in (500, 3_000))
    assert many[:500] == few


def test_without_unique_many_have_no_number():
    emails = listed(column({"type": "email"}, 2_000))
    assert 0.4 < sum(not re.search(r"\d@", email) for email in emails) / 2_000 < 0.6
    assert all(ADDRESS.fullmatch(email) for email in emails)


def test_other_scripts_and_missing_names():
    name = {
        "type": "choice",
        "values": ["李雷", "Ωμέγα", "Zoë Ångström-Łuk"],
        "modifiers": [{"type": "nulls", "share": 0.3}],
    }
    emails = set(listed(column({**UNIQUE, "unique": False, "domains": {"x.example": 1}}, 500, name=name)))
    assert None in emails
    assert {re.sub(r"[\d._]", "", email.partition("@")[0]) for email in emails - {None}} == {"user", "zoeangstromluk"}


def test_domains_by_weight():
    emails = listed(column({"type": "email", "domains": {"a.example": 9, "b.example": 1}}, 5_000))
    assert 0.87 < sum(email.endswith("@a.example") for email in emails) / 5_000 < 0.93


@pytest.mark.parametrize(
    "declared, problem",
    [
        ({"from": "id"}, "$.from: 'id' is a column of type int; name one of type text or category [type]"),
        ({"from": "name", "locale": "de"}, "$.locale: the names come from a column; leave 'locale' out [no-effect]"),
        (
            {"domains": {"no domain": 1}},
            "$.domains[\"no domain\"]: 'no domain' is not a domain; write one like 'example.com' [range]",
        ),
        ({"domains": {"a.example": 0}}, "$.domains: no domain has a weight above 0; name at least one [range]"),
    ],
)
def test_problems(declared, problem):
    assert problems({"type": "email", **declared}, name=NAME) == [problem]


@pytest.mark.parametrize("start, stop", [(0, 20_000), (99_500, 100_500), (10**12 - 300, 10**12 + 300)])
def test_scattering_is_a_bijection_that_keeps_the_number_of_digits(start, stop):
    scattering = DigitPreservingPermutation.of(Stream.named(3, "x"))
    numbers = np.arange(start, stop)
    out = scattering(numbers)
    assert len(np.unique(out)) == len(out)
    digits = [np.maximum(np.char.str_len(values.astype(str)), 3) for values in (numbers, out)]
    assert np.array_equal(*digits)
    if start == 0:
        assert np.array_equal(np.sort(out[:10_000]), np.arange(10_000))
        assert abs(np.corrcoef(numbers[1_000:10_000], out[1_000:10_000])[0, 1]) < 0.2


def test_a_unique_address_of_an_event_stays_when_the_window_grows():
    document = {"datagen": 1, "name": "visits", "seed": 2, "window": {"start": "2024-01-01", "end": "2024-07-01"}}
    users = {"user_id": {"type": "key"}, "joined_at": {"type": "arrival_time"}}
    visits = {
        "user_id": {"type": "parent_key"},
        "at": {"type": "event_time"},
        "mail": {"type": "email", "unique": True},
    }
    pages = {"page_id": {"type": "key"}, "mail": {"type": "email", "unique": True}}
    document["tables"] = {
        "users": {"rows": {"type": "arrivals", "mean_per_day": 1}, "columns": users},
        "visits": {"parent": "users", "rows": {"type": "events", "mean_per_month": 2}, "columns": visits},
        "pages": {"parent": "visits", "rows": {"type": "per_parent", "count": 2}, "columns": pages},
    }
    before = datagen.preview(document, rows=10**6)
    document["window"] = {**document["window"], "end": "2025-01-01"}
    after = datagen.preview(document, rows=10**6)
    for made in (before, after):
        for table in ("visits", "pages"):
            assert len(set(made[table]["mail"].to_pylist())) == made[table].num_rows > 500
    known, now = ({tuple(row.values()) for row in made["visits"].to_pylist()} for made in (before, after))
    assert known < now
