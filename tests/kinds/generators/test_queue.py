from __future__ import annotations

import datetime as dt
import heapq
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import datagen
from datagen.kinds.generators.support.waiting_line import WaitingLines
from tests.promises.documents import tables

UTC = dt.UTC


def document(per_day: float = 30, mean: str = "40m", end: str = "2024-03-01", **column: Any) -> dict:
    return {
        "datagen": 1,
        "name": "desks",
        "window": {"start": "2024-01-01", "end": end},
        "tables": {
            "desks": {
                "rows": 8,
                "columns": {"id": {"type": "key"}, "agents": {"type": "uniform", "min": 1, "max": 4, "decimals": 0}},
            },
            "tickets": {
                "parent": "desks",
                "rows": {"type": "events", "mean_per_day": per_day},
                "columns": {
                    "desk": {"type": "parent_key"},
                    "came_at": {"type": "event_time"},
                    "takes": {"type": "exponential", "mean": mean},
                    "begun_at": {"type": "queue", "arrival": "came_at", "service": "takes"} | column,
                },
            },
        },
    }


def micros(column: pa.ChunkedArray) -> list[int | None]:
    return column.cast(pa.int64()).to_pylist()


def served(arrivals: list[int], services: list[int], servers: int, opened: Any = lambda time: time) -> list[int]:
    """By an event loop over one line."""
    free, out = [0] * servers, []
    for arrival, service in zip(arrivals, services, strict=True):
        start = opened(max(arrival, heapq.heappop(free)))
        heapq.heappush(free, start + service)
        out.append(start)
    return out


def check(made: dict[str, pa.Table], end: dt.date, opened: Any = lambda time: time, servers: int = 0) -> int:
    """Holds every desk against the event loop; the number of rows that wait."""
    agents = dict(zip(made["desks"]["id"].to_pylist(), made["desks"]["agents"].to_pylist(), strict=True))
    rows, waits = made["tickets"], 0
    desk = rows["desk"].to_numpy()
    arrivals, services, begun = (micros(rows[name]) for name in ("came_at", "takes", "begun_at"))
    limit = int(dt.datetime.combine(end, dt.time(), UTC).timestamp()) * 1_000_000
    for one, own in agents.items():
        at = np.flatnonzero(desk == one)
        due = served([arrivals[i] for i in at], [services[i] for i in at], servers or own, opened)
        assert [begun[i] for i in at] == [start if start < limit else None for start in due]
        waits += sum(start > arrivals[i] for start, i in zip(due, at, strict=True))
    return waits


def test_it_is_an_event_loop_over_each_line() -> None:
    assert check(tables(document(servers="desks.agents")), dt.date(2024, 3, 1)) > 1000


def test_lines_that_never_empty_are_the_same() -> None:
    made = tables(document(per_day=40, mean="90m", servers=2))
    assert made["tickets"]["begun_at"].null_count > 100
    check(made, dt.date(2024, 3, 1), servers=2)


