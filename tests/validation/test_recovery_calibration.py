"""The standard errors are right: over many seeds the z of every parameter is about standard normal."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

import datagen
from datagen.validation.inputs.dataset_view import View
from datagen.validation.inputs.discovery import found
from datagen.validation.slicing.file_slice import FileSlice
from datagen.validation.states import findings, observed
from datagen.validation.suite import suite
from datagen.validation.validate import pieces_of
from tests.validation.planted import document


def world(gaps):
    """Everything at once, where the events of a user follow each other in this way."""
    return document(
        [
            {"type": "segments", "column": "plan", "multiply": {"pro": {"visits": 2.5, "visits.spent": 1.5}}},
            {"type": "vintage", "multiply": {"visits": [1.5, 1.2, 1.0, 0.9]}},
            {
                "type": "retention",
                "lifetime": {"type": "weibull", "shape": 0.8, "scale": 24},
                "truth_column": "gone_at",
            },
        ],
        {
            "rows": {"type": "events", "mean_per_month": 1.5, "dispersion": 0.5, "gaps": gaps},
            "behaviors": [
                {"type": "trend", "shape": "exponential", "growth_per_year": 0.4},
                {"type": "seasonality", "weekday": {"sat": 1.5, "sun": 1.3}, "hour": "retail", "month": {"dec": 1.5}},
                {"type": "interventions", "effects": [{"from": "2024-03-01", "to": "2024-04-01", "multiply": 1.6}]},
                {"type": "noise", "rho": 0.5, "sd": 0.12},
            ],
        },
        spent={"type": "lognormal", "median": 30, "sigma": 0.7, "decimals": 2},
    )


RANDOM = {"type": "poisson"}
BOUGHT = document(
    [
        {"type": "bg_nbd", "of": "visits", "unit": "week", "r": 0.9, "a": 0.8, "b": 6},
        {"type": "segments", "column": "plan", "multiply": {"pro": {"visits": 2.5}}},
        {"type": "vintage", "multiply": {"visits": [1.5, 1.2, 1.0, 0.9]}},
    ],
    {
        "rows": {"type": "events", "mean_per_week": 0.4},
        "behaviors": [
            {"type": "trend", "shape": "exponential", "growth_per_year": 0.4},
            {"type": "seasonality", "weekday": {"sat": 1.5}, "hour": "retail", "month": {"dec": 1.5}},
            {"type": "noise", "rho": 0.5, "sd": 0.12},
        ],
    },
)
"""Its approximate mean rate, trend and season left aside, is not what is calibrated."""
EXCITED = {"type": "hawkes", "branching": 0.4, "decay": "12h"}
SEEDS = 200
STRATIFIED = ("curve of arrivals", "came before")
"""Arrivals come in even strata, not at random: their z is all but 0."""


def zs(declared, seed, folder, name=None):
    """The z of every parameter of the data of one seed, or of those of the measures of this name."""
    schema = datagen.read(declared)
    datagen.generate(schema, folder, seed=seed, overwrite=True)
    view = View.of(dict(schema.raw), found(folder, schema.document.tables))
    measures = tuple(m for m in suite(view.program) if m.group not in ("constraint", "realism"))
    measures = tuple(m for m in measures if name is None or m.name == name)
    pieces = list(pieces_of(view, folder))
    assert len(pieces) == 1
    judged = findings(measures, observed(measures, FileSlice(view, pieces[0]), view.families[pieces[0].root]))
    return {f"{f.table}.{f.column} {f.subject}": f.z for f in judged if f.z is not None}


@pytest.mark.slow
@pytest.mark.parametrize(("gaps", "parameters"), [(RANDOM, 17), (EXCITED, 16)], ids=["random", "excited"])
def test_z_is_standard_normal_over_200_seeds(tmp_path, gaps, parameters):
    seen = defaultdict(list)
    for seed in range(SEEDS):
        for name, z in zs(world(gaps), seed, tmp_path / "out").items():
            seen[name].append(z)
    every = {n: np.array(z) for n, z in seen.items() if not any(word in n for word in STRATIFIED)}
    assert len(every) >= parameters
    for name, z in every.items():
        print(f"{name:70} {z.mean():+.2f} {z.std():.2f} {abs(z).max():.1f}")
    for name, z in every.items():
        most = 1.0 if "variation" in name else 0.3  # noise by day, which no clock knows, adds a little to it
        assert abs(z.mean()) < most, (name, z.mean())
        assert 0.6 < z.std() < 1.3, (name, z.std())
        assert abs(z).max() < 5, (name, z)
    together = np.concatenate(list(every.values()))
    assert abs(together.mean()) < 0.1
    assert 0.85 < together.std() < 1.15
    assert 0.02 < (abs(together) > 1.96).mean() < 0.08


@pytest.mark.slow
def test_z_of_buying_until_one_leaves_is_standard_normal_over_100_seeds(tmp_path):
    seen = defaultdict(list)
    for seed in range(100):
        for name, z in zs(BOUGHT, seed, tmp_path / "out", "PurchaseRecovery").items():
            seen[name].append(z)
    assert len(seen) == 3
    for name, z in seen.items():
        print(f"{name:70} {np.mean(z):+.2f} {np.std(z):.2f} {np.max(np.abs(z)):.1f}")
        assert abs(np.mean(z)) < 0.3, (name, np.mean(z))
        assert 0.7 < np.std(z) < 1.3, (name, np.std(z))
