"""The shares of a drifting choice are recovered; a mix that does not drift, or drifts elsewhere, is found."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

import datagen

MIX: dict[str, Any] = {
    "datagen": 1,
    "name": "mix",
    "window": {"start": "2023-01-01", "end": "2025-01-01"},
    "tables": {
        "orders": {
            "rows": {"type": "arrivals", "count": 6000},
            "columns": {
                "order_id": {"type": "key"},
                "ordered_at": {"type": "arrival_time"},
                "channel": {
                    "type": "drifting_choice",
                    "start": {"store": 8, "web": 2},
                    "end": {"store": 3, "web": 6, "app": 1},
                },
            },
        }
    },
}


def verdicts(document: dict[str, Any], folder: Path) -> dict[str, str]:
    report = datagen.validate(document, folder)
    return {one.subject: one.verdict for one in report.findings if one.measure == "DriftingShares"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_declared_shares_are_recovered(seed: int, tmp_path: Path) -> None:
    datagen.generate(MIX, tmp_path / "out", seed=seed)
    found = verdicts(MIX, tmp_path / "out")
    assert set(found.values()) == {"recovered"}
    assert len(found) == 6


def test_another_drift_is_found(tmp_path: Path) -> None:
    datagen.generate(MIX, tmp_path / "out")
    other = copy.deepcopy(MIX)
    other["tables"]["orders"]["columns"]["channel"]["end"] = {"store": 5, "web": 4, "app": 1}
    found = verdicts(other, tmp_path / "out")
    assert found["change of 'store'"] == "not recovered"
    assert found["change of 'app'"] == "recovered"
