from __future__ import annotations

import numpy as np
import pyarrow as pa

from datagen.columnar.block import TEXT, Column
from datagen.kinds.faults.support.characters import edited
from datagen.kinds.faults.typo import _mistype
from datagen.random.streams import root_identities
from tests.kinds.faults.damage import people, problems


def distance(one: str, other: str) -> int:
    """Edits between two texts: substitutions, insertions, omissions and swaps of neighbors (optimal
    string alignment).
    """
    rows = [[i + j if i * j == 0 else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = one[i - 1] != other[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


def test_each_cell_that_is_hit_is_one_edit_away() -> None:
    made = people({"type": "typo", "columns": ["name"], "rate": 0.3})
    was, now = made.clean["name"].to_pylist(), made.dirty["name"].to_pylist()
    changed = [i for i in range(len(was)) if was[i] != now[i]]
    assert 0.25 < len(changed) / len(was) < 0.33
    assert made.hit("name") == changed
    assert {distance(was[i], now[i]) for i in changed} == {1}


def test_any_script_and_very_short_texts() -> None:
    words = ["", "a", "ü", "漢字", "😀😀😀", "it's 5 o'clock"] * 50
    cells = Column(TEXT, pa.array(words))
    made = edited(cells, root_identities(np.arange(len(words))), _mistype).data.to_pylist()
    assert made[0] == ""
    assert {distance(one, other) for one, other in zip(words, made, strict=True) if one} <= {0, 1}
    assert any(len(text) > len(word) for text, word in zip(made, words, strict=True) if word == "a")


def test_numbers_have_no_typing_errors() -> None:
    assert problems({"type": "typo", "columns": ["person_id"], "rate": 0.1}) == [
        "$.faults.people[0].columns[0]: column 'person_id' is int, not text; name a column of text [type]"
    ]
