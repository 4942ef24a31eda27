"""References nearby in time: only rows that came shortly before are chosen, each of them alike."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datagen
from datagen.time_units import DAY
from tests.promises.documents import tables
from tests.validation.folders import failed, put, rewrite, table

NEWS: dict[str, Any] = {
    "datagen": 1,
    "name": "news",
    "window": {"start": "2024-01-01", "end": "2024-07-01"},
    "tables": {
        "articles": {
            "rows": {"type": "arrivals", "count": 800},
            "columns": {"article_id": {"type": "key"}, "published_at": {"type": "arrival_time"}},
        },
        "reads": {
            "rows": {"type": "arrivals", "count": 4000},
            "columns": {
                "read_id": {"type": "key"},
                "read_at": {"type": "arrival_time"},
                "article_id": {"type": "reference", "table": "articles", "existing_at": "read_at", "lookback": "3d"},
            },
        },
    },
}


def times() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """When articles came, when they were read, and which."""
    made = tables(NEWS)
    came, read = (made[name].column(1).cast("int64").to_numpy() for name in ("articles", "reads"))
    return came, read, np.array([-1 if key is None else key - 1 for key in made["reads"]["article_id"].to_pylist()])


def test_only_rows_that_came_shortly_before_are_chosen() -> None:
    came, read, chosen = times()
    some = chosen >= 0
    age = read[some] - came[chosen[some]]
    assert age.min() >= 0
    assert age.max() < 3 * DAY
    assert abs(age.mean() / DAY - 1.5) < 0.1, "each of them alike"
    candidates = np.searchsorted(came, read, "right") - np.searchsorted(came, read - 3 * DAY, "right")
    assert np.array_equal(candidates == 0, ~some), "missing where none came"


def test_validation_finds_an_older_row(tmp_path: Path) -> None:
    datagen.generate(NEWS, tmp_path / "out")
    report = datagen.validate(NEWS, tmp_path / "out")
    assert report.passed, report.failed
    rows = table(tmp_path / "out", "reads")
    keys = rows["article_id"].to_pylist()
    rewrite(tmp_path / "out", "reads", put(rows, "article_id", [*keys[:-1], 1]))
    assert ("reads", "article_id", "TemporalOrder") in failed(datagen.validate(NEWS, tmp_path / "out"))


@pytest.mark.parametrize("change, message", [
    ({"existing_at": None}, "lookback counts from a time"),
    ({"unique": True}, "leave out"),
    ({"lookback": "0s"}, "needs more than 0"),
])  # fmt: skip
def test_problems(change: dict[str, Any], message: str) -> None:
    document = copy.deepcopy(NEWS)
    document["tables"]["reads"]["columns"]["article_id"] |= change
    assert any(message in str(problem) for problem in datagen.check(document))
