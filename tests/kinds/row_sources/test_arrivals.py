from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import datagen
from tests.promises.documents import tables

WINDOW = {"start": "2023-01-01", "end": "2025-01-01"}


def document(window_end: str = "2025-01-01", **rows: Any) -> dict[str, Any]:
    columns = {"user_id": {"type": "key"}, "at": {"type": "arrival_time"}}
    users = {"rows": {"type": "arrivals", **rows}, "columns": columns}
    return {"datagen": 1, "name": "users", "window": {**WINDOW, "end": window_end}, "tables": {"users": users}}


def times(window_end: str = "2025-01-01", **rows: Any) -> pd.Series:
    return tables(document(window_end, **rows))["users"].to_pandas()["at"]


def test_keys_grow_with_time_and_nobody_arrives_outside_the_window() -> None:
    at = times(count=5000)
    assert at.is_monotonic_increasing
    assert at.min() >= pd.Timestamp("2023-01-01") and at.max() < pd.Timestamp("2025-01-01")


def test_a_share_arrived_before_the_window_within_the_history() -> None:
    at = times(count=5000, before_window=0.3, history="1y")
    before = at < pd.Timestamp("2023-01-01")
    assert before.sum() == 1500 and before.iloc[:1500].all()
    assert at.min() >= pd.Timestamp("2022-12-31") - pd.Timedelta(days=364.25)


def test_linear_growth_shows_in_the_years() -> None:
    at = times(count=30_000, curve={"type": "linear", "growth_per_year": 1.0})
    first, second = at.dt.year.value_counts().sort_index()
    assert second / first == pytest.approx(2.5 / 1.5, rel=0.04)


def test_until_ends_arrivals_and_makes_them_independent_of_the_window() -> None:
    short, long = (times(end, count=500, end="2024-01-01") for end in ("2024-06-01", "2025-01-01"))
    assert short.max() < pd.Timestamp("2024-01-01")
    assert short.equals(long)


@pytest.mark.parametrize("unit, per_year", [("day", 365.25), ("month", 12), ("year", 1)])
def test_a_mean_rate_gives_a_poisson_number_and_a_longer_window_keeps_the_first(unit: str, per_year: float) -> None:
    ends = ("2024-01-01", "2024-05-05T05:50:00", "2025-01-01")
    short, odd, long = (times(end, **{f"mean_per_{unit}": 2400 / per_year}) for end in ends)
    assert len(short) == pytest.approx(2400, abs=4 * 2400**0.5)
    assert len(long) == pytest.approx(4800, abs=4 * 4800**0.5)
    assert long[: len(short)].equals(short) and long[: len(odd)].equals(odd)
    assert long[len(short)] >= pd.Timestamp(ends[0]) and long[len(odd)] >= pd.Timestamp(ends[1])


def test_seasons_and_noise_shape_acquisition() -> None:
    made = document(count=40_000)
    made["tables"]["users"]["behaviors"] = [{"type": "seasonality", "weekday": {"sat": 3.0}}]
    weekday = tables(made)["users"].to_pandas()["at"].dt.dayofweek.value_counts()
    assert weekday[5] / weekday[2] == pytest.approx(3.0, rel=0.06)


@pytest.mark.parametrize(
    "rows, said",
    [
        ({}, "has none"),
        ({"count": 5, "mean_per_day": 1}, "has count and mean_per_day"),
        ({"mean_per_day": 1, "before_window": 0.5}, "before_window is a share of count"),
        ({"count": 5, "end": "2030-01-01"}, "end lies outside the window"),
        ({"count": 5, "history": "1s"}, "history is shorter than an hour"),
    ],
)
def test_what_cannot_be_meant_is_told(rows: dict[str, Any], said: str) -> None:
    assert any(said in problem.message for problem in datagen.check(document(**rows)))


def test_a_curve_that_is_zero_all_along_is_refused() -> None:
    falling = {"type": "linear", "growth_per_year": -10}
    made = document(count=5, curve=falling)
    made["tables"]["users"]["rows"]["before_window"] = 0.5
    made["tables"]["users"]["behaviors"] = [
        {"type": "interventions", "effects": [{"from": "2022-12-31", "to": "2023-03-01", "multiply": 0}]}
    ]
    with pytest.raises(datagen.PlanError, match="no time to arrive in"):
        datagen.plan(made)
