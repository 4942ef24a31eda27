from __future__ import annotations

import numpy as np

from datagen.columnar.nested import lengths
from tests.fakes import column, listed, problems

TAGS = {"type": "list", "length": {"type": "poisson", "mean": 2}, "of": {"type": "choice", "values": {"a": 3, "b": 1}}}


def test_lengths_follow_their_distribution_and_items_theirs() -> None:
    made = column(TAGS, 4000)
    assert abs(lengths(made.data).mean() - 2) < 0.1
    items = made.data.flatten().to_pylist()
    assert abs(items.count("a") / len(items) - 0.75) < 0.03


def test_items_of_a_row_depend_on_that_row_alone() -> None:
    """The first rows of a longer table, and items read what stands in their row."""
    assert listed(column(TAGS, 50)) == listed(column(TAGS, 400))[:50]
    made = column({"type": "list", "length": 2, "of": {"type": "expression", "expression": "id * 10"}}, 3)
    assert listed(made) == [[10, 10], [20, 20], [30, 30]]


def test_items_are_independent_of_each_other() -> None:
    made = column({"type": "list", "length": 2, "of": {"type": "normal", "mean": 0, "sd": 1}}, 40_000)
    pairs = np.array(made.data.flatten().to_pylist()).reshape(-1, 2)
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.02


def test_items_cannot_be_numbered() -> None:
    for part in ({"type": "ordinal"}, {"type": "uuid"}, {"type": "random_walk", "start": 0, "sd": 1}):
        (found, *_) = problems({"type": "list", "length": 2, "of": part})
        assert "$.of" in found
