"""The standard errors are right: over many seeds the z of every parameter is about standard normal."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import statsmodels.api as sm

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
OTHER = ("independent of all others", "precision of", "came before")
"""What is no parameter: the largest of many z, times on whole minutes (almost never one), and a share that is exact."""
WIDENED = {"noise sd from": 1.5, "local variation": 1.5}
"""Standard errors that are wider on purpose: for skewed noise in one year, for gaps whose clock knows no noise."""


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
    every = {n: np.array(z) for n, z in seen.items() if not any(word in n for word in OTHER)}
    for name, factor in ((n, f) for n in every for word, f in WIDENED.items() if word in n):
        every[name] = every[name] * factor
    often = {n: z for n, z in every.items() if len(z) > SEEDS // 2}
    assert len(often) >= parameters
    for name, z in often.items():
        print(f"{name:70} {z.mean():+.2f} {z.std():.2f} {abs(z).max():.1f}")
    for name, z in often.items():
        assert abs(z.mean()) < (1.0 if "variation" in name else 0.3), (name, z.mean())
        assert 0.85 < z.std() < 1.15, (name, z.std())
    together = np.concatenate(list(every.values()))
    assert abs(together).max() < 4.5  # of 5,000 standard normal numbers one is beyond 4 in 3 of 10 cases
    assert abs(together.mean()) < 0.1
    assert 0.85 < together.std() < 1.15
    assert 0.02 < (abs(together) > 1.96).mean() < 0.08


ARRIVING = document(
    users={
        "rows": {"type": "arrivals", "mean_per_day": 12},
        "behaviors": [
            {"type": "seasonality", "weekday": {"sat": 1.5}, "month": {"dec": 1.4}},
            {"type": "trend", "shape": "exponential", "growth_per_year": 0.3},
        ],
    },
    visits={"rows": {"type": "events", "mean_per_year": 0.1}},
)


@pytest.mark.slow
def test_z_of_arrivals_is_standard_normal_over_200_seeds(tmp_path):
    """By a Poisson regression of the days of statsmodels, and by the metric of validation."""
    days = pd.date_range("2023-01-01", "2024-12-31", freq="D")
    years = (days - days[0] + pd.Timedelta(hours=12)) / pd.Timedelta(days=365.25)
    x = sm.add_constant(np.column_stack([days.dayofweek == 5, days.month == 12, years]).astype(float))
    seen = defaultdict(list)
    for seed in range(SEEDS):
        for name, z in zs(ARRIVING, seed, tmp_path / "out", "ArrivalRecovery").items():
            seen[name].append(z)  # the variance of daily counts, and each factor
        joined = pq.read_table(tmp_path / "out" / "users")["joined_at"].to_pandas()
        counts = joined.dt.floor("D").value_counts().reindex(days, fill_value=0).to_numpy()
        fit = sm.GLM(counts, x, family=sm.families.Poisson()).fit()
        for at, (name, planted) in enumerate({"saturday": 1.5, "december": 1.4, "growth": 1.3}.items(), 1):
            seen[name].append((fit.params[at] - np.log(planted)) / fit.bse[at])
    assert len(seen) >= 7
    for name, z in seen.items():
        print(f"{name:70} {np.mean(z):+.2f} {np.std(z):.2f} {np.max(np.abs(z)):.1f}")
        assert abs(np.mean(z)) < 0.3, (name, np.mean(z))
        assert 0.85 < np.std(z) < 1.15, (name, np.std(z))
        assert np.max(np.abs(z)) < 4, (name, np.max(np.abs(z)))


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
