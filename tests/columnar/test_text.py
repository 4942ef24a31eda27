from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from datagen.columnar.text import WordTable, ascii_fold, buffers, concat_words, digits, strings, text_array


@given(st.lists(st.text(), max_size=20))
def test_words_come_back_as_they_were(words):
    array = text_array(words)
    assert array.to_pylist() == words
    assert array.type == pa.string()
    array.validate(full=True)


@given(st.lists(st.text(), min_size=1, max_size=20), st.data())
def test_a_slice_is_read_like_the_array_it_was_cut_from(words, data):
    start = data.draw(st.integers(0, len(words)))
    part = text_array(words).slice(start, data.draw(st.integers(0, len(words) - start)))
    assert strings(*buffers(part)).to_pylist() == part.to_pylist()


def fold(words, digits=False):
    return ascii_fold(text_array(words), np.full(len(words), ord("."), np.uint8), digits).to_pylist()


def test_names_are_folded_to_ascii():
    words = [
        "Ana Silva",
        "Müller-Weiß",
        "Łukasz Øre",
        "O'Brien",
        "Þór Æsir",
        "Renée 2nd",
        "李雷",
        "Ωμέγα",
        "",
        "\U0001d49cja",
    ]
    assert fold(words) == [
        "ana.silva",
        "muller.weiss",
        "lukasz.ore",
        "obrien",
        "thor.aesir",
        "renee.nd",
        "",
        "",
        "",
        "ja",
    ]
    assert fold(["R2 D2"], digits=True) == ["r2.d2"]


def test_each_cell_has_its_own_separator_or_none():
    separators = np.frombuffer(b"._\0", np.uint8)
    assert ascii_fold(text_array(["a b c", "a-b", "a b"]), separators, False).to_pylist() == ["a.b.c", "a_b", "ab"]


@given(st.lists(st.text(), max_size=20))
def test_any_text_folds_to_letters_of_its_own_cell(words):
    out = fold(words)
    assert len(out) == len(words)
    assert all(set(cell) <= set("abcdefghijklmnopqrstuvwxyz.") for cell in out)
    assert out == [fold([word])[0] for word in words]


def test_nothing_here_imports_pandas():
    code = (
        "import sys; from datagen.columnar.text import text_array; text_array(['a']); sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_composed_text_is_the_pieces_of_each_cell_one_after_the_other() -> None:
    first, last = WordTable.of(["ana", "zoë", ""]), WordTable.of(["1", "22"])
    n = 10_000
    numbers = np.arange(n)
    cells = concat_words([(first, numbers % 3), (last, numbers % 2)]).to_pylist()
    assert cells[:6] == ["ana1", "zoë22", "1", "ana22", "zoë1", "22"]
    assert cells == [["ana", "zoë", ""][i % 3] + ["1", "22"][i % 2] for i in range(n)]
    assert concat_words([(first, np.zeros(0, np.int64))]).to_pylist() == []


def test_numbers_are_spelled_without_leading_zeros() -> None:
    numbers = np.array([0, 7, 42, 999, 1000, 1001, 65_536, 1_000_000, 20_000_300, 10**17], np.int64)
    assert concat_words(digits(numbers)).to_pylist() == [str(number) for number in numbers.tolist()]
