from __future__ import annotations

from tests.kinds.faults.damage import people


def test_utf8_is_read_as_latin_1_and_ascii_stays() -> None:
    made = people({"type": "mojibake", "columns": ["city"], "rate": 1}, rows=200)
    was, now = made.clean["city"].to_pylist(), made.dirty["city"].to_pylist()
    assert now == [text.encode().decode("latin-1") for text in was]
    assert {row["was"] for row in made.key} == {"Malmö"}, "a cell that did not change is no fault"
