"""How many texts a grammar has at least, from which validation knows how often texts are equal."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from datagen.kinds.generators.support.word_grammar import Grammar
from datagen.kinds.generators.title import Title
from datagen.random.streams import CounterStream

POOLS = {"a": ["1", "2", "3", "4"], "b": ["1", "2", "2", "2"]}


@pytest.mark.parametrize(
    "groups, fewest",
    [
        ([["{a}{a}"]], 16),
        ([["{a}", "x{a}"]], 8),
        ([["{a}", "{a}", "x{a}{a}"]], 6),  # a form that is listed twice is twice as likely
        ([["{b}"]], 1),  # three of four words are equal: 4/3
        ([["{a}{a}"], ["{a}x", "y{a}"]], 8),
    ],
)
def test_the_fewest_texts_are_those_of_the_most_likely_one(groups: list[list[str]], fewest: int) -> None:
    assert Grammar.of(groups, POOLS).fewest == fewest


def test_no_title_is_more_frequent_than_that_says() -> None:
    grammar, rows = Title().grammar(), 200_000
    texts = grammar.texts(CounterStream.named(1, "x"), np.arange(rows, dtype=np.uint64), np.zeros(rows, np.int64))
    [(_, most)] = Counter(texts.to_pylist()).most_common(1)
    assert most < 1.5 * rows / grammar.fewest  # 267 expected of the most likely ones, sd 16
