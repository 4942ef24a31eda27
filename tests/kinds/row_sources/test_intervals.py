from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import datagen
from datagen.point_process.grid import Grid
from datagen.point_process.ground_truth import GroundTruth
from datagen.point_process.rate import Rate
from datagen.time_units import HOUR
from datagen.validation.metrics.intervals import IntervalSums, IntervalTimes, _compensated
from tests.promises.documents import tables

WINDOW = {"start": "2024-01-01", "end": "2024-07-01"}


def document(rooms: object = 40, end: str = WINDOW["end"], **rows: object) -> dict:
    distributions = {
        "gap": {"type": "exponential", "mean": "2d"},
        "length": {"type": "gamma", "shape": 3, "mean": "1d"},
        **rows,
    }
    return {
        "datagen": 1,
        "name": "rooms",
        "window": {**WINDOW, "end": end},
        "tables": {
            "rooms": {"rows": rooms, "columns": {"room_id": {"type": "key"}}},
            "bookings": {
                "parent": "rooms",
                "rows": {"type": "intervals", **distributions},
                "columns": {
                    "booking_id": {"type": "key"},
                    "room_id": {"type": "parent_key"},
                    "since": {"type": "row_attribute", "attribute": "starts_at"},
                    "until": {"type": "row_attribute", "attribute": "ends_at"},
                },
            },
        },
    }


def by_room(made: dict) -> dict[int, list[dict]]:
    rooms: dict[int, list[dict]] = {}
    for row in made["bookings"].to_pylist():
        rooms.setdefault(row["room_id"], []).append(row)
    return rooms


def test_intervals_of_one_parent_never_overlap_and_only_the_last_is_open() -> None:
    rooms = by_room(tables(document()))
    assert len(rooms) == 40
    for bookings in rooms.values():
        assert all(one["since"] < one["until"] <= other["since"] for one, other in pairwise(bookings))


