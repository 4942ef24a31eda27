from __future__ import annotations

import re

from tests.fakes import World, listed

FORMS = {
    "US": r"[0-9]+ .+",
    "DE": r".+ [0-9]+",
    "JP": r".+[1-9]-[1-9]-[0-9]+",
    "BR": r".+, [0-9]+",
    "CN": r".+[0-9]+号",
    "SE": r"[A-ZÄÅÖ][a-zäåö]+(gatan|vägen) [0-9]+",
    "CH": r"[A-Z][a-zü]+(strasse|gasse|weg) [0-9]+",
}


def test_streets_are_written_as_in_the_country():
    columns = {
        "country": {"type": "choice", "values": list(FORMS)},
        "it": {"type": "street_address", "country": "country"},
    }
    world = World({"tables": {"t": {"columns": columns}}}, stop=500)
    for country, street in zip(listed(world.filled("t", "country")), listed(world.filled("t", "it")), strict=True):
        assert re.fullmatch(FORMS[country], street)
