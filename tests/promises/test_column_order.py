"""Files keep the columns in the order of the document, whatever the order in which they are filled."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.promises.documents import tables

COLUMNS = {
    "total": {"type": "expression", "expression": "price * quantity"},
    "price": {"type": "lookup", "through": "product_id", "column": "price"},
    "quantity": {"type": "choice", "values": {"1": 3, "2": 1}},
    "product_id": {"type": "reference", "table": "products"},
}
PRODUCTS = {"product_id": {"type": "key"}, "price": {"type": "lognormal", "median": 9, "sigma": 1, "decimals": 2}}


@pytest.mark.parametrize("names", list(permutations(COLUMNS))[::5])
def test_columns_stand_as_in_the_document_with_the_same_cells(names: tuple[str, ...]) -> None:
    def made(order: tuple[str, ...]) -> dict:
        columns = {name: COLUMNS[name] for name in order}
        shown = {"products": {"rows": 9, "columns": PRODUCTS}, "lines": {"rows": 50, "columns": columns}}
        return tables({"datagen": 1, "name": "order", "tables": shown})

    found, plain = made(names)["lines"], made(tuple(COLUMNS))["lines"]
    assert found.column_names == list(names)
    assert found.select(list(COLUMNS)).equals(plain)
