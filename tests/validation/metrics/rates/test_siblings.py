"""Tables of one parent that share a hidden multiplier go together as declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.validation.metrics.base import Finding


def document(parents: int, dispersion: float, counts: bool = False, of: tuple[str, ...] = ("orders", "visits")) -> Any:
    def child(name: str, rows: dict[str, Any]) -> dict[str, Any]:
        time = {"at": {"type": "event_time"}} if rows["type"] == "events" else {}
        columns = {f"{name}_id": {"type": "key"}, "customer_id": {"type": "parent_key"}, **time}
        return {"parent": "customers", "rows": rows, "columns": columns}

    numbers = {"type": "per_parent", "count": {"type": "poisson", "mean": 3}}
    segments = {"type": "segments", "column": "kind", "multiply": {"b": {"orders": 2.5, "visits": 0.5}}}
    return {
        "datagen": 1, "name": "siblings", "window": {"start": "2023-01-01", "end": "2024-01-01"},
        "tables": {
            "customers": {
                "rows": {"type": "arrivals", "count": parents, "before_window": 0.3},
                "columns": {
                    "customer_id": {"type": "key"}, "since": {"type": "arrival_time"},
                    "kind": {"type": "choice", "values": {"a": 5, "b": 3}},
                },
                "behaviors": [{"type": "frailty", "of": list(of), "dispersion": dispersion}, segments],
            },
            "orders": child("order", {"type": "events", "mean_per_month": 0.4}),
            "visits": child("visit", numbers if counts else {"type": "events", "mean_per_month": 0.3}),
        },
    }  # fmt: skip


def shared(made: Any, out: Path, seed: int) -> tuple[list[Finding], float]:
    datagen.generate(made, out, seed=seed)
    report = datagen.validate(made, out)
    return [one for one in report.findings if one.measure == "SiblingCorrelation"], report.score


@pytest.mark.parametrize("counts", [False, True])
@pytest.mark.parametrize("dispersion", [0.3, 2.0])
def test_the_variance_of_the_multiplier_is_found(dispersion: float, counts: bool, tmp_path: Path) -> None:
    (one,), score = shared(document(3000, dispersion, counts), tmp_path / "out", 1)
    assert score >= 95
    assert one.verdict == "recovered" and one.planted == pytest.approx(dispersion)
    assert one.z is not None and abs(one.z) < 4


def test_multipliers_of_their_own_are_not_shared(tmp_path: Path) -> None:
    found, _ = shared(document(300, 0.5, of=("orders",)), tmp_path / "out", 2)
    assert not found


@pytest.mark.parametrize("parents", [1, 20])
def test_few_parents_are_no_verdict(parents: int, tmp_path: Path) -> None:
    (one,), score = shared(document(parents, 0.5), tmp_path / "out", 3)
    assert one.verdict == "not identifiable" and score >= 95
