"""Adoption: an analyst's fit finds the curve again, Rogers' shares hold, multipliers act on the hazard."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import curve_fit

import datagen
from tests.recovery.worlds import SEEDS, frames

LAUNCH, MONTH = pd.Timestamp("2023-01-01"), pd.Timedelta(hours=730.5)
BASS = {"type": "bass", "p": 0.01, "q": 0.35, "launch": "2023-01-01"}


def world(curve: dict[str, Any] = BASS, *behaviors: dict[str, Any], **process: Any) -> dict[str, Any]:
    view = {"customer_id": {"type": "parent_key"}} | {
        name: {"type": "row_attribute", "attribute": name}
        for name in ("state", "entered_at", "left_at", "next_state", "adopter")
    }
    return {
        "datagen": 1,
        "name": "adoption",
        "window": {"start": "2023-01-01", "end": "2025-07-01"},
        "tables": {
            "customers": {
                "rows": {"type": "arrivals", "count": 20_000, "before_window": 0.9},
                "columns": {
                    "customer_id": {"type": "key"},
                    "created_at": {"type": "arrival_time"},
                    "size": {"type": "choice", "values": {"small": 3, "large": 1}},
                },
                "processes": {"feature": {"type": "adoption", "curve": curve, **process}},
                "behaviors": list(behaviors),
            },
            "states": {"parent": "customers", "rows": {"type": "stays", "process": "feature"}, "columns": view},
        },
    }


@cache
def made(seed: int) -> pd.DataFrame:
    found = frames(world(potential=0.7), seed)
    return found["states"].merge(found["customers"], on="customer_id")


def bass(k: np.ndarray, m: float, p: float, q: float) -> np.ndarray:
    """Adoptions in month k."""

    def reached(t: np.ndarray) -> np.ndarray:
        return (1 - np.exp(-(p + q) * t)) / (1 + q / p * np.exp(-(p + q) * t))

    return m * (reached(k + 1) - reached(k))


LARGE = {"curve": {**BASS, "p": 0.04, "q": 0.5}, "potential": 0.9}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fit_finds_the_curve_of_each_segment(seed: int, tmp_path) -> None:
    """p, q and the potential m of each, by nonlinear least squares on the adoptions by month of those at the launch."""
    declared = world(potential=0.7, column="size", cases={"large": LARGE})
    found = frames(declared, seed)
    both = found["states"].merge(found["customers"], on="customer_id")
    for size, planted in (("small", (0.7, 0.01, 0.35)), ("large", (0.9, 0.04, 0.5))):
        there = both[(both["size"] == size) & (both["created_at"].dt.tz_localize(None) < LAUNCH)]
        adopted = there[there["state"] == "adopted"]["entered_at"].dt.tz_localize(None)
        many = there["customer_id"].nunique()
        months = np.bincount(((adopted - LAUNCH) / MONTH).astype(int), minlength=29)[:29]
        weight = np.sqrt(np.maximum(months, 1.0))
        estimate, covariance = curve_fit(bass, np.arange(29.0), months, (many, 0.02, 0.3), sigma=weight)
        estimate[0], error = estimate[0] / many, np.sqrt(np.diag(covariance))
        error[0] = np.hypot(error[0] / many, (planted[0] * (1 - planted[0]) / many) ** 0.5)
        assert (np.abs(estimate - planted) < 4 * error).all(), (size, estimate, error)
        assert (error < np.abs(planted) * 0.2).all()


def test_validation_judges_each_segment_by_its_curve(tmp_path) -> None:
    declared = world(potential=0.7, column="size", cases={"large": LARGE})
    del declared["tables"]["states"]["columns"]["adopter"]  # nothing depends on it
    datagen.generate(declared, tmp_path / "a")
    verdicts = {f.measure: f.verdict for f in datagen.validate(declared, tmp_path / "a").findings}
    assert verdicts["TransitionRecovery"] == "recovered" and verdicts["DwellTimes"] == "pass"
    other = world(potential=0.7, column="size", cases={"large": {"potential": 0.9}})
    verdicts = {f.measure: f.verdict for f in datagen.validate(other, tmp_path / "a").findings}
    assert verdicts["TransitionRecovery"] == "not recovered" or verdicts["DwellTimes"] == "fail"


@pytest.mark.parametrize(
    ("process", "codes"),
    [
        ({"column": "size"}, ["conflict"]),
        ({"column": "sizes", "cases": {"large": LARGE}}, ["unknown-column"]),
        ({"column": "size", "cases": {"huge": LARGE}}, ["no-effect"]),
    ],
)
def test_problems_of_cases(process: dict[str, Any], codes: list[str]) -> None:
    assert [problem.code for problem in datagen.check(world(**process))] == codes


@pytest.mark.parametrize("seed", SEEDS)
def test_bass_is_recovered_by_nonlinear_least_squares(seed: int) -> None:
    stays = made(seed)
    early = stays[(stays["created_at"] < LAUNCH)]
    adopted = early[early["state"] == "adopted"]
    month = ((adopted["entered_at"] - LAUNCH) / MONTH).astype(int)
    n = np.bincount(month)[:29]
    found, covariance = curve_fit(bass, np.arange(29.0), n, p0=(n.sum(), 0.02, 0.3))
    people = early["customer_id"].nunique()
    for value, planted, error in zip(found, (0.7 * people, 0.01, 0.35), np.sqrt(np.diag(covariance)), strict=True):
        assert abs(value - planted) < 4 * error
        assert error < 0.1 * planted


def test_categories_are_rogers_shares_of_the_curve() -> None:
    stays = made(1)
    early = stays[(stays["created_at"] < LAUNCH) & (stays["state"] == "waiting")]
    shares = early["adopter"].value_counts(normalize=True)
    expected = {
        "innovator": 0.025,
        "early_adopter": 0.135,
        "early_majority": 0.34,
        "late_majority": 0.34,
        "laggard": 0.16,
    }
    for name, share in expected.items():
        assert abs(shares[name] - 0.7 * share) < 4 * np.sqrt(0.25 * share / len(early))
    assert abs(shares["non_adopter"] - 0.3) < 0.02
    first = stays[stays["state"] == "adopted"].groupby("adopter", observed=True)["entered_at"].min()
    assert first["innovator"] < first["early_adopter"] < first["early_majority"] < first["late_majority"]


def test_nobody_adopts_before_the_launch_or_before_being_there() -> None:
    adopted = made(1)[made(1)["state"] == "adopted"]
    assert (adopted["entered_at"] >= adopted["created_at"]).all()
    late = frames(world({**BASS, "launch": "2023-06-01"}), 1)["states"]
    assert (late.loc[late["state"] == "adopted", "entered_at"] >= pd.Timestamp("2023-06-01")).all()


@pytest.mark.parametrize(
    "curve",
    [
        BASS,
        {"type": "logistic", "midpoint": "2023-12-01", "steepness_per_year": 5},
        {"type": "gompertz", "peak": "2023-09-01", "steepness_per_year": 3},
    ],
)
def test_validation_recovers_each_curve_and_its_multipliers(curve: dict[str, Any], tmp_path: Any) -> None:
    segments = {"type": "segments", "column": "size", "multiply": {"large": {"feature.waiting>adopted": 2}}}
    trial = {
        "type": "experiment",
        "name": "nudge",
        "start": "2023-09-01",
        "arms": {"no": {}, "yes": {"multiply": {"feature.waiting>adopted": 1.5}}},
    }
    document = world(curve, segments, trial)
    datagen.generate(document, tmp_path / "out", workers=1)
    report = datagen.validate(document, tmp_path / "out", workers=1)
    edge = next(f for f in report.findings if f.measure == "TransitionRecovery")
    dwell = next(f for f in report.findings if f.measure == "DwellTimes")
    assert (edge.verdict, dwell.verdict) == ("recovered", "pass")
    other = world({**BASS, "p": 0.03, "q": 0.1}, segments, trial)
    wrong = datagen.validate(other, tmp_path / "out", workers=1)
    assert any(f.measure == "DwellTimes" and f.verdict == "fail" for f in wrong.findings)


def test_what_changes_with_time_cannot_multiply_it() -> None:
    vintage = {"type": "vintage", "multiply": {"feature.waiting>adopted": [1, 2]}}
    assert any("curve of its own" in problem.message for problem in datagen.check(world(BASS, vintage)))
