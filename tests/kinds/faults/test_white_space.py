from __future__ import annotations

from tests.kinds.faults.damage import people


def test_white_space_stands_before_or_after_the_text() -> None:
    made = people({"type": "white_space", "columns": ["name"], "rate": 1})
    was, now = made.clean["name"].to_pylist(), made.dirty["name"].to_pylist()
    assert [text.strip() for text in now] == was
    assert all(len(text) == len(word) + 1 for text, word in zip(now, was, strict=True))
    assert {text[0].isspace() for text in now} == {True, False}
    assert {text[0] if text[0].isspace() else text[-1] for text in now} == {" ", "\t", "\u00a0"}
