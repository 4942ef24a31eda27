"""What is planted on the calendar is found by regression, STL, autocorrelation, NLS and change-point search."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import ruptures
import statsmodels.api as sm
from scipy.optimize import curve_fit
from statsmodels.tsa.seasonal import STL

from tests.recovery.worlds import END, SEEDS, START, daily, frames, holds, seasonal, shop

WEEKDAY = {
    "Monday": 0.8,
    "Tuesday": 1.0,
    "Wednesday": 1.0,
    "Thursday": 1.0,
    "Friday": 1.0,
    "Saturday": 1.5,
    "Sunday": 1.3,
}
MONTHS = {1: 0.8, 7: 0.9, 11: 1.2, 12: 1.5}


def regression(days: pd.Series) -> sm.regression.linear_model.RegressionResults:
    """Logarithms of daily counts on month, weekday and time; what is left over remembers yesterday (Cochrane and Orcutt
    1949).
    """
    design = pd.concat(
        [
            pd.get_dummies(days.index.month, prefix="m").drop(columns="m_2"),
            pd.get_dummies(days.index.day_name()).drop(columns="Tuesday"),
        ],
        axis=1,
    ).astype(float)
    design["year"] = (np.arange(len(days)) + 0.5) / 365.25
    design.index = days.index
    return sm.GLSAR(np.log(days), sm.add_constant(design), rho=1).iterative_fit(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_month_and_weekday_indices_and_growth_by_regression(seed: int) -> None:
    fit = regression(daily(seasonal(seed)["orders"]["ordered_at"]))
    for name, planted in WEEKDAY.items():
        if name != "Tuesday":
            assert holds(np.log(planted), fit.params[name], fit.bse[name]), name
    for month in (1, *range(3, 13)):
        assert holds(np.log(MONTHS.get(month, 1.0)), fit.params[f"m_{month}"], fit.bse[f"m_{month}"]), month
    assert holds(np.log(1.25), fit.params["year"], fit.bse["year"])


@pytest.mark.parametrize("seed", SEEDS)
def test_daily_noise_remembers_yesterday(seed: int) -> None:
    days = daily(seasonal(seed)["orders"]["ordered_at"])
    residual = regression(days).resid.to_numpy()
    poisson = float(np.mean(1 / days))
    variance = residual.var() - poisson
    assert np.sqrt(variance) == pytest.approx(0.1, abs=0.012)
    n = len(days)
    lag1 = float(np.mean(residual[1:] * residual[:-1])) / variance
    assert abs(lag1 - 0.6) < 3.29 * np.sqrt((1 - 0.36) / n) + 0.05  # and what the regression's terms take with them


@pytest.mark.parametrize("seed", SEEDS)
def test_hours_follow_their_profile(seed: int) -> None:
    from datagen.kinds.behaviors.support.seasonal_indices import PROFILES

    weights = np.array(PROFILES["retail"])
    times = seasonal(seed)["orders"]["ordered_at"]
    found = times.dt.hour.value_counts().sort_index().to_numpy()
    planted = weights / weights.sum() * len(times)
    assert np.all(np.abs(found - planted) < 4.2 * np.sqrt(planted))


def test_seasonal_strength_by_stl() -> None:
    """Strength of seasonality after Wang, Smith and Hyndman (2006): 1 - Var(remainder) / Var(seasonal + remainder)."""
    days = daily(seasonal(1)["orders"]["ordered_at"])
    parts = STL(np.log(days), period=7, robust=True).fit()
    assert 1 - parts.resid.var() / (parts.seasonal + parts.resid).var() > 0.6


@pytest.mark.parametrize("seed", SEEDS)
def test_growth_by_regression_on_monthly_sums_explains_nearly_all(seed: int) -> None:
    """Rate and value grow by their own trends; revenue by the product of both."""
    document = shop(
        customers={"rows": 4000},
        orders={
            "behaviors": [
                {"type": "trend", "shape": "exponential", "growth_per_year": 0.3},
                {"type": "trend", "shape": "exponential", "growth_per_year": 0.12, "of": "amount"},
                {"type": "noise", "rho": 0.5, "sd": 0.05},
            ]
        },
        rows={"type": "events", "mean_per_month": 3.0},
        columns={"amount": {"type": "lognormal", "median": 40, "sigma": 0.5, "decimals": 2}},
    )
    document["tables"]["customers"]["columns"].pop("created_at")
    orders = frames(document, seed)["orders"]
    month = orders["ordered_at"].dt.to_period("M")
    length = month.drop_duplicates().sort_values().dt.days_in_month.to_numpy()
    middle = np.cumsum(length) - length / 2
    for series, planted in (
        (orders.groupby(month).size(), 1.3),
        (orders.groupby(month)["amount"].mean(), 1.12),
        (orders.groupby(month)["amount"].sum(), 1.3 * 1.12),
    ):
        per_day = series.to_numpy() / (1 if planted == 1.12 else length)
        fit = sm.OLS(np.log(per_day), sm.add_constant(middle / 365.25)).fit()
        assert fit.rsquared > 0.9
        assert holds(np.log(planted), fit.params[1], fit.bse[1])


@pytest.mark.parametrize("seed", SEEDS)
def test_change_points_of_growth_by_pelt(seed: int) -> None:
    document = shop(
        customers={"rows": 4000},
        orders={
            "behaviors": [
                {
                    "type": "trend",
                    "shape": "piecewise",
                    "levels": [{"at": "2023-02-01", "level": 1.5}, {"at": "2024-04-01", "level": 0.9}],
                },
                {"type": "noise", "rho": 0.3, "sd": 0.05},
            ]
        },
        rows={"type": "events", "mean_per_month": 3.0},
    )
    document["tables"]["customers"]["columns"].pop("created_at")
    days = np.log(daily(frames(document, seed)["orders"]["ordered_at"])).to_numpy()
    found = ruptures.Pelt(model="l2", min_size=14).fit(days[:, None]).predict(pen=1.5)[:-1]
    planted = [(pd.Timestamp(at) - START).days for at in ("2023-02-01", "2024-04-01")]
    assert len(found) == 2
    assert np.abs(np.array(found) - planted).max() <= 4


@pytest.mark.parametrize("seed", SEEDS)
def test_bass_diffusion_by_nonlinear_least_squares(seed: int) -> None:
    """p, q and m are identifiable because the window passes the peak (Srinivasan and Mason 1986)."""
    document = shop(
        customers={
            "rows": {
                "type": "arrivals",
                "count": 20_000,
                "curve": {"type": "bass", "p": 0.03, "q": 3.0, "unit": "year"},
            }
        },
        orders={},
        rows={"type": "events", "mean_per_year": 0.01},
    )
    arrived = frames(document, seed)["customers"]["created_at"]
    weeks = ((arrived - START) / pd.Timedelta(days=7)).astype(int)
    seen = weeks.value_counts().reindex(range(156), fill_value=0).sort_index().to_numpy()

    def share(t: np.ndarray, p: float, q: float) -> np.ndarray:
        return (1 - np.exp(-(p + q) * t)) / (1 + q / p * np.exp(-(p + q) * t))

    years = np.arange(157) * 7 / 365.25
    (p, q, m), errors = curve_fit(
        lambda _, p, q, m: m * np.diff(share(years, p, q)), np.arange(156), seen, p0=(0.02, 2.0, 15_000)
    )
    se = np.sqrt(np.diag(errors))
    within = 20_000 / share(np.array([(END - START).days / 365.25]), 0.03, 3.0)[0]
    assert holds(0.03, p, max(se[0], 2e-4)) and holds(3.0, q, max(se[1], 0.01)) and holds(within, m, max(se[2], 60))
