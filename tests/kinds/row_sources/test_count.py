from __future__ import annotations

import pytest

from tests.promises.documents import tables


@pytest.mark.parametrize("rows", [17, {"type": "count", "count": 17}])
def test_a_bare_number_is_short_for_a_count(rows: object) -> None:
    document = {
        "datagen": 1,
        "name": "stock",
        "tables": {"items": {"rows": rows, "columns": {"item_id": {"type": "key"}}}},
    }
    assert tables(document)["items"]["item_id"].to_pylist() == list(range(1, 18))
