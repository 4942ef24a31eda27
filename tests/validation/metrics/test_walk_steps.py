"""Mean and standard deviation of the steps of a random walk are recovered; other ones are found."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

import datagen

WALKS: dict[str, Any] = {
    "datagen": 1,
    "name": "walks",
    "tables": {
        "accounts": {"rows": 60, "columns": {"account_id": {"type": "key"}}},
        "days": {
            "parent": "accounts",
            "rows": {"type": "per_parent", "count": 80},
            "columns": {
                "account_id": {"type": "parent_key"},
                "balance": {"type": "random_walk", "start": 500, "drift": 10, "sd": 80, "decimals": 2},
                "price": {"type": "random_walk", "start": 100, "sd": 0.02, "relative": True, "decimals": 3},
                "bounded": {"type": "random_walk", "start": 5, "sd": 2, "min": 0},
            },
        },
    },
}


def verdicts(document: dict[str, Any], folder: Path) -> dict[tuple[str | None, str], str]:
    report = datagen.validate(document, folder)
    return {(one.column, one.subject): one.verdict for one in report.findings if one.measure == "WalkSteps"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_declared_steps_are_recovered(seed: int, tmp_path: Path) -> None:
    datagen.generate(WALKS, tmp_path / "out", seed=seed, partition_rows=1000)
    found = verdicts(WALKS, tmp_path / "out")
    assert set(found.values()) == {"recovered"}
    assert {column for column, _ in found} == {"balance", "price"}


def test_other_steps_are_found(tmp_path: Path) -> None:
    datagen.generate(WALKS, tmp_path / "out")
    other = copy.deepcopy(WALKS)
    other["tables"]["days"]["columns"]["balance"] |= {"drift": 20, "sd": 90}
    found = verdicts(other, tmp_path / "out")
    assert found["balance", "mean of steps"] == "not recovered"
    assert found["balance", "sd of steps"] == "not recovered"
    assert found["price", "sd of steps"] == "recovered"


def test_a_price_that_falls_to_single_units_is_no_false_alarm(tmp_path: Path) -> None:
    made = copy.deepcopy(WALKS)
    made["tables"]["days"]["columns"]["price"] |= {"sd": 0.3, "drift": -0.12}
    datagen.generate(made, tmp_path / "out")
    report = datagen.validate(made, tmp_path / "out")
    assert report.score == 100, report.losses
    assert {one.verdict for one in report.findings if one.measure == "WalkSteps"} == {"recovered"}
