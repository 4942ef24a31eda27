"""Rates by age: events in stretches of age against the integral of the declared curve over every entity's exposure, in
closed form.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import datagen
from tests.recovery.worlds import frames

CASE = Path(__file__).parents[1] / "cases" / "age_steps.yaml"
END = pd.Timestamp("2025-01-01")
FAR = 4.0
WEEKS = 168.0 * 6 / np.log(2)


def visits(age: np.ndarray) -> np.ndarray:
    """The integral of 0.4 + 0.6 exp(-age / WEEKS)."""
    return 0.4 * age + 0.6 * WEEKS * (1 - np.exp(-age / WEEKS))


def reviews(age: np.ndarray) -> np.ndarray:
    """The integral of 1 / (1 + days)."""
    return 24 * np.log1p(age / 24)


def repeats(age: np.ndarray) -> np.ndarray:
    """The integral of 1 + 0.3 ln(1 + months)."""
    months = age / 730.5
    return age + 0.3 * 730.5 * ((1 + months) * np.log1p(months) - months)


EXPECTED = {
    "visits": (14 / 730.5, visits, np.arange(0, 105, 4) * 168.0),
    "reviews": (
        10 / 24,
        reviews,
        np.array([0, 0.5, 1, 2, 3, 5, 8, 12, 24, 48, 96, 200, 500, 1000, 3000, 8000, 17544.0]),
    ),
    "repeats": (8 / 730.5, repeats, np.arange(0, 25) * 730.5),
}


@pytest.fixture(scope="module")
def found() -> dict[str, pd.DataFrame]:
    document = yaml.safe_load(CASE.read_text())
    document["tables"]["users"]["rows"]["count"] = 2500
    return frames(document, 1)


@pytest.mark.parametrize("table", EXPECTED)
def test_events_by_age_follow_the_declared_curve(found: dict[str, pd.DataFrame], table: str) -> None:
    rate, integral, edges = EXPECTED[table]
    users = found["users"]
    lived = ((END - users["joined_at"]) / pd.Timedelta(hours=1)).to_numpy()
    events = found[table].merge(users, on="user_id")
    age = ((events["at"] - events["joined_at"]) / pd.Timedelta(hours=1)).to_numpy()
    counts = np.histogram(age, edges)[0]
    reached = [rate * integral(np.minimum(lived, edge)).sum() for edge in edges]
    z = (counts - np.diff(reached)) / np.diff(reached) ** 0.5
    assert np.abs(z).max() < FAR
    assert 0.5 < z.std() < 1.5


def two_ages() -> dict[str, Any]:
    """Events on accounts of users: both ages act, and the week, too; everybody begins at one instant within an hour."""
    born = {"type": "constant", "value": "2024-01-01T00:20:00", "as": "timestamp"}
    return {
        "datagen": 1,
        "name": "two_ages",
        "window": {"start": "2024-01-01", "end": "2024-03-01"},
        "tables": {
            "users": {
                "rows": 400,
                "columns": {"user_id": {"type": "key"}, "born": born},
                "behaviors": [
                    {
                        "type": "vintage",
                        "born": "born",
                        "unit": "day",
                        "multiply": {"uses": {"type": "exponential", "half_life": 9}},
                    }
                ],
            },
            "uses": {
                "parent": "users",
                "rows": {"type": "events", "mean_per_day": 20},
                "columns": {"user_id": {"type": "parent_key"}, "at": {"type": "event_time"}},
                "behaviors": [
                    {"type": "seasonality", "weekday": {"sun": 0, "sat": 0.5}},
                    {
                        "type": "interventions",
                        "effects": [{"from": "2024-01-15T08:15:00", "to": "2024-01-15T09:45:00", "multiply": 0}],
                    },
                ],
            },
        },
    }


def test_ages_and_calendars_multiply_each_other_in_every_cell() -> None:
    """Counts by hour against the product of the two, and nothing in cells of no weight."""
    at = frames(two_ages(), 3)["uses"]["at"]
    minutes = np.arange(60 * 24 * 60) + 0.5
    age = np.maximum(minutes - 20, 0) / 1440
    day = (minutes // 1440).astype(int) % 7  # 2024 began on a Monday
    weight = np.where(day == 6, 0.0, np.where(day == 5, 0.5, 1.0)) * (7 / 5.5)
    outage = (minutes > (14 * 24 + 8.25) * 60) & (minutes < (14 * 24 + 9.75) * 60)
    expected = 400 * 20 / 1440 * weight * 0.5 ** (age / 9) * ~outage
    minute = ((at - pd.Timestamp("2024-01-01")) / pd.Timedelta(minutes=1)).astype(int)
    counts = np.bincount(minute, minlength=len(expected))
    assert not counts[expected == 0].any()
    by_stretch = counts.reshape(-1, 360).sum(axis=1), expected.reshape(-1, 360).sum(axis=1)
    seen, due = (part[by_stretch[1] > 30] for part in by_stretch)
    z = (seen - due) / due**0.5
    assert np.abs(z).max() < FAR
    assert 0.8 < z.std() < 1.2


def test_an_age_of_months_beside_an_age_of_days() -> None:
    """Two smooth curves of different births on one rate: their product, by day."""
    document = two_ages()
    users, uses = document["tables"]["users"], document["tables"]["uses"]
    uses["behaviors"] = []
    users["columns"]["older"] = {"type": "constant", "value": "2023-11-02T00:20:00", "as": "timestamp"}
    users["behaviors"].append(
        {"type": "vintage", "born": "older", "unit": "month", "multiply": {"uses": {"type": "power", "exponent": 1.5}}}
    )
    at = frames(document, 3)["uses"]["at"]
    day = ((at - pd.Timestamp("2024-01-01")) / pd.Timedelta(days=1)).to_numpy()
    counts = np.histogram(day, np.arange(61))[0]
    fine = (np.arange(60 * 500) + 0.5) / 500
    rate = 400 * 20 * 0.5 ** (np.maximum(fine - 1 / 72, 0) / 9) * (1 + (fine + 60 - 1 / 72) * 24 / 730.5) ** 1.5
    expected = rate.reshape(60, 500).mean(axis=1)
    z = (counts - expected) / expected**0.5
    assert np.abs(z).max() < FAR


def test_the_row_counter_counts_what_is_made() -> None:
    """Row counts are planned from sums of pieces, the rows are placed by the same."""
    document = two_ages()
    plan = datagen.plan(document, seed=5)
    assert plan.tables["uses"].rows == len(frames(document, 5)["uses"])
