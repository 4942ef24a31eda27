"""Formats of text encode few bytes at once, however wide the cells are."""

import pyarrow as pa
import pytest

from datagen.kinds.formats.support import slices

ROWS = 3_000
WIDE = ["x" * 9_000, 'y"' * 4_000]
COLUMNS = {
    "text": pa.array([WIDE[row % 2] for row in range(ROWS)]),
    "category": pa.DictionaryArray.from_arrays(pa.array([row % 2 for row in range(ROWS)], pa.int8()), WIDE),
    "list": pa.array([["a", "z" * 4_000] if row % 3 else None for row in range(ROWS)], pa.list_(pa.string())),
    "struct": pa.array([{"part": WIDE[0]} for _ in range(ROWS)]),
    "map": pa.array([[("key", WIDE[1])] for _ in range(ROWS)], pa.map_(pa.string(), pa.string())),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_wide_cells_are_divided_into_slices_of_few_bytes_in_order(name):
    table = pa.table({name: COLUMNS[name]})
    found = list(slices.slices(table))
    assert all(sum(map(len, map(str, batch.column(0).to_pylist()))) < 1.1 * slices.BYTES for batch in found)
    assert len(found) < 20
    assert pa.Table.from_batches(found).equals(table)


def test_rows_of_many_columns_are_divided_and_rows_of_few_are_not():
    few = pa.table({"number": pa.array(range(slices.ROWS))})
    assert len(list(slices.slices(few))) == 1
    many = pa.table({f"number_{at}": few["number"] for at in range(40)})
    assert len(list(slices.slices(many))) == 16
    large = pa.table({"text": ["x" * 2 * slices.BYTES] * 2})
    assert [batch.num_rows for batch in slices.slices(large)] == [1, 1]
