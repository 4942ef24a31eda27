"""What is planted in behaviors of entities is found in the rows by the standard estimators of the field."""

import numpy as np
import pytest
import statsmodels.api as sm
from lifelines import KaplanMeierFitter

from datagen import preview
from datagen.time_units import MONTH_HOURS
from tests.kinds.behaviors.entities import END, START, shop

HOUR = 3_600_000_000
SEEDS = pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])


def made(seed, *behaviors, customers=4000, per_month=2.0, before_window=0.3, truth=()):
    """Customers and orders as columns; truth columns are shown."""
    document = shop(*behaviors)
    document["seed"] = seed
    document["tables"]["customers"]["rows"] |= {"count": customers, "before_window": before_window}
    document["tables"]["customers"]["columns"] |= {name: {"type": name} for name in truth}
    document["tables"]["orders"]["rows"] = {"type": "events", "mean_per_month": per_month}
    del document["tables"]["items"]
    tables = preview(document, rows=100 * customers)
    born = tables["customers"]["created_at"].cast("int64").to_numpy()
    buyer = tables["orders"]["customer_id"].to_numpy() - 1
    at = tables["orders"]["ordered_at"].cast("int64").to_numpy()
    return tables, born, buyer, at


@SEEDS
def test_segment_multipliers_by_poisson_regression_with_exposure(seed):
    planted = {"vip": 3.0, "bargain": 0.5}
    multiply = {name: {"orders": factor} for name, factor in planted.items()}
    tables, born, buyer, _ = made(seed, {"type": "segments", "column": "segment", "multiply": multiply})
    segment = np.array(tables["customers"]["segment"].to_pylist())
    counts = np.bincount(buyer, minlength=len(born))
    months = (END - np.maximum(born, START)) / HOUR / MONTH_HOURS
    design = sm.add_constant(np.column_stack([segment == name for name in planted]).astype(float))
    fitted = sm.GLM(counts, design, sm.families.Poisson(), exposure=months).fit()
    expected = np.log([2.0, *planted.values()])
    assert (np.abs(fitted.params - expected) < 3.5 * fitted.bse).all()


@SEEDS
def test_vintage_points_by_events_and_exposure_at_each_age(seed):
    """Age is measured at each event: the rate in the k-th month of life is the base times the k-th point."""
    points = [1.0, 0.75, 0.6, 0.5, 0.45, 0.4]
    _, born, buyer, at = made(seed, {"type": "vintage", "multiply": {"orders": points}})
    age = (at - born[buyer]) / HOUR / MONTH_HOURS
    first, last = np.maximum(START - born, 0) / HOUR / MONTH_HOURS, (END - born) / HOUR / MONTH_HOURS
    for k, point in enumerate(points):
        upper = k + 1 if k + 1 < len(points) else np.inf
        exposure = np.maximum(np.minimum(last, upper) - np.maximum(first, k), 0).sum()
        events = ((age >= k) & (age < upper)).sum()
        assert events / exposure == pytest.approx(2.0 * point, abs=4 * np.sqrt(events) / exposure)


@pytest.mark.filterwarnings("ignore")
@SEEDS
def test_retention_by_kaplan_meier_and_no_event_outside_life(seed):
    behavior = {"type": "retention", "lifetime": {"type": "sbg", "alpha": 0.7, "beta": 4, "cure_share": 0.1}}
    tables, born, buyer, at = made(seed, behavior, before_window=0.0, truth=("lifetime_end",))
    column = tables["customers"]["lifetime_end"].cast("int64")
    died = column.fill_null(END).to_numpy()
    assert (at >= born[buyer]).all() and (at < died[buyer]).all()
    lived = (died - born) / HOUR / MONTH_HOURS
    curve = KaplanMeierFitter().fit(lived, ~np.array(column.is_null()))
    kept = np.cumprod([(4 + t - 1) / (4.7 + t - 1) for t in range(1, 9)])
    found = curve.survival_function_at_times(np.arange(1, 9) + 0.01).to_numpy()
    assert found == pytest.approx(0.1 + 0.9 * kept, abs=0.035)


def test_the_dead_of_an_old_base_have_no_events_and_the_living_their_full_rate():
    behavior = {"type": "retention", "lifetime": {"type": "exponential", "mean": 6}}
    tables, born, buyer, _ = made(1, behavior, before_window=1.0, truth=("lifetime_end",))
    died = tables["customers"]["lifetime_end"].cast("int64").fill_null(END).to_numpy()
    counts = np.bincount(buyer, minlength=len(born))
    assert counts[died <= START].sum() == 0 and (died <= START).mean() > 0.4
    months = np.maximum(died - START, 0).sum() / HOUR / MONTH_HOURS
    assert counts.sum() == pytest.approx(2.0 * months, rel=0.03)


def test_a_longer_window_adds_events_and_changes_none():
    behaviors = [
        {"type": "vintage", "multiply": {"orders": {"type": "weibull", "scale": 9, "shape": 0.7}}},
        {
            "type": "retention",
            "lifetime": {"type": "weibull", "shape": 0.8, "scale": 10},
            "reactivation": {"share": 0.5, "after": {"type": "exponential", "mean": 2}},
        },
        {"type": "frailty", "of": ["orders"], "dispersion": 0.5},
        {"type": "bg_nbd", "of": "orders", "r": 2, "a": 1, "b": 9},
    ]

    def events(end):
        document = shop(*behaviors)
        document["window"]["end"] = end
        document["tables"]["customers"]["rows"] |= {"count": 500, "before_window": 0.4, "end": "2024-10-01"}
        del document["tables"]["items"]
        orders = preview(document, rows=100_000)["orders"].to_pydict()
        return set(zip(orders["customer_id"], orders["ordered_at"], orders["amount"], strict=True))

    short, long = events("2024-11-11"), events("2026-02-01")
    last = max(at for _, at, _ in short)
    assert len(short) > 500 and len(long) > len(short)
    assert {event for event in long if event[1] <= last} == short
