"""Over 200 seeds, what is found lies about what is planted as a standard normal does, in every part of what happens in
steps and of what causes what: shares of transitions per segment, dwell laws, channel effects, diffusion, referral,
experiments, anomalies.

Stated beforehand: for each parameter and for each part as a whole the standard deviation of z is 0.85 to 1.15, the mean
is within 0.25, and no z of the 4,200 is beyond 4 (two-sided, a chance of 6e-5 each).
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

import datagen
from tests.recovery.worlds import frames

SEEDS = 200
FAR = 4.0
START, END = pd.Timestamp("2024-01-01"), pd.Timestamp("2025-01-01")
CHANNELS = {"search": 0.25, "mail": 0.1, "banner": 0.04}
CASES = {"burst": 12, "spree": 5}
ON, MOBILE = 0.5, 0.6
MEDIAN, SIGMA = 40.0, 0.9
P, Q, MONTH = 0.02, 0.6, 730.5
R = 0.6
PEOPLE, CASES_A_YEAR = 1500, 0.15
MEASURES = {"TriggerEffect": "channels", "ReproductionNumber": "referral", "ExperimentEffect": "experiment"}
EFFECT = 1.3
Z = dict[str, list[float]]


def column(attribute: str, **more: Any) -> dict[str, Any]:
    return {"type": "row_attribute", "attribute": attribute, **more}


def below(rows: dict[str, Any], **columns: Any) -> dict[str, Any]:
    return {"parent": "people", "rows": rows, "columns": {"person_id": {"type": "parent_key"}, **columns}}


def triggered(table: str, by: str, effect: dict[str, float], per_month: float) -> dict[str, Any]:
    trigger = {"table": table, "by": by, "effect": effect, "half_life": "2d"}
    rows = {"type": "events", "mean_per_month": per_month, "triggered_by": trigger}
    return below(rows, at={"type": "event_time"}, cause_kind=column("cause_kind", hidden=True))


def document() -> dict[str, Any]:
    """One small world with all of them."""
    funnel = {
        "type": "funnel",
        "stay": {"type": "lognormal", "median": f"{MEDIAN}min", "sigma": SIGMA},
        "stages": {"visit": {"share": ON}, "cart": {"share": ON}, "bought": {}},
    }
    diffusion = {"type": "adoption", "curve": {"type": "bass", "p": P, "q": Q, "launch": "2024-01-01"}}
    arms = {"control": {}, "treated": {"multiply": {"orders": EFFECT}}}
    steps = {name: column(name) for name in ("state", "entered_at", "left_at", "next_state")}
    return {
        "datagen": 1,
        "name": "calibration",
        "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "people": {
                "rows": {"type": "arrivals", "count": PEOPLE, "before_window": 1},
                "columns": {
                    "person_id": {"type": "key"},
                    "born_at": {"type": "arrival_time"},
                    "device": {"type": "choice", "values": {"desktop": 1, "mobile": 1}},
                },
                "processes": {"checkout": funnel, "feature": diffusion},
                "behaviors": [
                    {"type": "segments", "column": "device", "multiply": {"mobile": {"checkout.goes_on": MOBILE}}},
                    {
                        "type": "experiment",
                        "name": "test",
                        "start": "2024-04-01",
                        "end": "2024-10-01",
                        "column": "arm",
                        "arms": arms,
                    },
                ],
            },
            "steps": below({"type": "stays", "process": "checkout"}, **steps),
            "adoptions": below({"type": "stays", "process": "feature", "in": ["adopted"]}, at=column("entered_at")),
            "touches": below(
                {"type": "events", "mean_per_month": 0.8},
                at={"type": "event_time"},
                channel={"type": "choice", "values": dict.fromkeys(CHANNELS, 1)},
            ),
            "conversions": triggered("touches", "channel", CHANNELS, 0.05),
            "cases": below(
                {"type": "events", "mean_per_year": CASES_A_YEAR},
                at={"type": "event_time"},
                kind={"type": "choice", "values": dict.fromkeys(CASES, 1)},
            )
            | {"hidden": True},
            "payments": triggered("cases", "kind", CASES, 0.3),
            "orders": below({"type": "events", "mean_per_month": 0.8}, at={"type": "event_time"}),
            "seeds": {
                "rows": {"type": "arrivals", "count": 600},
                "hidden": True,
                "columns": {"seed_id": {"type": "key"}, "came_at": {"type": "arrival_time"}},
            },
            "members": {
                "parent": "seeds",
                "rows": {
                    "type": "cascade",
                    "mean": R,
                    "dispersion": 0.5,
                    "gap": {"type": "lognormal", "median": "9d", "sigma": 0.8},
                },
                "columns": {
                    "member_id": {"type": "key"},
                    "seed_id": {"type": "parent_key", "hidden": True},
                    "joined_at": column("joined_at"),
                    "generation": column("generation"),
                    "referrer_id": {"type": "row_reference", "attribute": "referrer_number"},
                },
            },
        },
    }


def shares_and_lengths(tables: dict[str, pd.DataFrame], found: Z) -> None:
    """Binomial shares by device; the mean and the spread of the logarithms of the stays."""
    steps = tables["steps"].merge(tables["people"], on="person_id")
    for device, odds in (("desktop", ON / (1 - ON)), ("mobile", MOBILE * ON / (1 - ON))):
        for state, to in (("visit", "cart"), ("cart", "bought")):
            own = steps[(steps["device"] == device) & (steps["state"] == state)]
            share = odds / (1 + odds)
            hits = (own["next_state"] == to).sum()
            found[f"shares: {device} {state} to {to}"].append(
                (hits - share * len(own)) / np.sqrt(share * (1 - share) * len(own))
            )
    stays = steps[steps["state"].isin(["visit", "cart"])]
    logs = np.log((stays["left_at"] - stays["entered_at"]) / pd.Timedelta(minutes=1))
    found["dwell: median"].append((logs.mean() - np.log(MEDIAN)) / (logs.std() / np.sqrt(len(logs))))
    found["dwell: sigma"].append((logs.std() - SIGMA) / (logs.std() / np.sqrt(2 * len(logs))))


def diffusion(tables: dict[str, pd.DataFrame], found: Z) -> None:
    """Bass by maximum likelihood of the times of adoption; who still waits at the end is censored."""
    months = ((tables["adoptions"]["at"] - START) / pd.Timedelta(hours=MONTH)).to_numpy()
    waiting, end = PEOPLE - len(months), (END - START) / pd.Timedelta(hours=MONTH)

    def loss(logs: np.ndarray) -> float:
        p, q = np.exp(logs)
        density = 2 * np.log(p + q) - np.log(p) - (p + q) * months - 2 * np.log1p(q / p * np.exp(-(p + q) * months))
        survival = np.log1p(q / p) - (p + q) * end - np.log1p(q / p * np.exp(-(p + q) * end))
        return float(-density.sum() - waiting * survival)

    fitted = minimize(loss, np.log([P, Q]), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-8})
    errors = np.sqrt(np.diag(np.linalg.inv(_hessian(loss, fitted.x))))
    for name, value, planted, error in zip("pq", fitted.x, np.log([P, Q]), errors, strict=True):
        found[f"diffusion: {name}"].append((value - planted) / error)


def _hessian(function: Any, at: np.ndarray, step: float = 1e-3) -> np.ndarray:
    one = np.eye(2) * step

    def cell(a: np.ndarray, b: np.ndarray) -> float:
        corners = function(at + a + b) - function(at + a - b) - function(at - a + b) + function(at - a - b)
        return float(corners / (4 * step**2))

    return np.array([[cell(a, b) for b in one] for a in one])


def judged(world: dict[str, Any], folder: Path, found: Z) -> None:
    """What validation says of effects, referral and the experiment; and the number of cases."""
    datagen.generate(world, folder)
    for finding in datagen.validate(world, folder).findings:
        if finding.measure in MEASURES and finding.z is not None:
            part = "anomalies" if finding.table == "payments" else MEASURES[finding.measure]
            found[f"{part}: {finding.subject}"].append(finding.z)


def distances(seed: int, folder: Path, found: Z) -> None:
    world = {**document(), "seed": seed}
    tables = frames(world, seed)
    shares_and_lengths(tables, found)
    diffusion(tables, found)
    expected = PEOPLE * CASES_A_YEAR * (END - START) / pd.Timedelta(hours=8766)
    found["anomalies: number of cases"].append((len(tables["_truth/cases"]) - expected) / np.sqrt(expected))
    judged(world, folder / str(seed), found)


@pytest.mark.slow
def test_distances_are_those_of_chance(tmp_path: Path) -> None:
    found: Z = defaultdict(list)
    for seed in range(1, SEEDS + 1):
        distances(seed, tmp_path, found)
        shutil.rmtree(tmp_path / str(seed))
    parts: Z = defaultdict(list)
    for name, values in sorted(found.items()):
        parts[name.partition(":")[0]] += values
        print(
            f"{name:45} n {len(values):4} mean {np.mean(values):6.3f} sd {np.std(values):.3f} max "
            f"{np.abs(values).max():.2f}"
        )
    assert set(parts) == {"shares", "dwell", "diffusion", "channels", "anomalies", "referral", "experiment"}
    for name, values in {**found, **parts}.items():
        if len(values) >= SEEDS:
            assert 0.85 < np.std(values) < 1.15, name
            assert abs(np.mean(values)) < 0.25, name
        assert np.abs(values).max() < FAR, name
