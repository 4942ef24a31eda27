from __future__ import annotations

from datagen.kinds.generators.support.geography import data
from tests.fakes import World, listed

WORDS = data("words.json")["review"]


def test_the_tone_follows_the_rating():
    stars = {
        "type": "choice",
        "values": ["2", "4", "6", "8", "10"],
        "as": "int",
        "modifiers": [{"type": "nulls", "share": 0.2}],
    }
    columns = {"id": {"type": "key"}, "stars": stars, "it": {"type": "review", "rating": "stars", "best": 10}}
    world = World({"tables": {"t": {"columns": columns}}}, stop=500)
    for rating, review in zip(listed(world.filled("t", "stars")), listed(world.filled("t", "it")), strict=True):
        tone = None if rating is None else str(round((rating - 1) * 4 / 9) + 1)
        assert review is None if tone is None else review.startswith(tuple(WORDS[tone]))
