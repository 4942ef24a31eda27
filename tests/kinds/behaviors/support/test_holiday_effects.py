import datetime as dt

import numpy as np
import pytest

from datagen.kinds.behaviors.support.holiday_calendar import holidays_of, known_days, years_of
from datagen.kinds.behaviors.support.holiday_effects import HolidayEffect, Paydays
from tests.kinds.behaviors.calendars import Planned, at, problems, weights

SCOPE = Planned(start="2023-01-01", end="2025-01-01")


def day(text):
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days


def on(row, text):
    return at(row, f"{text}T12", SCOPE)


def season(holidays):
    return weights({"type": "seasonality", "holidays": holidays}, SCOPE)


def test_days_that_move_with_the_year_move():
    known = known_days(range(2023, 2026))
    assert known["Black Friday"] == [day("2023-11-24"), day("2024-11-29"), day("2025-11-28")]
    assert known["Cyber Monday"] == [day("2023-11-27"), day("2024-12-02"), day("2025-12-01")]
    assert known["Lunar New Year"] == [day("2023-01-22"), day("2024-02-10"), day("2025-01-29")]
    assert known["Easter"] == [day("2023-04-09"), day("2024-03-31"), day("2025-04-20")]
    ramadan = [d for d in known["Ramadan"] if day("2024-01-01") <= d < day("2025-01-01")]
    assert ramadan == list(range(day("2024-03-12"), day("2024-04-10")))


def test_a_country_code_halves_its_public_holidays_and_leaves_other_days_alone():
    row = season("US")
    assert on(row, "2023-07-04") == on(row, "2024-11-28") == 0.5
    assert (np.unique(row) == [0.5, 1]).all()
    assert (row == 0.5).sum() == 24 * len(np.unique(np.concatenate([*holidays_of("US", None, [2023, 2024]).values()])))


def test_ramps_fade_with_the_distance_and_levels_do_not():
    effect = {"multiply": 0.2, "days_before": 4, "multiply_before": 3, "days_after": 2, "ramp": "linear"}
    row = season({"named": {"christmas": effect}})
    around = [on(row, f"2023-12-{d}") for d in range(20, 29)]
    np.testing.assert_allclose(around, [1, 1.5, 2, 2.5, 3, 0.2, 0.2, 0.6, 1])
    level = season({"named": {"Christmas": {**effect, "ramp": "level"}}})
    np.testing.assert_allclose([on(level, f"2023-12-{d}") for d in range(20, 29)], [1, 3, 3, 3, 3, 0.2, 0.2, 0.2, 1])


def test_a_named_holiday_follows_its_name_and_the_strongest_of_two_counts():
    named = {"Thanksgiving Day": {"multiply": 0.9, "days_after": 1}, "Black Friday": {"multiply": 4}}
    row = season({"country": "US", "multiply": 0.3, "named": named})
    assert on(row, "2024-11-28") == 0.9
    assert on(row, "2024-11-29") == 4
    assert on(row, "2024-07-04") == 0.3


def test_without_a_country_only_named_days_count():
    row = season({"named": {"Ramadan": {"multiply": 0.7}}})
    assert on(row, "2024-03-20") == 0.7 and on(row, "2024-12-25") == 1


def test_the_end_of_one_year_knows_the_holidays_of_the_next():
    scope = Planned(start="2023-06-01", end="2023-12-31")
    declared = {"type": "seasonality", "holidays": {"country": "US", "multiply": 3, "days_before": 3}}
    long = Planned(start="2023-06-01", end="2026-01-01")
    np.testing.assert_array_equal(weights(declared, scope), weights(declared, long)[: scope.grid().hours])
    assert at(weights(declared, scope), "2023-12-30T05", scope) > 1


def test_holidays_are_looked_up_once_and_kept_as_plain_values():
    scope = Planned()
    declared = {"type": "seasonality", "holidays": "US"}
    weights(declared, scope)
    ((name, days),) = scope.frozen.items()
    assert name == "holidays US None" and days["public"]["Juneteenth National Independence Day"][1] == day("2024-06-19")
    days["public"] = {"Never": []}
    assert (weights(declared, scope) == 1).all()


def test_every_day_near_a_long_holiday_follows_the_nearest_of_its_days():
    effect = HolidayEffect(multiply=2, days_before=2, days_after=1)
    np.testing.assert_allclose(effect.spread([4, 5, 6], 0, 10), [1, 1, 1.5, 2, 2, 2, 2, 2, 1, 1])


def test_years_reach_one_beyond_on_either_side():
    assert years_of(day("2023-05-05"), day("2024-05-05")) == range(2022, 2026)


def test_paydays_fall_on_their_days_and_fade():
    factors = Paydays(days=[15, "last"], multiply=1.6, spread_days=2).factors(day("2024-02-01"), 60)
    paid = {d + 1 for d in np.flatnonzero(factors == 1.6)}
    assert paid == {15, 29, 29 + 15, 60}
    np.testing.assert_allclose(factors[14:18], [1.6, 1.4, 1.2, 1])


def test_a_payday_that_a_month_lacks_is_its_last_day():
    factors = Paydays(days=31, multiply=2).factors(day("2023-02-01"), 59)
    assert [d + 1 for d in np.flatnonzero(factors == 2)] == [28, 59]


def test_paydays_before_the_first_day_still_fade_into_it():
    assert Paydays(days="last", multiply=2, spread_days=3).factors(day("2024-03-01"), 1)[0] == pytest.approx(1.75)


@pytest.mark.parametrize(
    "holidays, expected",
    [
        ("us", ["unknown-country holidays.country"]),
        ({"country": "US", "subdivision": "ZZ"}, ["unknown-country holidays.subdivision"]),
        ({}, ["missing holidays"]),
        ({"country": "US", "multiply": 1}, ["no-effect holidays.multiply"]),
        ({"country": "US", "multiply_before": 2}, ["no-effect holidays.multiply_before"]),
        ({"named": {"Black Fryday": {"multiply": 2}}}, ["unknown-holiday holidays.named.Black Fryday"]),
        ({"named": {"Black Friday": {"multiply": 1}}}, ["no-effect holidays.named.Black Friday.multiply"]),
        ({"country": "US", "multiply": 1, "named": {"Black Friday": {"multiply": 2}}}, []),
    ],
)
def test_declarations_without_effect_are_problems(holidays, expected):
    assert problems({"type": "seasonality", "holidays": holidays}) == expected


def test_paydays_that_change_nothing_are_reported():
    assert problems({"type": "seasonality", "paydays": {"days": 1, "multiply": 1}}) == ["no-effect paydays.multiply"]
