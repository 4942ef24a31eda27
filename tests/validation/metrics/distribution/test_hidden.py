"""Hidden multipliers of values are recovered: the correlation within entities, and the noise of days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.validation.metrics.base import Finding

DISTRIBUTIONS: dict[str, dict[str, Any]] = {
    "lognormal": {"type": "lognormal", "median": 40, "sigma": 0.5, "decimals": 2},
    "clipped": {"type": "normal", "mean": 10, "sd": 3, "min": 0, "max": 20, "decimals": 0},
    "uniform": {"type": "uniform", "min": 5, "max": 900, "decimals": 0},
    "coarse": {"type": "gamma", "mean": 2, "shape": 2, "decimals": 0},
}
MEASURES = ("IntraclassCorrelation", "NoiseRecovery")


def document(
    distribution: str, machines: int, monthly: float, of: tuple[str, ...] = ("frailty", "noise")
) -> dict[str, Any]:
    frailty = {"type": "frailty", "of": ["readings.load"], "dispersion": 0.2}
    segments = {"type": "segments", "column": "model", "multiply": {"B": {"readings.load": 1.4}}}
    noise = {"type": "noise", "of": ["readings.load"], "rho": 0.5, "sd": 0.15}
    return {
        "datagen": 1,
        "name": f"hidden_{distribution}",
        "window": {"start": "2023-01-01", "end": "2025-01-01"},
        "tables": {
            "machines": {
                "rows": machines,
                "columns": {"machine_id": {"type": "key"}, "model": {"type": "choice", "values": {"A": 3, "B": 2}}},
                "behaviors": [segments, *([frailty] if "frailty" in of else [])],
            },
            "readings": {
                "parent": "machines",
                "rows": {"type": "events", "mean_per_month": monthly},
                "columns": {
                    "reading_id": {"type": "key"},
                    "machine_id": {"type": "parent_key"},
                    "read_at": {"type": "event_time"},
                    "load": DISTRIBUTIONS[distribution],
                },
                "behaviors": [noise] if "noise" in of else [],
            },
        },
    }


def hidden(made: dict[str, Any], out: Path, seed: int) -> tuple[list[Finding], float]:
    datagen.generate(made, out, seed=seed)
    report = datagen.validate(made, out)
    return [one for one in report.findings if one.column == "load" and one.measure in MEASURES], report.score


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_what_is_planted_is_found_under_any_distribution(distribution: str, tmp_path: Path) -> None:
    found, score = hidden(document(distribution, 600, 1), tmp_path / "out", 1)
    assert score >= 95
    assert len(found) >= 3
    for one in found:
        assert one.z is not None and abs(one.z) < 4, one.message


@pytest.mark.parametrize("of", [("frailty",), ("noise",)])
def test_either_is_found_alone(of: tuple[str, ...], tmp_path: Path) -> None:
    found, _ = hidden(document("lognormal", 300, 2, of), tmp_path / "out", 2)
    assert {one.measure for one in found} == {MEASURES[of == ("noise",)]}
    assert all(one.verdict == "recovered" for one in found)


@pytest.mark.parametrize(("machines", "monthly"), [(1, 0.2), (3, 400), (12, 1)])
def test_too_little_data_is_no_verdict(machines: int, monthly: float, tmp_path: Path) -> None:
    found, score = hidden(document("lognormal", machines, monthly), tmp_path / "out", 3)
    assert score >= 95
    (alike,) = (one for one in found if one.measure == "IntraclassCorrelation")
    assert alike.verdict == "not identifiable"


def test_entities_within_entities_are_distinguished(tmp_path: Path) -> None:
    made = document("lognormal", 300, 0.3, ("frailty",))
    made["tables"]["parts"] = {
        "parent": "readings",
        "rows": {"type": "per_parent", "count": 3},
        "columns": {
            "part_id": {"type": "key"},
            "reading_id": {"type": "parent_key"},
            "load": DISTRIBUTIONS["lognormal"],
        },
    }
    made["tables"]["machines"]["behaviors"] = [{"type": "frailty", "of": ["parts.load"], "dispersion": 0.1}]
    made["tables"]["readings"]["behaviors"] = [{"type": "frailty", "of": ["parts.load"], "dispersion": 0.3}]
    found, score = hidden(made, tmp_path / "out", 4)
    assert score >= 95
    planted = {one.subject.split("'")[1]: one.planted for one in found}
    assert planted["readings"] > planted["machines"] > 0.05
    assert all(one.verdict == "recovered" for one in found)


@pytest.mark.parametrize(
    ("dispersion", "monthly", "distribution"), [(0.4, 5, "gamma"), (1.0, 0.2, "gamma"), (0.3, 1, "lognormal")]
)
def test_an_entity_that_also_has_more_rows_counts_as_often_as_it_occurs(
    dispersion: float, monthly: float, distribution: str, tmp_path: Path
) -> None:
    """One multiplier of the rate and of the values: pairs of cells are of the large ones more often."""
    made = document("lognormal", 2500, monthly, ())
    shared = {"type": "frailty", "of": ["readings", "readings.load"], "dispersion": dispersion, "law": distribution}
    made["tables"]["machines"]["behaviors"].append(shared)
    made["window"] = {"start": "2024-01-01", "end": "2025-01-01"}
    found, score = hidden(made, tmp_path / "out", 1)
    (alike,) = (one for one in found if one.measure == "IntraclassCorrelation")
    assert alike.verdict == "recovered" and alike.z is not None and abs(alike.z) < 3, alike.message
    assert score == 100
