from __future__ import annotations

import pytest

from tests.kinds.faults.damage import people


@pytest.mark.parametrize(
    ("to", "written"),
    [("upper", {"OSLO", "MALMÖ"}), ("lower", {"oslo", "malmö"}), ("swap", {"oSLO", "mALMÖ"})],
)
def test_text_is_written_in_another_case(to: str, written: set[str]) -> None:
    made = people({"type": "letter_case", "columns": ["city"], "rate": 1, "to": to}, rows=50)
    assert set(made.dirty["city"].to_pylist()) == written
    assert len(made.key) == 50
