"""Texts are joined row by row, whichever way their widths allow."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.expressions.functions.text import concat

TEXT = st.text(alphabet="aé€😀 0", max_size=4)


@st.composite
def columns(draw: st.DrawFn) -> list[list[str]]:
    """Columns of one length or of one cell, some of them of one width."""
    n = draw(st.integers(0, 5))
    some = st.lists(TEXT, min_size=n, max_size=n)
    even = st.lists(st.text(alphabet="abc", min_size=2, max_size=2), min_size=n, max_size=n)
    single = st.lists(TEXT, min_size=1, max_size=1)
    return draw(st.lists(st.one_of(some, even, single), min_size=1, max_size=4))


@given(columns())
@settings(max_examples=200, deadline=None)
def test_every_row_has_its_parts_in_order(parts: list[list[str]]) -> None:
    n = next((len(part) for part in parts if len(part) != 1), 1)
    rows = ["".join(part[0] if len(part) == 1 else part[row] for part in parts) for row in range(n)]
    assert concat([pa.array(part, pa.string()) for part in parts]).to_pylist() == rows


@pytest.mark.parametrize("parts", [[["ab", "cd"], ["-"], ["xyz", "uvw"]], [["", ""], [""]], [["ä", "b"], ["c"]]])
def test_a_slice_of_a_column_is_joined_alone(parts: list[list[str]]) -> None:
    sliced = [pa.array(["before", *part, "after"], pa.string()).slice(1, len(part)) for part in parts]
    expected = ["".join(part[0] if len(part) == 1 else part[row] for part in parts) for row in range(2)]
    assert concat(sliced).to_pylist() == expected
