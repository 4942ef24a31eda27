from __future__ import annotations

from pathlib import Path

import datagen
from tests.kinds.generators.rollups import below, document


def test_it_is_what_the_row_says_that_comes_first() -> None:
    for it, items in below("first_of", expression="kind"):
        assert it == (items[0]["kind"] if items else None)


def test_rows_can_be_in_another_order() -> None:
    for it, items in below("first_of", expression="kind", order_by="price"):
        priced = sorted((item for item in items if item["price"] is not None), key=lambda item: item["price"])
        ends = [item["kind"] for item in priced if item["price"] == priced[0]["price"]]
        assert it in ends if priced else it is None


def test_validation_confirms_it(tmp_path: Path) -> None:
    datagen.generate(document("first_of", expression="kind"), tmp_path, workers=1)
    assert datagen.validate(document("first_of", expression="kind"), tmp_path).passed
