from __future__ import annotations

from tests.fakes import World, column, listed, problems


def test_the_legal_form_follows_the_country():
    country = {"type": "choice", "values": ["US", "DE", "JP"]}
    columns = {"id": {"type": "key"}, "country": country, "it": {"type": "company", "country": "country"}}
    world = World({"tables": {"t": {"columns": columns}}}, stop=2000)
    ends = {
        "US": ("Inc.", "LLC", "Corp.", "Group", "Co."),
        "DE": ("GmbH", "AG", "KG", "OHG"),
        "JP": ("株式会社", "合同会社", "有限会社"),
    }
    names = listed(world.filled("t", "it"))
    for where, name in zip(listed(world.filled("t", "country")), names, strict=True):
        assert name.endswith(ends[where])
    assert len(set(names)) > 1000


def test_a_locale_can_be_fixed():
    assert all(
        name.endswith(("S.p.A.", "S.r.l.", "e Figli"))
        for name in listed(column({"type": "company", "locale": "it"}, 50))
    )


def test_a_country_that_is_not_known_is_reported():
    reported = problems({"type": "company", "country": "c"}, c={"type": "choice", "values": ["US", "Atlantis"]})
    assert reported[0].startswith("$.country: 'Atlantis' of 'c' is not a known country")
