"""Calendars that change within an hour of UTC: counts per cell against the closed form, and nothing at all where the
weight is 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.optimize import curve_fit

from tests.recovery.worlds import frames

CASES = Path(__file__).parents[1] / "cases"
FAR = 4.0
LEVEL = {"type": "lognormal", "median": 1000, "sigma": 1e-12, "decimals": 6}
"""A value that only its behaviors change."""


def shop_hours(zone: str, start: str = "2024-01-01", end: str = "2024-07-01", shops: int = 30) -> dict[str, Any]:
    """Shops that sell from nine on, never on Sundays, by the clocks of their zone."""
    document = yaml.safe_load((CASES / "half_hour_zone.yaml").read_text())
    document["window"] = {"start": start, "end": end}
    document["tables"]["shops"]["rows"] = shops
    document["tables"]["sales"]["behaviors"][0]["time_zone"] = zone
    return document


def local(times: pd.Series, zone: str) -> pd.Series:
    times = times.dt.tz_localize("UTC") if times.dt.tz is None else times
    return times.dt.tz_convert(ZoneInfo(zone))


@pytest.mark.parametrize(
    "zone",
    ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Europe/Oslo", "Pacific/Marquesas"],
)
def test_nothing_is_sold_on_a_closed_day_or_before_nine_whatever_the_zone(zone: str) -> None:
    sold = local(frames(shop_hours(zone), 1)["sales"]["sold_at"], zone)
    assert (sold.dt.dayofweek != 6).all() and (sold.dt.hour >= 9).all()
    by_quarter = np.bincount((sold.dt.hour * 60 + sold.dt.minute) // 15 - 36, minlength=60)
    expected = len(sold) / 60
    assert np.abs((by_quarter - expected) / expected**0.5).max() < FAR


def test_each_shop_follows_the_clocks_of_its_own_zone() -> None:
    zones = ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
    document = shop_hours("UTC", shops=40)
    document["tables"]["shops"]["columns"]["zone"] = {"type": "choice", "values": zones}
    document["tables"]["sales"]["behaviors"][0]["time_zone"] = {"column": "shops.zone"}
    found = frames(document, 1)
    sales = found["sales"].merge(found["shops"], left_on="shop_id", right_on="id")
    for zone in zones:
        sold = local(sales.loc[sales["zone"].astype(str) == zone, "sold_at"], zone)
        assert len(sold) > 1000 and (sold.dt.dayofweek != 6).all() and (sold.dt.hour >= 9).all()


def outage(*effects: dict[str, Any]) -> dict[str, Any]:
    document = yaml.safe_load((CASES / "partial_hour_outage.yaml").read_text())
    document["tables"]["servers"]["rows"] = 600
    document["tables"]["requests"]["behaviors"][0]["effects"] = list(effects)
    return document


@pytest.mark.parametrize(
    "begin, end",
    [
        ("2024-01-10T08:15:00", "2024-01-10T09:45:00"),
        ("2024-01-10T08:15:07", "2024-01-10T08:59:59.999999"),
        ("2024-01-10T08:00:00.000001", "2024-01-12T09:00:00.5"),
        ("2024-01-10T08:10:00", "2024-01-10T08:50:00"),
    ],
)
def test_an_outage_takes_all_between_its_instants_and_nothing_around_them(begin: str, end: str) -> None:
    at = frames(outage({"from": begin, "to": end, "multiply": 0}), 1)["requests"]["at"].to_numpy()
    first, last = np.datetime64(begin, "us"), np.datetime64(end, "us")
    assert not ((at >= first) & (at < last)).any()
    for low, high in ((first - np.timedelta64(6, "h"), first), (last, last + np.timedelta64(6, "h"))):
        assert abs(((at >= low) & (at < high)).sum() - 3600) < FAR * 60


def test_a_short_surge_multiplies_what_it_covers_only() -> None:
    """Twenty minutes at ten times the rate: counts of every minute around it against the closed form."""
    surge = {"from": "2024-01-10T08:25:00", "to": "2024-01-10T08:45:00", "multiply": 10}
    at = frames(outage(surge), 1)["requests"]["at"].to_numpy()
    minute = (at - np.datetime64("2024-01-10T08:00")) // np.timedelta64(1, "m")
    counts = np.bincount(minute[(minute >= 0) & (minute < 60)], minlength=60)
    expected = 10 * np.where((np.arange(60) >= 25) & (np.arange(60) < 45), 10.0, 1.0)
    assert np.abs((counts - expected) / expected**0.5).max() < FAR + 1


def test_a_decay_of_minutes_is_resolved() -> None:
    fading = {"from": "2024-01-10T08:20:00", "multiply": 40, "shape": "decay", "half_life_days": 20 / 1440}
    at = frames(outage(fading), 1)["requests"]["at"].to_numpy()
    age = (at - np.datetime64("2024-01-10T08:20")) / np.timedelta64(1, "m")
    edges = np.arange(0.0, 121.0, 5.0)
    counts = np.histogram(age, edges)[0]
    pace = np.log(2) / 20
    expected = 10 * (5 + 39 * (np.exp(-pace * edges[:-1]) - np.exp(-pace * edges[1:])) / pace)
    assert np.abs((counts - expected) / expected**0.5).max() < FAR


@pytest.mark.parametrize("order, zone", [(1, "UTC"), (1, "Asia/Kathmandu"), (6, "UTC"), (12, "UTC")])
def test_smooth_cycles_on_rates_have_their_amplitude(order: int, zone: str) -> None:
    """By the first harmonic of the events' own times, within the stated 2 in a thousand: a cell is level."""
    document = shop_hours(zone, end="2024-03-01", shops=500)
    wave = {"period": "day", "order": order, "amplitude": 0.8, "peak": "1h"}
    document["tables"]["sales"]["behaviors"] = [{"type": "seasonality", "fourier": [wave], "time_zone": zone}]
    sold = local(frames(document, 2)["sales"]["sold_at"], zone)
    hours = (sold - sold.dt.floor("D")) / pd.Timedelta(hours=1)
    angle = 2 * np.pi * order * (hours.to_numpy() - 1) / 24
    found, error = 2 * np.cos(angle).mean(), (2 / len(angle)) ** 0.5
    assert abs(found - 0.8) < 3.5 * error + 0.002 * 0.8
    assert abs(2 * np.sin(angle).mean()) < FAR * error


