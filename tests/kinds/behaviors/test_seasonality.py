import numpy as np
import pytest

from tests.kinds.behaviors.calendars import Planned, Someone, calendar, hours, problems, weights

FIVE_YEARS = Planned(start="2023-01-01", end="2028-01-01")


def season(**parts):
    return {"type": "seasonality", **parts}


def test_every_hour_has_the_product_of_its_indices():
    row = weights(season(month={"dec": 2}, weekday={"sun": 0.5}, hour={"20": 3}), FIVE_YEARS)
    when = hours(FIVE_YEARS).astype(object)
    required = [
        (2 if t.month == 12 else 1) * (0.5 if t.weekday() == 6 else 1) * (3 if t.hour == 20 else 1) for t in when
    ]
    scale = (365.25 / 396.25) * (7 / 6.5) * (24 / 26)
    np.testing.assert_allclose(row, np.array(required) * scale, rtol=1e-12)


def test_indices_keep_the_declared_mean():
    for parts in ({"weekday": {"sat": 1.4}}, {"hour": "office"}, {"fourier": [{"period": "week", "amplitude": 0.5}]}):
        assert weights(season(**parts))[: 52 * 168].mean() == pytest.approx(1, abs=1e-9)
    four = Planned(start="2023-01-01", end="2027-01-01")
    assert weights(season(month={"jul": 3, "feb": 0.2}), four).mean() == pytest.approx(1, abs=1e-9)


def test_local_time_moves_the_day_and_follows_daylight_saving():
    row = weights(season(hour={"9": 5}, time_zone="Europe/Oslo"))
    utc = hours()[row > 1].astype(object)
    assert {t.hour for t in utc if t.month in (1, 2, 11, 12)} == {8}
    assert {t.hour for t in utc if t.month in (5, 6, 7, 8)} == {7}


def test_the_local_weekday_counts():
    row = weights(season(weekday={"mon": 0}, time_zone="Pacific/Auckland"))
    first = np.flatnonzero(row == 0)[:1]
    assert hours()[first[0]] == np.datetime64("2024-01-01T00", "h")  # Monday afternoon there
    assert row[11] > 0  # Tuesday


def test_cases_say_what_differs_and_keep_the_rest():
    by = {"column": "customers.segment", "cases": {"vip": {"hour": {"9": 25}}}}
    scope = Planned(choices={"segment": ["vip", "other"]})
    found = calendar(season(hour={"20": 25}, weekday={"sun": 0.5}, by=by), scope)
    groups = found.group(Someone(segment=["vip", "other", None]))
    assert groups.tolist() == [1, 0, 0]
    daily = found.weights[:, : 364 * 24].reshape(2, -1, 7, 24)
    assert daily[0].mean(axis=(0, 1)).argmax() == 20 and daily[1].mean(axis=(0, 1)).argmax() == 9
    np.testing.assert_allclose(daily[0].mean(axis=(0, 2)), daily[1].mean(axis=(0, 2)))


def test_everybody_lives_in_their_own_zone():
    zones = ["Europe/Oslo", "America/New_York"]
    scope = Planned(choices={"zone": zones, "segment": ["vip", "other"]})
    by = {"column": "customers.segment", "cases": {"vip": {"hour": {"15": 9}}}}
    found = calendar(season(hour={"9": 9}, by=by, time_zone={"column": "customers.zone"}), scope)
    who = Someone(zone=[*zones, *zones], segment=["other", "other", "vip", "vip"])
    peaks = found.weights[found.group(who), :24].argmax(axis=1)
    assert peaks.tolist() == [8, 14, 14, 20]


def test_those_without_a_zone_live_in_utc():
    scope = Planned(choices={"zone": ["Europe/Oslo"]}, null=True)
    found = calendar(season(hour={"9": 9}, time_zone={"column": "customers.zone"}), scope)
    assert found.weights[found.group(Someone(zone=["Europe/Oslo", None])), :24].argmax(axis=1).tolist() == [8, 9]


def test_more_hours_on_either_side_change_none():
    parts = season(
        month={"dec": 2},
        weekday={"sun": 0.5},
        hour="retail",
        time_zone="America/St_Johns",
        fourier=[{"period": "year", "amplitude": 0.3}],
        holidays={"country": "CA", "days_before": 5, "named": {"Diwali": {"multiply": 2}}},
        paydays={"days": [1, "last"], "multiply": 1.4, "spread_days": 3},
    )
    short, long = Planned(), Planned(end="2026-03-01", history_hours=7777)
    np.testing.assert_array_equal(weights(parts, short), weights(parts, long)[7777 : 7777 + short.grid().hours])


@pytest.mark.parametrize(
    "parts, expected",
    [
        ({}, ["no-effect"]),
        ({"weekday": [2] * 7}, ["no-effect weekday"]),
        ({"weekday": [1] * 7}, ["no-effect weekday"]),
        ({"hour": "flat"}, ["no-effect hour"]),
        ({"hour": "office", "time_zone": "Europe/Osla"}, ["invalid-value time_zone"]),
        ({"hour": "office", "time_zone": {"column": "customers.time_zon"}}, ["unknown-column time_zone.column"]),
        (
            {"hour": "office", "time_zone": {"column": "customers.segment"}},
            ["invalid-value time_zone.column", "invalid-value time_zone.column"],
        ),
        (
            {"by": {"column": "customers.segment", "cases": {"vipp": {"hour": "office"}}}},
            ["no-effect by.cases.vipp"],
        ),
        (
            {"hour": "office", "by": {"column": "customers.segment", "cases": {"vip": {"hour": "office"}}}},
            ["no-effect by.cases.vip"],
        ),
        ({"hour": "flat", "by": {"column": "customers.segment", "cases": {"vip": {"hour": "office"}}}}, []),
    ],
)
def test_declarations_without_effect_are_problems(parts, expected):
    assert problems(season(**parts)) == expected


def test_rows_of_a_root_table_follow_one_calendar():
    by = {"column": "segment", "cases": {"vip": {"hour": "office"}}}
    assert "invalid-order by.column" in problems(season(hour="retail", by=by), on="customers")
    assert problems(season(hour="retail", by=by, of="orders"), on="customers") == []