@pytest.mark.parametrize(
    "gap", [{"type": "gamma", "shape": 0.6, "mean": "20d"}, {"type": "uniform", "min": "18d", "max": "22d"}]
)
def test_the_window_begins_anywhere_in_a_gap_or_an_interval(gap: dict) -> None:
    """As many intervals begin in each of the first weeks as later, whether gaps are in clusters or nearly regular."""
    made = tables(document(1500, gap=gap))["bookings"].to_pylist()
    first = datetime(2024, 1, 1)  # noqa: DTZ001 - times are in UTC
    weeks = np.bincount([(row["since"] - first).days // 7 for row in made])[:25]
    assert np.abs(weeks[:6] / weeks.mean() - 1).max() < 0.15


def test_no_two_intervals_of_one_parent_begin_at_one_time() -> None:
    """Not even where gaps and lengths are rounded to nothing, so that the start is part of a key."""
    made = document(
        5,
        gap={"type": "lognormal", "median": "0.001s", "sigma": 6, "max": "2s"},
        length={"type": "uniform", "min": 0, "max": "0.0000001s"},
    )
    made["tables"]["bookings"]["primary_key"] = ["room_id", "since"]
    made["window"]["end"] = "2024-01-01 00:05"
    assert datagen.check(made) == ()
    starts = [(row["room_id"], row["since"]) for row in tables(made)["bookings"].to_pylist()]
    assert len(set(starts)) == len(starts) > 1000


def test_gaps_and_lengths_follow_their_distributions() -> None:
    rooms = by_room(tables(document(400)))
    lengths = [(b["until"] - b["since"]).total_seconds() / 86400 for some in rooms.values() for b in some[:5]]
    gaps = [(b["since"] - a["until"]).total_seconds() / 86400 for some in rooms.values() for a, b in pairwise(some[:6])]
    assert abs(sum(lengths) / len(lengths) - 1) < 0.06
    assert abs(sum(gaps) / len(gaps) - 2) < 0.15


def test_a_longer_window_keeps_the_intervals_there_were() -> None:
    short, long = (tables(document(end=end))["bookings"].to_pylist() for end in ("2024-04-01", "2024-07-01"))
    later = {(row["room_id"], row["since"]): row["until"] for row in long}
    assert all(row["until"] is None or later[row["room_id"], row["since"]] == row["until"] for row in short)


def test_validation_finds_overlaps(tmp_path: Path) -> None:
    datagen.generate(document(), tmp_path / "good", workers=1)
    report = datagen.validate(document(), tmp_path / "good")
    assert report.passed
    assert any(finding.measure == "NoOverlap" and finding.verdict == "pass" for finding in report.findings)


def test_laws_are_of_durations() -> None:
    problems = datagen.check(document(gap={"type": "normal", "mean": 3, "sd": 1}))
    assert [problem.place for problem in problems] == ["$.tables.bookings.rows.gap.type"]


@pytest.mark.parametrize("length", ["90min", {"type": "constant", "value": "90min"}])
def test_the_hint_for_a_fixed_length_is_a_distribution_that_gives_it(length: object) -> None:
    (problem,) = datagen.check(document(length=length))
    assert '"uniform"' in problem.hint.replace("'", '"')
    fixed = document(length={"type": "uniform", "min": "90min", "max": "90min"})
    rows = [row for row in tables(fixed)["bookings"].to_pylist() if row["until"] is not None]
    assert {row["until"] - row["since"] for row in rows} == {timedelta(minutes=90)}


SUMMER = {"type": "seasonality", "month": {"jul": 3.0, "aug": 3.0}}
RATES = {
    "season": [SUMMER],
    "trend": [{"type": "trend", "shape": "linear", "growth_per_year": 1.0}],
    "opening hours": [{"type": "opening_hours", "hours": {"mon-fri": "08:00-18:00"}}],
    "closed in May": [
        {
            "type": "interventions",
            "effects": [{"from": "2024-05-01", "to": "2024-06-01", "multiply": 0}],
        }
    ],
    "noise": [{"type": "noise", "of": "rows", "sd": 0.3, "rho": 0.5}],
}
OF_ROOMS = {
    "segments": [{"type": "segments", "column": "size", "multiply": {"suite": {"bookings": 3.0}}}],
    "frailty": [{"type": "frailty", "of": ["bookings"], "dispersion": 0.5}],
    "vintage": [
        {"type": "vintage", "unit": "month", "multiply": {"bookings": {"type": "points", "values": [0.1, 0.5, 1]}}}
    ],
}


def paced(own: list[dict] = (), above: list[dict] = (), end: str = "2025-01-01", **rows: object) -> dict:
    """Rooms that opened during the year, with behaviors of their bookings and of the rooms."""
    made = document({"type": "arrivals", "count": 120, "before_window": 0.5}, end, **rows)
    rooms, bookings = made["tables"]["rooms"], made["tables"]["bookings"]
    rooms["columns"] |= {
        "opened": {"type": "arrival_time"},
        "size": {"type": "choice", "values": {"suite": 1, "single": 1}},
    }
    rooms["behaviors"], bookings["behaviors"] = [*above], [*own]
    return made


@pytest.mark.parametrize(
    "own, above", [(some, []) for some in RATES.values()] + [([], some) for some in OF_ROOMS.values()]
)
def test_no_rate_makes_intervals_overlap(own: list[dict], above: list[dict]) -> None:
    rooms = by_room(tables(paced(own, above)))
    assert sum(map(len, rooms.values())) > 1000
    for bookings in rooms.values():
        assert all(one["since"] < one["until"] <= other["since"] for one, other in pairwise(bookings))


def test_a_multiplier_of_the_rate_is_one_of_the_hazard_while_rooms_are_free() -> None:
    """Bookings per free day in July and August against the other months: three times as many. The year's mean is 1."""
    made = document(400, "2025-01-01")
    made["tables"]["bookings"]["behaviors"] = [SUMMER]
    rooms = by_room(tables(made))
    begun, free = np.zeros(2), np.zeros(2)
    first, *summer, end = (datetime(2024, month, 1) for month in (1, 7, 9, 12))  # noqa: DTZ001 - times are in UTC
    for bookings in rooms.values():
        since = first
        for booking in bookings:
            until = booking["since"]
            inside = max(min(until, summer[1]) - max(since, summer[0]), timedelta()) / timedelta(days=1)
            free += (until - since) / timedelta(days=1) - inside, inside
            begun[int(summer[0] <= until < summer[1])] += 1
            since = booking["until"] or end
    low, high = begun / free
    assert abs(low / 0.5 * (10 + 2 * 3) / 12 - 1) < 0.03
    assert abs(high / low / 3 - 1) < 0.05


def test_intervals_begin_only_while_it_is_open_and_lengths_are_those_without_the_rate() -> None:
    rooms = by_room(tables(paced(RATES["opening hours"])))
    bookings = [booking for some in rooms.values() for booking in some]
    assert all(8 <= booking["since"].hour < 18 and booking["since"].weekday() < 5 for booking in bookings)
    lengths = [(b["until"] - b["since"]).total_seconds() / 86400 for b in bookings if b["until"]]
    assert abs(sum(lengths) / len(lengths) - 1) < 0.05


def test_a_longer_window_keeps_the_intervals_of_a_season() -> None:
    own = [SUMMER, *RATES["noise"], *RATES["trend"]]
    short, long = (tables(paced(own, end=end))["bookings"].to_pylist() for end in ("2024-09-01", "2025-01-01"))
    later = {(row["room_id"], row["since"]): row["until"] for row in long}
    kept = [row for row in short if (row["room_id"], row["since"]) in later]
    assert len(kept) > 0.99 * len([row for row in short if row["room_id"] <= 60])
    assert all(row["until"] is None or later[row["room_id"], row["since"]] == row["until"] for row in kept)


def test_the_same_intervals_whatever_the_partitions() -> None:
    made = paced([SUMMER, *RATES["opening hours"]], OF_ROOMS["frailty"] + OF_ROOMS["vintage"])
    assert datagen.fingerprint(made) == datagen.fingerprint(made, partition_rows=2_000)


def findings(document: dict, folder: Path) -> dict[str, str]:
    report = datagen.validate(document, folder)
    return {
        f.subject or f.measure: f.verdict for f in report.findings if f.table == "bookings" and f.group != "constraint"
    }


def test_validation_recovers_season_segments_and_the_distributions(tmp_path: Path) -> None:
    made = paced([SUMMER], OF_ROOMS["segments"], gap={"type": "lognormal", "median": "1d", "sigma": 0.7})
    datagen.generate(made, tmp_path / "good", workers=1)
    found = findings(made, tmp_path / "good")
    assert found["seasonality: month (1: as planted, 0: flat)"] == "recovered"
    assert found["segments: size suite"] == "recovered"
    assert found["gaps"] == found["lengths"] == "pass"


@pytest.mark.parametrize(
    "key, change, subject",
    [
        ("behaviors", [], "seasonality: month (1: as planted, 0: flat)"),
        ("gap", {"type": "exponential", "mean": "3d"}, "gaps"),
        ("length", {"type": "gamma", "shape": 1, "mean": "1d"}, "lengths"),
    ],
)
def test_validation_finds_another_season_and_other_distributions(
    tmp_path: Path, key: str, change: object, subject: str
) -> None:
    made, other = paced([SUMMER]), paced([SUMMER])
    bookings = other["tables"]["bookings"]
    (bookings if key == "behaviors" else bookings["rows"])[key] = change
    datagen.generate(other, tmp_path / "bad", workers=1)
    assert findings(made, tmp_path / "bad")[subject] in ("fail", "not recovered")


@pytest.mark.parametrize(
    "behavior",
    [
        {"type": "bg_nbd", "of": "bookings", "r": 0.5, "a": 0.8, "b": 2.4},
        {"type": "experiment", "name": "prices", "arms": {"control": {}, "low": {"multiply": {"bookings": 1.3}}}},
    ],
)
def test_behaviors_that_add_or_leave_out_rows_are_refused(behavior: dict) -> None:
    (problem,) = datagen.check(paced(above=[behavior]))
    assert problem.code == "conflict"
    assert "two states" in problem.hint


def test_intervals_begin_only_while_their_parent_is_alive() -> None:
    """Before the end of life they are those that there are without it, but for rounding."""
    ending = {
        "type": "retention", "of": ["bookings"], "lifetime": {"type": "exponential", "mean": 3, "unit": "month"},
    }  # fmt: skip
    document = paced(above=[ending])
    document["tables"]["rooms"]["columns"]["closed_at"] = {"type": "lifetime_end"}
    made, without = tables(document), tables(paced())
    end = datetime(2025, 1, 1)  # noqa: DTZ001 - times are in UTC
    closed = {row["room_id"]: row["closed_at"] or end for row in made["rooms"].to_pylist()}
    alive = [row for row in without["bookings"].to_pylist() if row["since"] < closed[row["room_id"]]]
    found = made["bookings"].to_pylist()
    assert [row["room_id"] for row in found] == [row["room_id"] for row in alive]
    apart = (abs(row["since"] - other["since"]) for row, other in zip(found, alive, strict=True))
    assert max(apart) < timedelta(milliseconds=1)
    assert len(found) < 0.7 * without["bookings"].num_rows


def test_validation_does_not_judge_gaps_that_lives_end(tmp_path: Path) -> None:
    lifetime = {"type": "weibull", "shape": 0.7, "scale": 3, "unit": "month"}
    made = paced([SUMMER], [{"type": "retention", "of": ["bookings"], "lifetime": lifetime}])
    datagen.generate(made, tmp_path / "made", workers=1)
    report = datagen.validate(made, tmp_path / "made")
    assert report.score == 100
    assert "the lives of parents end it" in {f.message for f in report.findings if f.subject == "gaps"}


def test_intervals_end_with_a_life_that_names_no_tables() -> None:
    """The same as if it named them; whether events are below the same entity, too, makes no difference."""
    life = {"type": "retention", "lifetime": {"type": "exponential", "mean": 3, "unit": "month"}}
    named = tables(paced(above=[{**life, "of": ["bookings"]}]))
    alone, beside = paced(above=[life]), paced(above=[life])
    beside["tables"]["visits"] = {
        "parent": "rooms",
        "rows": {"type": "events", "mean_per_month": 1},
        "columns": {"visit_id": {"type": "key"}, "came_at": {"type": "event_time"}},
    }
    assert tables(alone)["bookings"] == tables(beside)["bookings"] == named["bookings"]


@pytest.mark.parametrize("censored", [False, True])
def test_found_and_expected_ends_of_few_intervals_are_rarely_judged_apart(*, censored: bool) -> None:
    """Their difference ends anywhere, and not at 0: it is a random walk, whose largest deviation is allowed for."""
    random, apart = np.random.default_rng(5), 0
    planted, quantiles = GroundTruth(Rate("bookings", Grid(0, 1))), lambda: np.linspace(1.0, 2.0, 999)
    measure = IntervalTimes("bookings", "since", "until", planted, quantiles, quantiles, (0, HOUR), lambda: 1)
    for _ in range(1000):
        hazard, limit = random.exponential(size=100), random.uniform(0.5, 3, 100) if censored else np.inf
        sums = _compensated(np.minimum(hazard, limit), hazard <= limit)
        _, lengths = measure.findings(IntervalSums(sums, sums, (), spread=False))
        apart += lengths.verdict == "fail"
    assert apart <= 10
