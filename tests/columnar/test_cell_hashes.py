"""Equal cells have equal hashes wherever they stand, different ones differ."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.columnar.block import CATEGORY, FLOAT, INT, TEXT, Column
from datagen.columnar.cell_hashes import cell_hashes, next_in_order, row_hashes, text_hashes


@given(st.lists(st.text(max_size=30), max_size=30))
@settings(max_examples=200, deadline=None)
def test_text_is_hashed_by_its_content(texts):
    found = text_hashes(pa.array(texts, pa.string()))
    assert len(set(found.tolist())) == len(set(texts))
    sliced = text_hashes(pa.array(["padding", *texts, "more"], pa.string()).slice(1, len(texts)))
    assert found.tolist() == sliced.tolist()


def test_a_category_is_hashed_by_its_word_and_zero_has_no_sign():
    words, text = pa.array(["b", "a"]), pa.array(["a", "b", "a"])
    codes = Column(CATEGORY, np.array([1, 0, 1], np.int32), dictionary=words)
    assert cell_hashes(codes).tolist() == cell_hashes(Column(TEXT, text)).tolist()
    zeros = cell_hashes(Column(FLOAT, np.array([0.0, -0.0])))
    assert zeros[0] == zeros[1]


def test_rows_are_hashed_by_all_their_columns_in_order():
    one, two = Column(INT, np.array([1, 1, 2])), Column(INT, np.array([1, 2, 1]))
    assert len(set(row_hashes([one, two]).tolist())) == 3


@given(st.lists(st.text(alphabet="aAb1é", max_size=20), max_size=30))
@settings(max_examples=200, deadline=None)
def test_each_text_is_compared_with_the_next_one_by_bytes(texts):
    written = [text.encode() for text in texts]
    expected = [(one > other) - (one < other) for one, other in itertools.pairwise(written)]
    assert next_in_order(pa.array(["more", *texts], pa.string()).slice(1)).tolist() == expected
