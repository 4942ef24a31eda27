from __future__ import annotations

from datagen.kinds.generators.support.geography import data
from tests.fakes import World, listed, problems

CATEGORY = {"type": "choice", "values": ["Kitchen & Dining", "books", "Gift Cards"]}


def test_a_product_is_a_thing_of_its_category():
    columns = {"id": {"type": "key"}, "category": CATEGORY, "it": {"type": "product_name", "category": "category"}}
    world = World({"tables": {"t": {"columns": columns}}}, stop=3000)
    nouns = data("words.json")["product"]["nouns"]
    for category, product in zip(listed(world.filled("t", "category")), listed(world.filled("t", "it")), strict=True):
        some = ["kitchen"] if category.startswith("K") else ["books"] if category == "books" else nouns
        assert product.endswith(tuple(noun for name in some for noun in nouns[name]))


def test_the_category_is_text():
    assert "name one of type category or text" in problems({"type": "product_name", "category": "id"})[0]
