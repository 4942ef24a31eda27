"""Views of one process agree: `stays`, `transitions`, `periods` and `runs` are read off the same trajectory."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

import duckdb
import numpy as np
import pytest

import datagen
from datagen.kinds.row_sources.periods import Boundaries
from tests.kinds.processes.test_lifecycle import EVERYTHING
from tests.kinds.processes.worlds import world
from tests.promises.documents import tables

END = "timestamp '2026-01-01'"


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name, table in tables(world(None, *EVERYTHING, count=2000)).items():
        connection.register(name, table)
    return connection


def none(database: duckdb.DuckDBPyConnection, query: str) -> bool:
    return database.execute(f"select count(*) from ({query})").fetchone() == (0,)


def test_stays_follow_each_other_without_a_gap(database: duckdb.DuckDBPyConnection) -> None:
    ordered = """select *, lag(left_at) over w as before, lag(next_state) over w as came, row_number() over w as n
        from stays join customers using (customer_id) window w as (partition by customer_id order by id)"""
    assert none(database, f"from ({ordered}) where n > 1 and (entered_at <> before or state <> came)")
    assert none(database, f"from ({ordered}) where n = 1 and entered_at <> created_at")
    assert none(database, "from stays where left_at < entered_at or (left_at is null) <> (next_state is null)")
    assert none(database, f"from stays where entered_at >= {END} or left_at >= {END}")


def test_transitions_are_the_ends_of_stays(database: duckdb.DuckDBPyConnection) -> None:
    changes, closed = (
        '"from", "to", "at", customer_id from changes',
        "state, next_state, left_at, customer_id from stays",
    )
    assert none(database, f"(select {changes}) except all (select {closed} where left_at is not null)")
    assert none(database, f"(select {closed} where left_at is not null) except all (select {changes})")


def test_runs_are_stays_seen_whole(database: duckdb.DuckDBPyConnection) -> None:
    made = """select customer_id, min(entered_at) as started_at, arg_max(state, id) as state,
        count(*) - 1 as transitions,
        min(entered_at) filter (state = 'active') as active_at,
            min(entered_at) filter (state = 'cancelled') as cancelled_at
        from stays group by all"""
    shown = "customer_id, started_at, state, transitions, active_at, cancelled_at"
    assert none(database, f"(select {shown} from ({made})) except all (select {shown} from journeys)")
    assert none(database, "from journeys where ended_at is distinct from cancelled_at")
    assert database.execute("select count(*) from journeys").fetchone() == (2000,)


def test_periods_begin_while_in_the_states_exactly_once_an_anchor(database: duckdb.DuckDBPyConnection) -> None:
    expected = f"""select customer_id, entered_at + to_months(cast(k as integer)) as starts_at
        from stays, range(0, 200) as r(k)
        where state = 'active' and entered_at + to_months(cast(k as integer)) < coalesce(left_at, {END})"""
    shown = "select customer_id, starts_at from invoices"
    assert none(database, f"({expected}) except all ({shown})")
    assert none(database, f"({shown}) except all ({expected})")
    assert database.execute("select count(*) from invoices where day(starts_at) >= 29").fetchone()[0] > 100


def test_shares_of_periods_add_up_to_the_stays(database: duckdb.DuckDBPyConnection) -> None:
    """The days of a stay are the days of its periods, each by its share."""
    lived = (
        "sum(share * epoch(ends_at - starts_at)) as lived from invoices i join stays s on i.customer_id = s.customer_id"
    )
    stays = (
        f"select s.id, epoch(any_value(left_at - entered_at)) as stayed, {lived} and starts_at >= entered_at and "
        f"starts_at < left_at"
    )
    assert none(database, f"from ({stays} where s.state = 'active' group by s.id) where abs(stayed - lived) > 1")
    assert none(database, f"from invoices where share is null and ends_at <= {END}")
    assert database.execute("select count(*) from invoices where share is null").fetchone()[0] > 100


def periods(rows: dict[str, Any], count: int = 300) -> list[dict[str, Any]]:
    document = world(count=count)
    document["tables"]["invoices"]["rows"] |= rows
    return tables(document)["invoices"].to_pylist()


def test_the_day_of_an_anchor_is_clipped_and_kept() -> None:
    rows = periods({"anchor": 31})
    assert {row["starts_at"].day for row in rows} == {28, 29, 30, 31}
    assert all(
        row["starts_at"].day == calendar.monthrange(row["starts_at"].year, row["starts_at"].month)[1] for row in rows
    )
    assert {(row["starts_at"].hour, row["starts_at"].minute) for row in rows} == {(0, 0)}


@pytest.mark.parametrize(
    ("every", "anchor", "holds"),
    [
        ("week", 1, lambda at: at.weekday() == 0),
        ("week", 7, lambda at: at.weekday() == 6),
        ("quarter", 1, lambda at: at.day == 1 and at.month in (1, 4, 7, 10)),
        ("year", 15, lambda at: (at.month, at.day) == (1, 15)),
    ],
)
def test_anchors_of_the_calendar(every: str, anchor: int, holds: Any) -> None:
    rows = periods({"every": every, "anchor": anchor})
    assert rows
    assert all(holds(row["starts_at"]) for row in rows)


def test_an_anchor_at_birth_is_kept_through_absences() -> None:
    document = world(count=400)
    document["tables"]["invoices"]["rows"]["anchor"] = "birth"
    made = tables(document)
    born = dict(
        zip(made["customers"]["customer_id"].to_pylist(), made["customers"]["created_at"].to_pylist(), strict=True)
    )
    rows = made["invoices"].to_pylist()
    assert rows
    for row in rows:
        birth, at = born[row["customer_id"]], row["starts_at"]
        last = calendar.monthrange(at.year, at.month)[1]
        assert (at.day, at.time()) == (min(birth.day, last), birth.time())


@pytest.mark.parametrize("every", ["day", "week", "month", "quarter", "year"])
def test_boundaries_are_those_of_python(every: str) -> None:
    """Boundary k and the number of the first one not before a limit, against plain calendar arithmetic."""
    random = np.random.default_rng(1)
    anchors = random.integers(-(10**15), 2 * 10**15, 300)
    limits = anchors + random.integers(-(10**15), 10**15, 300)
    found = Boundaries(anchors, every)
    number = found.before(limits)
    owner = np.arange(300)
    assert np.all(found.at(owner, number) >= limits)
    assert np.all(found.at(owner, number - 1) < limits)
    for anchor, boundary in zip(anchors[:50].tolist(), found.at(owner, np.full(300, 13)).tolist(), strict=False):
        assert _later(anchor, every, 13) == boundary


def _later(anchor: int, every: str, number: int) -> int:
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    at = epoch + dt.timedelta(microseconds=anchor)
    if every in ("day", "week"):
        moved = at + dt.timedelta(days=number * {"day": 1, "week": 7}[every])
    else:
        month = at.year * 12 + at.month - 1 + number * {"month": 1, "quarter": 3, "year": 12}[every]
        year, month = month // 12, month % 12 + 1
        moved = at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))
    return (moved - epoch) // dt.timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ({"in": ["actve"]}, "unknown-process", "invoices.rows.in"),
        ({"process": "subscripton"}, "unknown-process", "invoices.rows.process"),
        ({"anchor": 32}, "range", "invoices.rows.anchor"),
        ({"every": "week", "anchor": 8}, "range", "invoices.rows.anchor"),
        ({"every": "day", "anchor": 1}, "no-effect", "invoices.rows.anchor"),
    ],
)
def test_what_a_view_cannot_show_is_reported(rows: dict[str, Any], code: str, place: str) -> None:
    document = world()
    document["tables"]["invoices"]["rows"] |= rows
    problems = [(p.code, p.place) for p in datagen.check(document) if "columns" not in p.place]
    assert problems == [(code, f"$.tables.{place}")]


def test_stays_in_some_states_are_those_of_the_whole() -> None:
    document = world(count=300)
    whole = [row for row in tables(document)["stays"].to_pylist() if row["state"] in ("active", "trial")]
    document["tables"]["stays"]["rows"]["in"] = ["trial", "active"]
    some = tables(document)["stays"].to_pylist()
    assert [{**row, "id": 0} for row in some] == [{**row, "id": 0} for row in whole]


def test_the_number_of_rows_of_a_view_cannot_be_multiplied() -> None:
    document = world(None, {"type": "segments", "column": "plan", "multiply": {"pro": {"stays": 2}}})
    assert [problem.code for problem in datagen.check(document)] == ["no-effect"]


def test_blocks_without_any_entity_have_no_rows() -> None:
    """Visits are rare: most blocks of users have none, so their processes have no trajectory."""
    stages = {"landing": {"share": 0.5}, "cart": {"share": 0.5}, "bought": {}}
    columns = {"id": {"type": "key"}, "visit_id": {"type": "parent_key"}}
    visits = {"visit_id": {"type": "key"}, "user_id": {"type": "parent_key"}, "at": {"type": "event_time"}}
    document = {
        "datagen": 1, "name": "rare", "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "users": {"rows": 40, "columns": {"user_id": {"type": "key"}}},
            "visits": {
                "parent": "users",
                "rows": {"type": "events", "mean_per_year": 0.1},
                "columns": visits,
                "processes": {"checkout": {"type": "funnel", "stay": "1h", "stages": stages}},
            },
            "journeys": {"parent": "visits", "rows": {"type": "runs", "process": "checkout"}, "columns": columns},
        },
    }  # fmt: skip
    whole = datagen.fingerprint(document)
    assert whole == datagen.fingerprint(document, partition_rows=1)