def test_smooth_cycles_on_values_are_continuous() -> None:
    """No stairs: a cosine fitted to the values leaves nothing, at any second."""
    document = shop_hours("Asia/Kolkata", end="2024-01-08")
    sales = document["tables"]["sales"]
    sales["columns"]["price"] = dict(LEVEL)
    sales["behaviors"] = [
        {
            "type": "seasonality",
            "of": "price",
            "fourier": [{"period": "day", "amplitude": 0.5}],
            "time_zone": "Asia/Kolkata",
        }
    ]
    found = frames(document, 1)["sales"]
    hours = found["sold_at"].astype("datetime64[us]").astype("int64") / 3.6e9 + 5.5
    required = 1000 * (1 + 0.5 * np.cos(2 * np.pi * hours / 24))
    np.testing.assert_allclose(found["price"].astype(float), required, atol=1e-5)


def test_ramps_on_values_are_straight() -> None:
    document = outage({"from": "2024-01-10T08:15:00", "multiply": 3, "shape": "ramp", "ramp_days": 0.25})
    requests = document["tables"]["requests"]
    requests["columns"]["size"] = dict(LEVEL)
    requests["behaviors"][0]["of"] = "size"
    found = frames(document, 1)["requests"]
    hours = (found["at"] - pd.Timestamp("2024-01-10T08:15")) / pd.Timedelta(hours=1)
    np.testing.assert_allclose(found["size"].astype(float), 1000 + 2000 * np.clip(hours / 6, 0, 1), atol=1e-5)


def test_another_table_with_cuts_or_a_longer_past_changes_no_value() -> None:
    alone = shop_hours("Europe/Oslo", end="2024-02-01")
    more = shop_hours("Europe/Oslo", end="2024-02-01")
    more["tables"]["depots"] = {
        "rows": {"type": "arrivals", "count": 5, "before_window": 0.5, "history": "3000d"},
        "columns": {"depot_id": {"type": "key"}, "at": {"type": "arrival_time"}},
    }
    more["tables"]["trips"] = {
        "parent": "depots",
        "rows": {"type": "events", "mean_per_day": 1},
        "columns": {"at": {"type": "event_time"}},
        "behaviors": [{"type": "seasonality", "hour": "office", "time_zone": "Asia/Kathmandu"}],
    }
    assert frames(alone, 1)["sales"].equals(frames(more, 1)["sales"])


def test_a_steep_logistic_rise_is_found_by_least_squares() -> None:
    """A trend that turns within a day, by NLS on quarters of an hour of values."""
    document = outage({"from": "2024-01-10T08:15:00", "multiply": 3})
    requests = document["tables"]["requests"]
    requests["columns"]["size"] = dict(LEVEL)
    requests["behaviors"] = [
        {
            "type": "trend", "shape": "logistic", "midpoint": "2024-01-15T12:20:00", "steepness_per_year": 1000,
            "ceiling": 4, "of": "size",
        }
    ]  # fmt: skip
    found = frames(document, 1)["requests"]
    years = ((found["at"] - pd.Timestamp("2024-01-15T12:20")) / pd.Timedelta(hours=8766)).to_numpy()

    def curve(t, ceiling, steepness, level):
        return level * (1 + (ceiling - 1) / (1 + np.exp(-steepness * t)))

    fit, _ = curve_fit(curve, years, found["size"].astype(float).to_numpy(), p0=(2, 500, 900))
    np.testing.assert_allclose(fit, [4, 1000, 1000], rtol=1e-4)


def test_entities_do_not_arrive_in_an_outage_within_an_hour_or_on_closed_days() -> None:
    document = {
        "datagen": 1,
        "name": "arrivals",
        "window": {"start": "2024-01-01", "end": "2024-03-01"},
        "tables": {
            "users": {
                "rows": {"type": "arrivals", "count": 40_000},
                "columns": {"at": {"type": "arrival_time"}},
                "behaviors": [
                    {"type": "seasonality", "weekday": {"sun": 0}, "time_zone": "Asia/Kathmandu"},
                    {
                        "type": "interventions",
                        "effects": [{"from": "2024-01-10T08:15:00", "to": "2024-01-10T09:45:00", "multiply": 0}],
                    },
                ],
            }
        },
    }
    at = frames(document, 1)["users"]["at"]
    assert (local(at, "Asia/Kathmandu").dt.dayofweek != 6).all()
    assert not at.between(pd.Timestamp("2024-01-10T08:15"), pd.Timestamp("2024-01-10T09:44:59.999999")).any()
    shoulder = at.between(pd.Timestamp("2024-01-10T05:15"), pd.Timestamp("2024-01-10T08:15")).sum()
    assert abs(shoulder - 3 * 40_000 / (51.5 * 24)) < FAR * 10
