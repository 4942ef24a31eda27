from __future__ import annotations

import datagen
from tests.promises.documents import tables


def document(**more: object) -> dict:
    channel = {
        "type": "drifting_choice",
        "start": {"store": 9, "web": 1},
        "end": {"web": 3, "app": 1},
        "at": "moment",
        **more,
    }
    columns = {"moment": {"type": "uniform", "min": "2022-06-01", "max": "2024-06-01"}, "it": channel}
    window = {"start": "2023-01-01", "end": "2024-01-01"}
    return {"datagen": 1, "name": "a", "window": window, "tables": {"t": {"rows": 40_000, "columns": columns}}}


def test_shares_go_in_a_straight_line_and_stay_beyond_the_window() -> None:
    rows = tables(document())["t"].to_pylist()
    expected = {
        ("2022-06-01", "2023-01-01"): (0.9, 0.1, 0.0),
        ("2023-06-15", "2023-07-15"): (0.45, 0.425, 0.125),
        ("2024-01-01", "2024-06-01"): (0.0, 0.75, 0.25),
    }
    for (first, last), shares in expected.items():
        found = [row["it"] for row in rows if first <= str(row["moment"]) < last]
        assert len(found) > 1000
        for value, share in zip(("store", "web", "app"), shares, strict=True):
            assert abs(found.count(value) / len(found) - share) < 0.04


def test_problems() -> None:
    assert [problem.code for problem in datagen.check(document(end={"app": 0}))] == ["range"]
    assert [problem.code for problem in datagen.check(document(at=None))] == ["missing"]
