from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

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


YEARS = 731 / 365.25
"""The length of the window."""
CURVES: dict[str, tuple[dict[str, Any], Callable[[np.ndarray], np.ndarray]]] = {
    "even": ({"type": "linear"}, lambda t: t),
    "linear": ({"type": "linear", "growth_per_year": 1.5}, lambda t: t + 0.75 * t**2),
    "logistic": (
        {"type": "logistic", "midpoint": "2024-01-01", "steepness_per_year": 4},
        lambda t: 1 / (1 + np.exp(-4 * (t - 365 / 365.25))),
    ),
    "bass": (
        {"type": "bass", "p": 0.1, "q": 2.5},
        lambda t: (1 - np.exp(-2.6 * t)) / (1 + 25 * np.exp(-2.6 * t)),
    ),
}


def years(at: pd.Series) -> np.ndarray:
    """Since the window's start."""
    return (at - pd.Timestamp("2023-01-01")).to_numpy().astype("timedelta64[us]").astype(np.int64) / (365.25 * 86_400e6)


@pytest.mark.parametrize("curve", CURVES)
def test_time_rescaled_gaps_are_exponential(curve: str) -> None:
    """By the cumulative curve as its definition has it, not as the engine adds it up."""
    words, reached = CURVES[curve]
    at = years(times(count=8000, curve=words))
    low, high = reached(np.array([0.0, YEARS]))
    gaps = np.diff((reached(at) - low) / (high - low) * 8000)
    assert stats.kstest(gaps, "expon").statistic < 1.6 / 8000**0.5
    assert abs(np.corrcoef(gaps[1:], gaps[:-1])[0, 1]) < 4 / 8000**0.5


def test_gaps_are_exponential_through_a_season() -> None:
    made = document("2023-12-31", count=8000)  # 52 weeks
    made["tables"]["users"]["behaviors"] = [{"type": "seasonality", "weekday": {"sat": 4.0, "tue": 0.2}}]
    at = years(tables(made)["users"].to_pandas()["at"]) * 365.25
    weights = np.array([4, 1, 1, 0.2, 1, 1, 1])[[1, 2, 3, 4, 5, 6, 0]]  # 2023-01-01 was a Sunday, the last of these
    weights = np.tile(weights, 52)
    reached = np.concatenate(([0.0], np.cumsum(weights)))
    gaps = np.diff(np.interp(at, np.arange(365), reached) / reached[-1] * 8000)
    assert stats.kstest(gaps, "expon").statistic < 1.6 / 8000**0.5


def test_daily_counts_vary_as_much_as_their_mean() -> None:
    """The index of dispersion over 20 seeds; even distances would give .02."""
    found = []
    for seed in range(20):
        day = years(tables({**document(count=7310), "seed": seed})["users"].to_pandas()["at"]) * 365.25
        counts = np.bincount(day.astype(np.int64), minlength=731)
        found.append(counts.var() / counts.mean())
    assert np.mean(found) == pytest.approx(1.0, abs=4 * (2 / 731 / 20) ** 0.5)
    assert np.std(found) == pytest.approx((2 / 731) ** 0.5, rel=0.6)


def test_noise_makes_daily_counts_vary_more() -> None:
    made = document(count=36_550)
    made["tables"]["users"]["behaviors"] = [{"type": "noise", "sd": 0.2, "rho": 0.0}]
    day = years(tables(made)["users"].to_pandas()["at"]) * 365.25
    counts = np.bincount(day.astype(np.int64), minlength=731)
    assert counts.var() / counts.mean() == pytest.approx(1 + 0.04 * 50, rel=0.25)


def test_a_part_that_is_made_alone_is_the_part_of_the_whole() -> None:
    made = document(count=3000, before_window=0.3)
    whole, small = tables(made)["users"], tables(made, partition_rows=217)["users"]
    assert small.equals(whole)


CASE = Path(__file__).parents[2] / "cases" / "existing-at-the-microsecond.yaml"


def referring(rows: dict[str, Any], window: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(CASE.read_text())
    made["window"] = window
    made["tables"]["promo"]["rows"] = {"type": "arrivals", **rows}
    return made


@pytest.mark.parametrize(
    "made",
    [
        yaml.safe_load(CASE.read_text()),
        referring({"mean_per_day": 0.5, "curve": {"type": "exponential", "growth_per_year": 2}}, WINDOW),
        referring({"count": 40, "before_window": 0.3}, {"start": "2024-03-03T10:20:30", "end": "2024-09-01T23:10:05"}),
        referring({"count": 1, "end": "2023-05-05T05:05:05"}, WINDOW),
    ],
    ids=["case", "rate", "window off the hour", "one"],
)
def test_a_row_can_be_chosen_from_the_microsecond_in_which_it_arrives(made: dict[str, Any]) -> None:
    """Nothing is chosen only where nothing had arrived; no row is chosen too early; the newest rows are chosen."""
    found = tables(made)
    starts = found["promo"].to_pandas()["starts"].to_numpy()
    chosen = found["o"].to_pandas()
    there = np.searchsorted(starts, chosen["t"].to_numpy(), side="right")
    assert ((there == 0) == chosen["promo"].isna()).all()
    assert (chosen["promo"].fillna(0) <= there).all()
    newest = there >= len(starts)
    assert len(starts) < 2 or newest.sum() < 100 or (chosen["promo"][newest] == len(starts)).any()


@pytest.mark.parametrize(
    "rows, words",
    [
        ({}, "has none"),
        ({"count": 5, "mean_per_day": 1}, "has count and mean_per_day"),
        ({"mean_per_day": 1, "before_window": 0.5}, "before_window is a share of count"),
        ({"count": 5, "end": "2030-01-01"}, "end is outside the window"),
        ({"count": 5, "history": "1s"}, "history is shorter than an hour"),
    ],
)
def test_contradictory_fields_are_problems(rows: dict[str, Any], words: str) -> None:
    assert any(words in problem.message for problem in datagen.check(document(**rows)))


def test_a_curve_that_is_zero_all_along_is_refused() -> None:
    falling = {"type": "linear", "growth_per_year": -10}
    made = document(count=5, curve=falling)
    made["tables"]["users"]["rows"]["before_window"] = 0.5
    made["tables"]["users"]["behaviors"] = [
        {"type": "interventions", "effects": [{"from": "2022-12-31", "to": "2023-03-01", "multiply": 0}]}
    ]
    with pytest.raises(datagen.PlanError, match="because the curve is 0"):
        datagen.plan(made)
