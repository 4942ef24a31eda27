"""Signs in when rows come: events by pure chance show them, events of people do not; parts merge to the whole."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from datagen.validation.realism.activity import Activity
from datagen.validation.realism.event_times import EventTimeTests
from tests.validation.realism.slices import DAY, END, START, TwoTables, poisson

CLOCK = EventTimeTests("events", "at", START, END)
ACTIVITY = Activity("events", "at", START, END)


def verdicts(measure, part):
    return {f.measure: f.verdict for f in measure.findings(measure.observe(part))}


def human(owner, times, seed=2):
    """Fewer at night, on weekends and in spring."""
    hour, weekday, day = times // (DAY // 24) % 24, (times // DAY + 3) % 7, times / DAY
    keep = np.where((hour > 7) & (hour < 22), 1.0, 0.1) * np.where(weekday < 5, 1.0, 0.4)
    keep = keep * (0.7 + 0.3 * np.sin(2 * np.pi * day / 365.2425))
    kept = np.random.default_rng(seed).random(len(times)) < keep
    return owner[kept], times[kept]


def test_chance_knows_no_calendar():
    found = verdicts(CLOCK, TwoTables(3000, *poisson()))
    assert {found[name] for name in ("Weekdays", "Hours", "Seasons")} == {"fail"}
    assert {found[name] for name in ("WholeHours", "PileUp", "LeftRamp")} == {"pass"}


def test_times_of_human_activity_pass():
    found = verdicts(CLOCK, TwoTables(3000, *human(*poisson(mean=80))))
    assert {found[name] for name in ("Weekdays", "Hours", "Seasons", "PileUp", "LeftRamp")} == {"pass"}


@pytest.mark.parametrize(
    ("sign", "change"),
    [
        ("WholeHours", lambda t: t // (DAY // 24) * (DAY // 24)),
        ("PileUp", lambda t: np.where(t > END - 9 * DAY, END - DAY + t % DAY, t)),
        ("PileUp", lambda t: np.minimum(t, END - 30 * DAY)),
        ("LeftRamp", lambda t: np.where(t < START + 6 * DAY, t + 300 * DAY, t)),
    ],
)
def test_edges_reveal_generators(sign, change):
    owner, times = poisson()
    assert verdicts(CLOCK, TwoTables(3000, owner, change(times)))[sign] == "fail"


def test_a_first_week_that_is_low_each_year_is_a_season():
    owner, times = poisson()
    low = (times - START) % (364 * DAY) < 6 * DAY
    assert verdicts(CLOCK, TwoTables(3000, owner[~low], times[~low]))["LeftRamp"] == "pass"


def test_few_rows_are_inconclusive():
    found = verdicts(CLOCK, TwoTables(10, *poisson(10, 5)))
    assert set(found.values()) == {"not applicable"}


def test_times_missing_altogether_are_inconclusive():
    assert verdicts(CLOCK, TwoTables(5, [], []))["Weekdays"] == "not applicable"
    assert set(verdicts(ACTIVITY, TwoTables(5, [], [])).values()) == {"not applicable"}


def test_nobody_leaves():
    found = verdicts(ACTIVITY, TwoTables(3000, *poisson(mean=120)))
    assert found["Churn"] == "fail"
    owner, times = poisson(mean=120)
    leaves = START + (np.random.default_rng(3).random(3000) * 2 * (END - START)).astype(np.int64)
    stays = times < leaves[owner]
    assert verdicts(ACTIVITY, TwoTables(3000, owner[stays], times[stays]))["Churn"] == "pass"


def test_gaps_by_chance_are_distinguished_from_bursts():
    owner, times = poisson(mean=200)
    assert verdicts(ACTIVITY, TwoTables(3000, owner, times))["ExponentialGaps"] == "fail"
    bursts = times // (7 * DAY) * 7 * DAY + (times % (7 * DAY)) // 20
    assert verdicts(ACTIVITY, TwoTables(3000, owner, bursts))["ExponentialGaps"] == "pass"


def test_rows_written_twice_are_distinguished_from_busy_ones():
    owner, times = poisson(mean=20)
    assert verdicts(ACTIVITY, TwoTables(3000, owner, times))["TwinRows"] == "pass"
    again = slice(0, len(owner) // 50)
    twice = TwoTables(3000, np.append(owner, owner[again]), np.append(times, times[again]))
    assert verdicts(ACTIVITY, twice)["TwinRows"] == "fail"
    seconds = times // 1_000_000 * 1_000_000  # they meet more often
    assert verdicts(ACTIVITY, TwoTables(3000, owner, seconds))["TwinRows"] == "not applicable"


def test_cohorts_alike_and_retention_flat():
    r = np.random.default_rng(4)
    born = r.integers(START, END, 24_000)
    owner, times = poisson(24_000, 20)
    lives = times >= born[owner]
    found = verdicts(ACTIVITY, TwoTables(24_000, owner[lives], times[lives], born))
    assert (found["FlatRetention"], found["TwinCohorts"]) == ("fail", "fail")
    fades = lives & (
        r.random(len(times))
        < np.exp(-(times - born[owner]) / (200 * DAY)) * (0.6 + 0.4 * (born[owner] > END - 365 * DAY))
    )
    found = verdicts(ACTIVITY, TwoTables(24_000, owner[fades], times[fades], born))
    assert (found["FlatRetention"], found["TwinCohorts"]) == ("pass", "pass")


@pytest.mark.parametrize("measure", [CLOCK, ACTIVITY])
def test_parts_come_to_the_whole(measure):
    r = np.random.default_rng(5)
    born = r.integers(START - 300 * DAY, END, 1000)
    owner, times = poisson(1000, 30)
    first = owner < 400
    whole = measure.observe(TwoTables(1000, owner, times, born))
    parts = [
        measure.observe(TwoTables(400, owner[first], times[first], born[:400])),
        measure.observe(TwoTables(600, owner[~first] - 400, times[~first], born[400:])),
    ]
    merged = measure.merge(*parts)
    for field in fields(whole):
        assert getattr(merged, field.name) == pytest.approx(getattr(whole, field.name)), field.name
