from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import datagen
from tests.promises.documents import tables


def document(parent: dict[str, Any] | None = None, count: int = 2000, **rows: Any) -> dict[str, Any]:
    events = {
        "parent": "users",
        "rows": {"type": "events", **rows},
        "columns": {"event_id": {"type": "key"}, "user_id": {"type": "parent_key"}, "at": {"type": "event_time"}},
    }
    users = {"rows": count, "columns": {"user_id": {"type": "key"}, **(parent or {})}}
    window = {"start": "2024-01-01", "end": "2024-03-31"}
    return {"datagen": 1, "name": "users", "window": window, "tables": {"users": users, "events": events}}


@pytest.mark.parametrize(
    "unit, per_day", [("hour", 24.0), ("day", 1.0), ("week", 1 / 7), ("month", 24 / 730.5), ("year", 24 / 8766)]
)
def test_the_mean_is_as_declared_in_every_unit(unit: str, per_day: float) -> None:
    made = tables(document(**{f"mean_per_{unit}": 0.3 / per_day}))
    assert made["events"].num_rows == pytest.approx(2000 * 90 * 0.3, rel=0.02)


@pytest.mark.parametrize("mean", [0.001, 0.05, 20.0])
def test_rare_and_frequent_events_have_poisson_counts(mean: float) -> None:
    count = 400 if mean > 1 else 4000
    owner = np.array(tables(document(count=count, mean_per_day=mean))["events"]["user_id"])
    counts = np.bincount(owner - 1, minlength=count)
    assert counts.mean() == pytest.approx(90 * mean, abs=4 * np.sqrt(90 * mean / count))
    assert counts.var() == pytest.approx(90 * mean, rel=0.3)


def test_dispersion_makes_counts_negative_binomial() -> None:
    owner = np.array(tables(document(count=8000, mean_per_day=0.2, dispersion=0.5))["events"]["user_id"])
    counts = np.bincount(owner - 1, minlength=8000)
    assert (counts.var() - counts.mean()) / counts.mean() ** 2 == pytest.approx(0.5, rel=0.1)


def test_events_begin_and_end_with_columns_of_the_parent() -> None:
    parent = {
        "opened": {"type": "uniform", "min": "2024-01-10", "max": "2024-02-10"},
        "closed": {"type": "after", "column": "opened", "delay": {"type": "exponential", "mean": "20d"}},
    }
    made = tables(document(parent, mean_per_day=0.5, since="opened", until="closed"))
    joined = made["events"].to_pandas().merge(made["users"].to_pandas())
    assert (joined["at"] >= joined["opened"]).all()
    assert (joined["at"] < joined["closed"].fillna(pd.Timestamp("2024-03-31"))).all()
    assert joined["closed"].isna().any()


@pytest.mark.parametrize(
    "rows, words",
    [
        ({}, "has none"),
        ({"mean_per_day": 1, "mean_per_week": 1}, "has mean_per_day and mean_per_week"),
        ({"mean_per_day": 1, "since": "opening"}, "has no column 'opening'"),
        ({"mean_per_day": 1, "until": "user_id"}, "is int, not a timestamp"),
    ],
)
def test_contradictory_fields_are_problems(rows: dict[str, Any], words: str) -> None:
    assert any(words in problem.message for problem in datagen.check(document(**rows)))


def test_calendars_by_group_give_each_group_its_own_week() -> None:
    made = document({"kind": {"type": "choice", "values": ["work", "home"]}}, mean_per_day=1.0)
    made["tables"]["users"]["behaviors"] = [
        {
            "type": "seasonality",
            "of": "events",
            "weekday": {"sat": 0.25, "sun": 0.25},
            "by": {"column": "kind", "cases": {"home": {"weekday": {"sat": 2.0, "sun": 2.0}}}},
        }
    ]
    done = tables(made)
    joined = done["events"].to_pandas().merge(done["users"].to_pandas())
    weekend = joined.groupby("kind", observed=True)["at"].apply(lambda at: (at.dt.dayofweek >= 5).mean())
    assert weekend["work"] == pytest.approx(0.5 / 5.5, rel=0.05)
    assert weekend["home"] == pytest.approx(4 / 9, rel=0.05)
    in_order = list(zip(joined["user_id"], joined["at"], strict=True))
    assert in_order == sorted(in_order)
