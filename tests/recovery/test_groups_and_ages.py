"""What is planted by group and age is found by the analyst's generalized linear models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.recovery.worlds import END, SEEDS, START, aged, exposure_months, grouped, holds

MONTH = pd.Timedelta(hours=730.5)


def counts(world: dict[str, pd.DataFrame]) -> pd.DataFrame:
    customers = (
        world["customers"].merge(world["_truth/customers"])
        if "_truth/customers" in world
        else world["customers"].copy()
    )
    per = world["orders"].groupby("customer_id").size()
    customers["n"] = customers["customer_id"].map(per).fillna(0)
    customers["months"] = exposure_months(customers)
    return customers[customers["months"] > 0]


@pytest.mark.parametrize("seed", SEEDS)
def test_segment_multipliers_and_dispersion_by_negative_binomial_regression(seed: int) -> None:
    data = counts(grouped(seed))
    design = pd.DataFrame(
        {"vip": data["segment"] == "vip", "bargain": data["segment"] == "bargain", "keen": data["taste"] == "keen"}
    )
    fit = sm.NegativeBinomial(data["n"], sm.add_constant(design.astype(float)), exposure=data["months"]).fit(disp=0)
    for name, planted in {"vip": 3.0, "bargain": 0.8, "keen": 1.6, "const": 0.7}.items():
        assert holds(np.log(planted), fit.params[name], fit.bse[name]), name
    assert holds(0.8, fit.params["alpha"], fit.bse["alpha"])


@pytest.mark.parametrize("seed", SEEDS)
def test_segment_multipliers_on_values_by_a_gamma_regression(seed: int) -> None:
    world = grouped(seed)
    data = world["orders"].merge(world["customers"])
    design = pd.DataFrame({"vip": data["segment"] == "vip", "bargain": data["segment"] == "bargain"}).astype(float)
    fit = sm.OLS(np.log(data["amount"]), sm.add_constant(design)).fit()
    for name, planted in {"vip": 1.8, "bargain": 0.6, "const": 40.0}.items():
        assert holds(np.log(planted), fit.params[name], fit.bse[name] + 1e-4), name


@pytest.mark.parametrize("seed", SEEDS)
def test_the_newest_cohort_has_the_events_of_its_exposure(seed: int) -> None:
    """Exposure is not forgotten: who came last month has a month's worth."""
    data = counts(grouped(seed))
    plain = data[(data["segment"] == "standard") & (data["taste"] == "calm")]
    for months in (3, 6, 12):
        newest = plain[plain["months"] < months]
        expected = newest["months"] * 0.7
        error = np.sqrt(expected.sum() + 0.8 * (expected**2).sum())
        assert holds(expected.sum(), newest["n"].sum(), error)


def person_ages(world: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Events and exposure by customer cohort and month of age: the cohort table."""
    customers, orders = world["customers"], world["orders"].merge(world["customers"][["customer_id", "created_at"]])
    begun, cohort = customers["created_at"], customers["created_at"].dt.year.clip(lower=2022)
    orders["age"] = ((orders["ordered_at"] - orders["created_at"]) / MONTH).astype(int).clip(upper=5)
    orders["cohort"] = orders["created_at"].dt.year.clip(lower=2022)
    rows = []
    for age in range(6):
        low = (begun + age * MONTH).clip(lower=START)
        high = ((begun + (age + 1) * MONTH) if age < 5 else pd.Series(END, begun.index)).clip(upper=END)
        exposed = ((high - low) / MONTH).clip(lower=0)
        seen = orders[orders["age"] == age].groupby("cohort").size()
        rows += [(age, c, seen.get(c, 0), exposed[cohort == c].sum()) for c in (2022, 2023, 2024)]
    return pd.DataFrame(rows, columns=["age", "cohort", "n", "months"])


@pytest.mark.parametrize("seed", SEEDS)
def test_vintage_points_and_cohorts_by_a_poisson_regression_with_age_factors(seed: int) -> None:
    data = person_ages(aged(seed))
    design = pd.get_dummies(data[["age", "cohort"]].astype(str), drop_first=True).astype(float)
    fit = sm.GLM(data["n"], sm.add_constant(design), family=sm.families.Poisson(), exposure=data["months"]).fit()
    planted = {
        "const": 2.0,
        "age_1": 0.75,
        "age_2": 0.6,
        "age_3": 0.5,
        "age_4": 0.45,
        "age_5": 0.4,
        "cohort_2023": 0.8,
        "cohort_2024": 1.25,
    }
    for name, value in planted.items():
        assert holds(np.log(value), fit.params[name], fit.bse[name]), name


@pytest.mark.parametrize("seed", SEEDS)
def test_values_follow_age_by_regression(seed: int) -> None:
    world = aged(seed)
    data = world["orders"].merge(world["customers"])
    age = (data["ordered_at"] - data["created_at"]) / MONTH
    young = age < 20
    curve = np.exp(np.log(data["amount"][young])) / np.exp(0.125)  # the mean of a lognormal is above its median
    fit = sm.OLS(curve / 40, sm.add_constant(age[young].rename("age"))).fit(cov_type="HC1")
    assert holds(0.02, fit.params["age"] / fit.params["const"], fit.bse["age"])


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_orders_before_birth(seed: int) -> None:
    data = aged(seed)["orders"].merge(aged(seed)["customers"])
    assert (data["ordered_at"] >= data["created_at"]).all()
