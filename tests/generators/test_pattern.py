from __future__ import annotations

import re
from collections import Counter

from tests.fakes import column, listed, problems


def pattern(text):
    return {"type": "pattern", "pattern": text}


def test_each_sign_is_drawn_from_its_alphabet():
    cells = listed(column(pattern(r"Ä?-##\#*"), 5_000))
    assert all(re.fullmatch(r"Ä[A-Z]-[0-9]{2}#[0-9A-Z]", cell) for cell in cells)
    assert len({cell[1] for cell in cells}) == 26
    assert len({cell[-1] for cell in cells}) == 36


def test_digits_are_equally_likely_and_independent():
    pairs = Counter(cell[8:] for cell in listed(column(pattern("##########"), 20_000)))
    assert len(pairs) == 100
    assert max(pairs.values()) < 280


def test_a_pattern_without_anything_random():
    assert problems(pattern("abc")) == [
        "$.pattern: nothing in the pattern is random; write '#', '?' or '*', or use 'constant' [no-effect]"
    ]
