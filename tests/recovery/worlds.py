"""Documents with planted behavior, and their tables as pandas frames with what an analyst derives from them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from datagen.engine.generate import generate_partition
from tests.promises.documents import planned

START, END = pd.Timestamp("2022-01-01"), pd.Timestamp("2025-01-01")
SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3)))


def frames(document: dict[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """Every table of a document, `_truth/` tables included."""
    plan = planned(document, seed=seed)
    parts: dict[str, list[pa.Table]] = {}
    for partition in plan.partitions:
        for tables in generate_partition(plan, partition):
            for name, table in tables.items():
                parts.setdefault(name, []).append(table)
    return {name: pa.concat_tables(tables).to_pandas() for name, tables in parts.items()}


def shop(
    *, customers: dict[str, Any], orders: dict[str, Any], rows: dict[str, Any], columns: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Customers and their orders; `customers` and `orders` add to the tables, `rows` is the source of the orders."""
    return {
        "datagen": 1,
        "name": "recovery",
        "window": {"start": "2022-01-01", "end": "2025-01-01"},
        "tables": {
            "customers": {
                "rows": {"type": "arrivals", "count": 6000, "before_window": 0.3},
                "columns": {
                    "customer_id": {"type": "key"},
                    "created_at": {"type": "arrival_time"},
                    "segment": {"type": "choice", "values": {"vip": 1, "standard": 6, "bargain": 3}},
                },
                **customers,
            },
            "orders": {
                "parent": "customers",
                "rows": rows,
                "columns": {
                    "order_id": {"type": "key"},
                    "customer_id": {"type": "parent_key"},
                    "ordered_at": {"type": "event_time"},
                    **(columns or {}),
                },
                **orders,
            },
        },
    }


@cache
def grouped(seed: int) -> dict[str, pd.DataFrame]:
    """Two segmentations that multiply each other on rate and value, one of them hidden, and overdispersed customers."""
    document = shop(
        customers={
            "behaviors": [
                {
                    "type": "segments",
                    "column": "segment",
                    "multiply": {
                        "vip": {"orders": 3.0, "orders.amount": 1.8},
                        "bargain": {"orders": 0.8, "orders.amount": 0.6},
                    },
                },
                {"type": "segments", "column": "taste", "multiply": {"keen": {"orders": 1.6}}},
            ]
        },
        orders={},
        rows={"type": "events", "mean_per_month": 0.7, "dispersion": 0.8},
        columns={"amount": {"type": "lognormal", "median": 40, "sigma": 0.7, "decimals": 2}},
    )
    document["tables"]["customers"]["columns"]["taste"] = {
        "type": "choice",
        "values": {"keen": 1, "calm": 2},
        "hidden": True,
    }
    return frames(document, seed)


@cache
def aged(seed: int) -> dict[str, pd.DataFrame]:
    """Age, cohort and life."""
    document = shop(
        customers={
            "rows": {"type": "arrivals", "count": 12000, "before_window": 0.2},
            "behaviors": [
                {
                    "type": "vintage",
                    "multiply": {
                        "orders": {"type": "points", "values": [1.0, 0.75, 0.6, 0.5, 0.45, 0.4]},
                        "orders.amount": {"type": "linear", "slope": 0.02, "ceiling": 1.5},
                    },
                    "cohorts": {"period": "year", "multiply": {"orders": {"2023": 0.8, "2024": 1.25}}},
                }
            ],
        },
        orders={},
        rows={"type": "events", "mean_per_month": 2.0},
        columns={"amount": {"type": "lognormal", "median": 40, "sigma": 0.5, "decimals": 2}},
    )
    return frames(document, seed)


@cache
def seasonal(seed: int) -> dict[str, pd.DataFrame]:
    """Calendar effects and daily noise on the rate, growth on rate and value, a constant base of customers."""
    document = shop(
        customers={"rows": 6000},
        orders={
            "behaviors": [
                {"type": "trend", "shape": "exponential", "growth_per_year": 0.25},
                {"type": "trend", "shape": "exponential", "growth_per_year": 0.1, "of": "amount"},
                {
                    "type": "seasonality",
                    "weekday": {"sat": 1.5, "sun": 1.3, "mon": 0.8},
                    "month": {"jan": 0.8, "jul": 0.9, "nov": 1.2, "dec": 1.5},
                    "hour": "retail",
                },
                {"type": "noise", "rho": 0.6, "sd": 0.1},
            ]
        },
        rows={"type": "events", "mean_per_month": 4.0},
        columns={"amount": {"type": "lognormal", "median": 40, "sigma": 0.5, "decimals": 2}},
    )
    document["tables"]["customers"]["columns"].pop("created_at")
    return frames(document, seed)


def exposure_months(customers: pd.DataFrame) -> np.ndarray:
    """The time each customer could order in, in months of 730.5 hours."""
    begun = customers["created_at"].clip(lower=START)
    return ((END - begun) / pd.Timedelta(hours=730.5)).to_numpy()


def daily(times: pd.Series) -> pd.Series:
    """Events per day over the window, days without any included."""
    return (
        times.dt.floor("D")
        .value_counts()
        .reindex(pd.date_range(START, END, inclusive="left"), fill_value=0)
        .sort_index()
    )


def holds(planted: float, found: float, error: float) -> bool:
    """Whether the planted value lies in the 99.9 % interval of the estimate."""
    return abs(found - planted) <= 3.29 * error