def opened(time: int) -> int:
    """From 9 to 17 in Berlin on working days, and Saturday to noon, minute by minute from the local calendar."""
    from zoneinfo import ZoneInfo

    local = dt.datetime.fromtimestamp(time // 1_000_000, UTC).astimezone(ZoneInfo("Europe/Berlin"))
    hours = {5: 12, 6: 0}
    if 9 <= local.hour < hours.get(local.weekday(), 17):
        return time
    day = local.date() + dt.timedelta(days=local.hour >= 9 or local.weekday() == 6)
    day += dt.timedelta(days=day.weekday() == 6)
    return int(dt.datetime.combine(day, dt.time(9), ZoneInfo("Europe/Berlin")).timestamp()) * 1_000_000


def test_services_begin_in_local_opening_hours() -> None:
    made = tables(
        document(
            per_day=15,
            end="2024-05-01",
            servers="desks.agents",
            hours={"mon-fri": "09:00-17:00", "sat": ["09:00-10:30", "10:30-12:00"]},
            time_zone="Europe/Berlin",
        )
    )
    assert check(made, dt.date(2024, 5, 1), opened) > 1000


def test_hours_can_end_on_the_next_day() -> None:
    made = tables(document(hours={"mon-sun": "22:00-06:00"}))
    hours = {moment.hour for moment in made["tickets"]["begun_at"].to_pylist() if moment is not None}
    assert hours == {22, 23, 0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("servers", [1, 3])
def test_how_lines_are_cut_does_not_matter(servers: int) -> None:
    draw = np.random.default_rng(5)
    counts = np.array([0, 700, 3, 0, 1500])
    arrivals = np.concatenate([np.sort(draw.integers(0, 10_000 * n + 1, n)) for n in counts])
    services = draw.integers(0, 22_000 * servers, len(arrivals))  # busier than they can serve, then idle by luck
    services[1000:] //= 2
    lines = WaitingLines(arrivals, services, counts, np.full(5, servers), lambda times: times)
    whole = lines.starts(10_000)
    for piece in (1, 7, 128):
        assert (lines.starts(piece) == whole).all()


def erlang_c(servers: int, load: float) -> float:
    """The probability of a wait in M/M/c."""
    top = load**servers / math.factorial(servers) / (1 - load / servers)
    return top / (sum(load**k / math.factorial(k) for k in range(servers)) + top)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (3, 2.1)])
def test_waits_are_those_of_erlang(servers: int, load: float) -> None:
    """The mean wait of M/M/c is C / (c / s - rate), and a share C waits at all, within 6 %."""
    made = tables(document(per_day=load * 24, mean="1h", end="2025-01-01", servers=servers))["tickets"]
    wait = (made["begun_at"].cast(pa.int64()).to_numpy() - made["came_at"].cast(pa.int64()).to_numpy()) / 3.6e9
    wait = wait[~np.isnan(wait)]
    expected = erlang_c(servers, load)
    assert abs((wait > 0).mean() / expected - 1) < 0.06
    assert abs(wait.mean() / (expected / (servers - load)) - 1) < 0.1


def test_validation_serves_again(tmp_path) -> None:
    wrong = document(servers="desks.agents", hours={"mon-fri": "09:00-17:00"})
    datagen.generate(wrong, tmp_path / "a")
    rule = "RowConsistency"
    found = {f.measure: f.verdict for f in datagen.validate(wrong, tmp_path / "a").findings if f.column == "begun_at"}
    assert found[rule] == "pass" and "fail" not in found.values()
    other = document(servers=2, hours={"mon-fri": "09:00-17:00"})
    report = datagen.validate(other, tmp_path / "a")
    assert [f.verdict for f in report.findings if f.column == "begun_at" and f.measure == rule] == ["fail"]


@pytest.mark.parametrize(
    ("column", "codes"),
    [
        ({"servers": "agents"}, ["unknown-column"]),
        ({"servers": "desks.missing"}, ["unknown-column"]),
        ({"service": "came_at"}, ["type"]),
        ({"hours": {}}, ["missing"]),
        ({"hours": {"monday": "09:00-17:00"}}, ["invalid-value"]),
        ({"hours": {"mon": "9 to 5"}}, ["invalid-value"]),
        ({"hours": {"mon": "09:00-25:00"}}, ["invalid-value"]),
        ({"hours": {"mon-wed": "09:00-17:00", "tue": "12:00-18:00"}}, ["conflict"]),
        ({"hours": {"mon": "09:00-17:00"}, "time_zone": "Europe/Berlinn"}, ["invalid-value"]),
        ({"time_zone": "Europe/Berlin"}, ["no-effect"]),
    ],
)
def test_problems(column: dict, codes: list[str]) -> None:
    assert [problem.code for problem in datagen.check(document(**column))] == codes


def test_servers_are_at_least_one() -> None:
    wrong = document(servers="desks.agents")
    wrong["tables"]["desks"]["columns"]["agents"]["min"] = 0
    assert [problem.code for problem in datagen.check(wrong)] == ["range"]
