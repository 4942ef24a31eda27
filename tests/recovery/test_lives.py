"""Retention is found by survival analysis, from the hidden truth and from what an analyst sees."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter, WeibullFitter
from scipy.optimize import minimize
from scipy.special import betaln
from statsmodels.tools.numdiff import approx_hess

from tests.recovery.worlds import END, SEEDS, START, frames, holds, shop

MONTH = pd.Timedelta(hours=730.5)


@cache
def living(seed: int, distribution: str) -> dict[str, pd.DataFrame]:
    lifetime = {
        "sbg": {"type": "sbg", "alpha": 1.2, "beta": 6.0},
        "weibull": {"type": "weibull", "shape": 0.7, "scale": 14},
    }[distribution]
    document = shop(
        customers={
            "rows": {"type": "arrivals", "count": 8000},
            "behaviors": [
                {
                    "type": "retention",
                    "lifetime": {**lifetime, "unit": "month"},
                    "truth_column": "alive_until",
                    "never_active_share": 0.05,
                }
            ],
        },
        orders={},
        rows={"type": "events", "mean_per_month": 3.0},
    )
    return frames(document, seed)


def lives(seed: int, distribution: str) -> tuple[np.ndarray, np.ndarray]:
    """Months lived and whether the end was seen, of those who started."""
    world = living(seed, distribution)
    data = world["customers"].merge(world["_truth/customers"])
    seen = data["alive_until"].notna()
    months = ((data["alive_until"].fillna(END) - data["created_at"]) / MONTH).to_numpy()
    started = months > 0
    return months[started], seen.to_numpy()[started]


@pytest.mark.parametrize("seed", SEEDS)
def test_weibull_parameters_by_lifelines(seed: int) -> None:
    months, seen = lives(seed, "weibull")
    fit = WeibullFitter().fit(np.maximum(months, 1e-6), seen)
    assert holds(14, fit.lambda_, fit.summary.loc["lambda_", "se(coef)"])
    assert holds(0.7, fit.rho_, fit.summary.loc["rho_", "se(coef)"])


def minus_log_likelihood(parameters: np.ndarray, months: np.ndarray, seen: np.ndarray) -> float:
    """Of whole months lived under the shifted beta-geometric law (Fader and Hardie 2007), open lives censored."""
    alpha, beta = np.exp(parameters)
    died = betaln(alpha + 1, beta + months - 1) - betaln(alpha, beta)
    alive = betaln(alpha, beta + months) - betaln(alpha, beta)
    return -float(np.sum(np.where(seen, died, alive)))


@pytest.mark.parametrize("seed", SEEDS)
def test_shifted_beta_geometric_parameters_by_maximum_likelihood(seed: int) -> None:
    months, seen = lives(seed, "sbg")
    whole = np.where(seen, np.rint(months), np.floor(months))
    fit = minimize(minus_log_likelihood, np.log([1.0, 3.0]), args=(whole, seen), method="BFGS")
    curvature = approx_hess(fit.x, minus_log_likelihood, args=(whole, seen))
    error = np.sqrt(np.diag(np.linalg.inv(curvature)))
    assert holds(np.log(1.2), fit.x[0], error[0])
    assert holds(np.log(6.0), fit.x[1], error[1])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_retention_rate_rises_with_tenure(seed: int) -> None:
    """Heterogeneity of customers: those who leave easily leave first."""
    months, seen = lives(seed, "sbg")
    survival = KaplanMeierFitter().fit(months, seen).survival_function_at_times(np.arange(25) + 0.5).to_numpy()
    rate = survival[1:] / survival[:-1]
    assert rate[:3].mean() + 0.02 < rate[10:20].mean()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("distribution", ["sbg", "weibull"])
def test_no_event_before_birth_or_after_death_and_a_share_never_starts(distribution: str, seed: int) -> None:
    world = living(seed, distribution)
    data = world["orders"].merge(world["customers"]).merge(world["_truth/customers"])
    assert (data["ordered_at"] >= data["created_at"]).all()
    assert (data["ordered_at"] < data["alive_until"].fillna(END)).all()
    assert (data["ordered_at"] >= START).all() and (data["ordered_at"] < END).all()
    truth = world["customers"].merge(world["_truth/customers"])
    share = (truth["alive_until"] == truth["created_at"]).mean()
    assert holds(0.05, share, np.sqrt(0.05 * 0.95 / len(truth)))
