"""Events `during` states of a process: exposed there and nowhere else, by the factor of the state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

import datagen
from tests.kinds.processes.test_lifecycle import EVERYTHING
from tests.kinds.processes.worlds import END, MONTH, WINDOW, world
from tests.promises.documents import tables

START = np.datetime64(WINDOW["start"], "us").astype(np.int64)


def with_logins(*behaviors: dict[str, Any], count: int = 1500, **rows: Any) -> dict[str, Any]:
    """Customers who log in while they are active or past due, less when past due."""
    document = world(None, *behaviors, count=count)
    during = {"process": "subscription", "states": ["active", "past_due"], "multiply": {"past_due": 0.3}}
    document["tables"]["logins"] = {
        "parent": "customers",
        "rows": {"type": "events", "mean_per_month": 4, "during": during, **rows},
        "columns": {"login_id": {"type": "key"}, "customer_id": {"type": "parent_key"}, "at": {"type": "event_time"}},
    }
    return document


def by_state(document: dict[str, Any], **choices: Any) -> dict[str, tuple[int, float]]:
    """Logins and months within the window, by state."""
    made = tables(document, **choices)
    database = duckdb.connect()
    for name in ("stays", "logins"):
        database.register(name, made[name])
    rows = database.execute(f"""
        with clipped as (select id, customer_id, state, greatest(entered_at, make_timestamp({START})) as low,
            least(coalesce(left_at, make_timestamp({END})), make_timestamp({END})) as high from stays),
        counted as (select c.id, count(*) as n from clipped c join logins l
            on l.customer_id = c.customer_id and l.at >= c.low and l.at < c.high group by c.id)
        select state, sum(coalesce(n, 0)), sum(greatest(epoch_us(high) - epoch_us(low), 0)) / {MONTH}
        from clipped left join counted using (id) group by state""").fetchall()
    assert sum(row[1] for row in rows) == made["logins"].num_rows, "every login lies in a stay"
    return {state: (int(n), float(months)) for state, n, months in rows}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rates_are_those_of_the_states(seed: int) -> None:
    found = by_state(with_logins(), seed=seed)
    for state, planted in (("active", 4.0), ("past_due", 1.2)):
        n, months = found[state]
        assert abs(np.log(n / months / planted)) < 3.5 * n**-0.5
    assert found["trial"][0] == found["cancelled"][0] == 0


def test_other_behaviors_act_on_it_as_anywhere() -> None:
    """Age, segments and a change by date multiply what the states leave."""
    behaviors = (
        {"type": "segments", "column": "plan", "multiply": {"pro": {"logins": 2.0}}},
        {"type": "vintage", "multiply": {"logins": [1.0, 0.5]}},
    )
    n, months = by_state(with_logins(*behaviors))["active"]
    assert 2.0 < n / months < 4.5


def test_without_factors_all_states_are_alike() -> None:
    document = with_logins()
    del document["tables"]["logins"]["rows"]["during"]["multiply"]
    document["tables"]["logins"]["rows"]["during"]["states"] = "active"
    found = by_state(document)
    n, months = found["active"]
    assert abs(np.log(n / months / 4.0)) < 3.5 * n**-0.5
    assert found["past_due"][0] == 0


def test_no_partitioning_changes_a_row_and_counts_are_known_before() -> None:
    document = with_logins(*EVERYTHING, count=150, dispersion=0.5)
    whole = datagen.fingerprint(document)
    assert datagen.fingerprint(document, partition_rows=100) == whole
    assert tables(document)["logins"].num_rows == datagen.plan(document).tables["logins"].rows


def test_a_longer_window_keeps_the_events_there_were() -> None:
    document = with_logins(count=200)
    document["tables"]["customers"]["rows"]["end"] = "2024-01-01"
    document["window"] = {**WINDOW, "end": "2025-05-20"}
    longer = {**document, "window": {**WINDOW, "end": "2025-11-03"}}
    before, after = (
        {(row["customer_id"], row["at"]) for row in tables(one)["logins"].to_pylist()} for one in (document, longer)
    )
    end = np.datetime64("2025-05-20", "us").astype(object)
    assert before == {(customer, at) for customer, at in after if at < end}
    assert len(after) > len(before)


def test_validation_finds_the_rates_and_events_outside(tmp_path: Path) -> None:
    document = with_logins(dispersion=0.4)
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    found = {f.subject: f.verdict for f in report.findings if f.measure == "RateDuring"}
    assert found == {"events per month in state active": "recovered", "events per month in state past_due": "recovered"}
    assert report.score >= 95
    other = with_logins(dispersion=0.4)
    other["tables"]["logins"]["rows"]["during"] = {"process": "subscription", "states": ["active"]}
    reported = {f.measure: f.verdict for f in datagen.validate(other, tmp_path / "out").findings}
    assert reported["EventsDuringStates"] == "fail"
    assert report.score > datagen.validate(other, tmp_path / "out").score


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"process": "subscripton"}, "unknown-process", "process"),
        ({"states": ["activ"], "multiply": {}}, "unknown-process", "states"),
        ({"multiply": {"trial": 2}}, "no-effect", "multiply.trial"),
        ({"multiply": {"active": 1}}, "no-effect", "multiply.active"),
    ],
)
def test_invalid_values_are_reported(change: dict[str, Any], code: str, place: str) -> None:
    document = with_logins()
    document["tables"]["logins"]["rows"]["during"] |= change
    problems = [(p.code, p.place) for p in datagen.check(document)]
    assert problems == [(code, f"$.tables.logins.rows.during.{place}")]


def test_factors_need_gaps_at_random() -> None:
    document = with_logins(gaps={"type": "gamma", "shape": 3})
    assert "conflict" in [problem.code for problem in datagen.check(document)]
