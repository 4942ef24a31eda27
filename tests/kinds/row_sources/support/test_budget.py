"""Budgets: what rows that refer to a campaign cost together stays within its budget, and rows end when it is spent."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest

import datagen
from datagen.engine import budgets
from tests.recovery.worlds import frames

CAMPAIGNS = {
    "channel": ["search", "mail", "search", "mail"],
    "starts_at": ["2024-01-01", "2024-01-10", "2024-02-15", "2024-02-01"],
    "ends_at": ["2024-02-15", "2024-02-01", "2024-04-01", "2024-04-01"],
    "budget": [400.0, 90.0, None, 1e6],
}


def document(**changes: Any) -> dict[str, Any]:
    types = {"channel": "text", "starts_at": "timestamp", "ends_at": "timestamp", "budget": "float"}
    made = {
        "datagen": 1,
        "name": "budgets",
        "window": {"start": "2024-01-01", "end": "2024-04-01"},
        "tables": {
            "campaigns": {
                "rows": {
                    "type": "listed",
                    "columns": [*types],
                    "rows": [list(row) for row in zip(*CAMPAIGNS.values(), strict=True)],
                },
                "columns": {
                    "campaign_id": {"type": "key"},
                    **{name: {"type": "listed", "as": kind} for name, kind in types.items()},
                },
            },
            "people": {"rows": 300, "columns": {"person_id": {"type": "key"}}},
            "touches": {
                "parent": "people",
                "rows": {
                    "type": "events",
                    "mean_per_month": 6,
                    "budget": {"through": "campaign_id", "cost": "cost", "limit": "budget"},
                },
                "columns": {
                    "touch_id": {"type": "key"},
                    "person_id": {"type": "parent_key"},
                    "touched_at": {"type": "event_time"},
                    "channel": {"type": "choice", "values": {"search": 1, "mail": 1}},
                    "campaign_id": {
                        "type": "reference",
                        "table": "campaigns",
                        "same": {"channel": "channel"},
                        "valid": {"at": "touched_at", "from": "starts_at", "to": "ends_at"},
                    },
                    "cost": {"type": "lognormal", "median": 0.5, "sigma": 0.6, "decimals": 2},
                },
            },
        },
    }
    made["tables"]["touches"]["rows"] |= changes
    return made


def without() -> dict[str, Any]:
    made = copy.deepcopy(document())
    del made["tables"]["touches"]["rows"]["budget"]
    return made


@cache
def kept() -> pd.DataFrame:
    return frames(document(), 1)["touches"]


@cache
def everything() -> pd.DataFrame:
    return frames(without(), 1)["touches"]


SAME = ["person_id", "touched_at", "channel", "campaign_id", "cost"]


def test_no_campaign_spends_more_than_its_budget_and_what_is_left_would_not_pay_the_next_hour() -> None:
    spent = kept().groupby("campaign_id")["cost"].sum()
    all_costs = everything().groupby("campaign_id")["cost"].sum()
    assert spent[1] <= 400 < all_costs[1]
    assert spent[2] <= 90 < all_costs[2]
    for campaign, budget in ((1, 400), (2, 90)):
        end = kept().loc[kept()["campaign_id"] == campaign, "touched_at"].max()
        later = everything()[(everything()["campaign_id"] == campaign) & (everything()["touched_at"] > end)]
        hour = later["touched_at"].dt.floor("h")
        assert spent[campaign] + later.loc[hour == hour.min(), "cost"].sum() > budget
    assert spent[1] > 390
    assert spent[2] > 80


def test_only_touches_after_a_spent_budget_are_missing() -> None:
    """Campaigns without a budget or with a large one keep all touches; the others are cut at one time, for everyone."""
    both = everything().merge(kept()[SAME], on=SAME, how="left", indicator=True)
    left = both[both["_merge"] == "both"]
    assert len(left) == len(kept())
    gone = both[both["_merge"] == "left_only"]
    assert set(gone["campaign_id"]) == {1, 2}
    for campaign in (1, 2):
        last = left.loc[left["campaign_id"] == campaign, "touched_at"].max()
        assert (gone.loc[gone["campaign_id"] == campaign, "touched_at"] > last).all()
    assert left["campaign_id"].isna().sum() == both["campaign_id"].isna().sum() > 0


def test_touches_come_within_the_flight_of_their_campaign() -> None:
    flights = pd.DataFrame(CAMPAIGNS, index=range(1, 5)).loc[kept()["campaign_id"].dropna().astype(int)]
    times = kept().loc[kept()["campaign_id"].notna(), "touched_at"].dt.tz_localize(None).to_numpy()
    assert (times >= pd.to_datetime(flights["starts_at"]).to_numpy()).all()
    assert (times < pd.to_datetime(flights["ends_at"]).to_numpy()).all()


def test_it_does_not_depend_on_partitions(tmp_path: Path) -> None:
    datagen.generate(document(), tmp_path, seed=1, partition_rows=500)
    assert len([*(tmp_path / "touches").glob("*.parquet")]) > 5
    found = ds.dataset(tmp_path / "touches").to_table().to_pandas()
    assert len(found) == len(kept())
    for name in ("touch_id", "person_id", "touched_at", "cost"):
        assert (found[name].to_numpy() == kept()[name].to_numpy()).all()


def other_rows(what: str) -> dict[str, Any]:
    """Touches that come every day, or several with each visit, at its time."""
    made = document()
    touches, budget = made["tables"]["touches"], made["tables"]["touches"]["rows"]["budget"]
    if what == "grid":
        touches["rows"] = {"type": "grid", "every": "day", "budget": budget}
        return made
    made["tables"]["visits"] = {
        "parent": "people",
        "rows": {"type": "events", "mean_per_month": 4},
        "columns": {"visit_id": {"type": "key"}, "visited_at": {"type": "event_time"}},
    }
    touches |= {"parent": "visits", "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 2}}}
    touches["rows"]["budget"] = budget
    touches["columns"]["person_id"] = {"type": "parent_key"}
    touches["columns"]["touched_at"] = {"type": "expression", "expression": "visits.visited_at"}
    return made


@pytest.mark.parametrize("what", ["grid", "per_parent"])
def test_rows_of_other_types_keep_budgets(what: str, tmp_path: Path) -> None:
    made = other_rows(what)
    free = copy.deepcopy(made)
    del free["tables"]["touches"]["rows"]["budget"]
    found, everything_ = frames(made, 1)["touches"], frames(free, 1)["touches"]
    both = everything_.merge(found[SAME], on=SAME, how="left", indicator=True)
    gone, spent = both[both["_merge"] == "left_only"], found.groupby("campaign_id")["cost"].sum()
    assert set(gone["campaign_id"]) == {1, 2}
    assert 0.8 * 400 < spent[1] <= 400
    assert 0.5 * 90 < spent[2] <= 90
    for campaign in (1, 2):
        last = found.loc[found["campaign_id"] == campaign, "touched_at"].max()
        assert (gone.loc[gone["campaign_id"] == campaign, "touched_at"] > last).all()
    datagen.generate(made, tmp_path, seed=1, partition_rows=500)
    assert ds.dataset(tmp_path / "touches").count_rows() == len(found)
    report = datagen.validate({**made, "seed": 1}, tmp_path)
    assert [one.message for one in report.findings if one.verdict == "fail" and one.group != "realism"] == []


def test_rows_without_a_time_cannot_have_a_budget() -> None:
    made = other_rows("per_parent")
    made["tables"]["touches"]["parent"] = "people"
    del made["tables"]["visits"]
    made["tables"]["touches"]["columns"]["touched_at"] = {"type": "uniform", "min": "2024-01-01", "max": "2024-03-01"}
    (problem,) = datagen.check(made)
    assert (problem.code, problem.place) == ("missing", "$.tables.touches.rows.budget")


def test_a_condition_and_a_budget_together() -> None:
    """Rows that do not satisfy the condition cost nothing."""
    found = frames(document(where="channel = 'search'"), 1)["touches"]
    pd.testing.assert_frame_equal(
        found[SAME], kept()[kept()["channel"] == "search"][SAME].reset_index(drop=True), check_dtype=False
    )


def test_triggered_rows_follow_from_the_touches_that_are_left(tmp_path: Path) -> None:
    made = document()
    made["tables"]["people"]["rows"] = 1500
    made["tables"]["conversions"] = {
        "parent": "people",
        "rows": {
            "type": "events",
            "mean_per_month": 0.1,
            "triggered_by": {"table": "touches", "by": "channel", "effect": {"search": 0.3}, "half_life": "2d"},
        },
        "columns": {
            "conversion_id": {"type": "key"},
            "person_id": {"type": "parent_key"},
            "converted_at": {"type": "event_time"},
            "touch_id": {"type": "row_attribute", "attribute": "cause", "hidden": True},
            "channel": {"type": "row_attribute", "attribute": "cause_kind", "hidden": True},
        },
    }
    datagen.generate(made, tmp_path)
    found = datagen.validate(made, tmp_path).findings
    assert not [f for f in found if f.verdict in ("fail", "not recovered") and f.group != "realism"]
    effects = [f for f in found if f.measure == "TriggerEffect"]
    assert [f.verdict for f in effects if f.subject.endswith("search")] == ["recovered"], effects


def test_validation_notices_a_budget_that_is_not_kept(tmp_path: Path) -> None:
    datagen.generate(without(), tmp_path)
    finding = next(f for f in datagen.validate(document(), tmp_path).findings if f.measure == "BudgetKept")
    assert (finding.verdict, finding.count) == ("fail", 2)
    assert finding.rows[0]["budget"] == 400
    datagen.generate(document(), tmp_path / "kept")
    finding = next(f for f in datagen.validate(document(), tmp_path / "kept").findings if f.measure == "BudgetKept")
    assert finding.verdict == "pass"


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(budgets, "MOST_COSTED", 1000)
    with pytest.raises(datagen.PlanError, match="at most 1,000"):
        datagen.plan(document())


def test_rows_are_counted_in_the_pass_as_they_are_counted_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """With rows that have no budget, and a condition."""
    some = document(where="cost < 2")
    some["tables"]["touches"]["columns"]["campaign_id"]["modifiers"] = [{"type": "nulls", "share": 0.2}]
    rows = datagen.plan(some).tables["touches"].rows
    assert 0 < rows < datagen.plan(without()).tables["touches"].rows
    monkeypatch.setattr(budgets.BudgetedRows, "kept", lambda *_: None)
    assert datagen.plan(some).tables["touches"].rows == rows


def test_the_pass_comes_to_the_same_in_any_order_and_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from datagen.kinds.row_sources.support.budget import Costs

    rng = np.random.default_rng(1)
    position, times = rng.integers(0, 5, 3000), rng.integers(0, 10**12, 3000)
    units = rng.integers(0, 100, 3000)
    limits = np.array([1000, 2000, 2**62, 0, 29_000], np.int64)
    below = np.array([3000])
    whole = budgets.last_hours(limits, iter([Costs(position, times, units, below, below)]))
    monkeypatch.setattr(budgets, "_PENDING", 10)
    order = rng.permutation(3000)
    parts = (Costs(position[some], times[some], units[some], below, below) for some in np.array_split(order, 17))
    assert budgets.last_hours(limits, parts) == whole
    assert set(whole) >= {"0", "1", "3"}
    assert "2" not in whole
    for one, hour in whole.items():
        own = position == int(one)
        assert units[own & (times < hour * 3_600_000_000)].sum() <= limits[int(one)]
        assert units[own & (times < (hour + 1) * 3_600_000_000)].sum() > limits[int(one)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"through": "campaign"}, "unknown-column"),
        ({"through": "person_id"}, "unknown-column"),
        ({"cost": "channel"}, "type"),
        ({"limit": "channel"}, "type"),
        ({"limit": "bugdet"}, "unknown-column"),
        ({"through": "channel"}, "type"),
    ],
)
def test_problems(change: dict[str, str], code: str) -> None:
    made = document(budget={"through": "campaign_id", "cost": "cost", "limit": "budget"} | change)
    found = datagen.check(made)
    assert [one.code for one in found] == [code], found
    assert found[0].keys[:4] == ("tables", "touches", "rows", "budget")


def test_costs_below_0_are_refused() -> None:
    made = document()
    made["tables"]["touches"]["columns"]["cost"] = {"type": "uniform", "min": -1, "max": 2, "decimals": 2}
    assert [one.code for one in datagen.check(made)] == ["range"]
