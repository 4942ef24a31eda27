"""Effects on choices are judged with the errors that few, unequally popular rows give."""

from __future__ import annotations

from pathlib import Path

import pytest

import datagen


@pytest.mark.parametrize("seed", [21, 1, 2])
def test_one_popular_row_of_a_rare_category_is_no_false_alarm(seed: int, tmp_path: Path) -> None:
    kinds = {"type": "choice", "values": {"a": 6, "b": 3, "c": 1}}
    segments = {"type": "segments", "column": "k", "multiply": {"b": {"e": 2}, "c": {"e": 0.3}}}
    popular = {"type": "reference", "table": "p", "popularity": {"type": "zipf", "exponent": 1.2}}
    document = {
        "datagen": 1, "name": "f", "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "p": {"rows": 40, "columns": {"id": {"type": "key"}, "k": kinds}, "behaviors": [segments]},
            "e": {
                "rows": {"type": "arrivals", "count": 3000},
                "columns": {"eid": {"type": "key"}, "t": {"type": "arrival_time"}, "pid": popular},
            },
        },
    }  # fmt: skip
    datagen.generate(document, tmp_path / "out", seed=seed)
    report = datagen.validate(document, tmp_path / "out")
    assert report.score >= 95
