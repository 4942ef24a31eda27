"""Hazards that depend on how many rows of another table came in the time before."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest
from lifelines import CoxTimeVaryingFitter

import datagen
from tests.promises.documents import tables

DAY = 86_400_000_000


def document(
    covariate: dict | None = None,
    tickets: dict | None = None,
    rows: Any = 3000,
    exits: dict | None = None,
    behaviors: list | None = None,
) -> dict:
    lifecycle = {
        "type": "lifecycle",
        "start": "active",
        "states": {
            "active": {"exits": exits or {"gone": {"type": "exponential", "mean": 14}}},
            "gone": {"exits": {"active": {"type": "exponential", "mean": 6}}},
        },
        "covariates": [
            {"table": "tickets", "within": "30d", "multiply": {"active>gone": [1.8, 3.0]}} | (covariate or {})
        ],
    }
    return {
        "datagen": 1,
        "name": "tickets",
        "window": {"start": "2023-01-01", "end": "2025-01-01"},
        "tables": {
            "people": {
                "rows": {"type": "arrivals", "count": rows} if isinstance(rows, int) else rows,
                "columns": {
                    "id": {"type": "key"},
                    "joined_at": {"type": "arrival_time"},
                    "kind": {"type": "choice", "values": {"a": 1, "b": 1}},
                },
                "processes": {"life": lifecycle},
                "behaviors": behaviors or [],
            },
            "tickets": {
                "parent": "people",
                "rows": {"type": "events", "mean_per_month": 0.8, "dispersion": 0.8} | (tickets or {}),
                "columns": {"person": {"type": "parent_key"}, "at": {"type": "event_time"}},
            },
            "stays": {
                "parent": "people",
                "rows": {"type": "stays", "process": "life"},
                "columns": {
                    "person": {"type": "parent_key"},
                    **{
                        name: {"type": "row_attribute", "attribute": name}
                        for name in ("state", "entered_at", "left_at", "next_state")
                    },
                },
            },
        },
    }


DURING = {"during": {"process": "life", "states": "active"}}


def intervals(made: dict, within: int = 30 * DAY) -> pd.DataFrame:
    """The stays as an analyst of survival splits them: where the number of tickets of the last 30 days changes."""
    stays, tickets = made["stays"].to_pandas(), made["tickets"].to_pandas()
    by = {
        person: group.to_numpy().astype("datetime64[us]").astype(np.int64)
        for person, group in tickets.groupby("person")["at"]
    }
    end = np.datetime64("2025-01-01", "us").astype(np.int64)
    found = []
    for number, stay in enumerate(stays[stays["state"] == "active"].itertuples()):
        low = np.datetime64(stay.entered_at.tz_localize(None), "us").astype(np.int64)
        gone = stay.next_state == "gone"
        high = np.datetime64(stay.left_at.tz_localize(None), "us").astype(np.int64) if gone else end
        times = by.get(stay.person, np.zeros(0, np.int64))
        cuts = np.unique(np.concatenate([[low, high], times + 1, times + within + 1]).clip(low, high))
        counts = np.searchsorted(times, cuts[:-1]) - np.searchsorted(times, cuts[:-1] - within)
        for begin, stop, count in zip(cuts[:-1], cuts[1:], counts, strict=True):
            found.append(
                (number, (begin - low) / DAY, (stop - low) / DAY, count == 1, count >= 2, gone and stop == high)
            )
    return pd.DataFrame(found, columns=["id", "start", "stop", "one", "more", "event"]).astype(
        {"one": float, "more": float}
    )


@pytest.mark.parametrize(
    "tickets", [pytest.param({}, id="always"), pytest.param(DURING, id="during", marks=pytest.mark.slow)]
)
def test_a_cox_regression_with_a_time_varying_covariate_finds_the_factors(tickets: dict) -> None:
    found = CoxTimeVaryingFitter().fit(
        intervals(tables(document(tickets=tickets, rows=1000))),
        id_col="id",
        event_col="event",
        start_col="start",
        stop_col="stop",
    )
    table = found.summary
    z = (table["coef"] - np.log([1.8, 3.0])) / table["se(coef)"]
    assert (z.abs() < 3).all(), table
    assert (table["se(coef)"] < 0.15).all()


def test_rows_of_a_process_that_depends_on_them_come_in_its_states_only() -> None:
    made = tables(document(tickets=DURING))
    stays = made["stays"].to_pandas()
    active = stays[stays["state"] == "active"]
    both = made["tickets"].to_pandas().merge(active, on="person")
    inside = (both["at"] >= both["entered_at"]) & ((both["at"] < both["left_at"]) | both["left_at"].isna())
    assert inside.sum() == len(made["tickets"]) > 5000


def test_a_protective_covariate_and_a_share_of_the_rows_by_state(tmp_path) -> None:
    """Factors below 1 thin; a row that occurs in a state with a chance of .4 counts where it occurs."""
    states = {"during": {"process": "life", "states": ["active", "gone"], "multiply": {"gone": 0.4}}}
    made = document({"multiply": {"active>gone": 0.3, "gone>active": 2}}, tickets=states)
    assert set(report_of(made, tmp_path / "a").values()) == {"recovered"}


def report_of(made: dict, folder: Path) -> dict[str, str]:
    """The verdict on each edge; nothing in the report is wrong but signs of made-up data."""
    datagen.generate(made, folder)
    findings = [f for f in datagen.validate(made, folder).findings if f.group != "realism"]
    wrong = [f"{f.measure} {f.subject} {f.message}" for f in findings if f.verdict in ("fail", "not recovered")]
    assert not wrong, wrong
    return {f.subject: f.verdict for f in findings if f.measure == "TransitionRecovery"}


@pytest.mark.parametrize(
    "made",
    [
        document(),
        document(tickets=DURING),
        document(exits={"gone": {"type": "weibull", "shape": 1.5, "scale": 15}}),
        document(
            behaviors=[
                {"type": "segments", "column": "kind", "multiply": {"a": {"life.active>gone": 2.0, "tickets": 1.5}}},
                {"type": "trend", "of": "life.active>gone", "shape": "exponential", "growth_per_year": 0.5},
                {
                    "type": "experiment",
                    "name": "help",
                    "start": "2023-06-01",
                    "arms": {"control": {}, "help": {"multiply": {"life.active>gone": 0.5}}},
                },
            ]
        ),
    ],
    ids=["plain", "during", "weibull", "behaviors"],
)
def test_validation_finds_the_hazard_with_its_covariates(made: dict, tmp_path) -> None:
    assert list(report_of(made, tmp_path / "a").values()) == ["recovered"] * 2


def test_validation_notices_other_factors(tmp_path) -> None:
    datagen.generate(document(), tmp_path / "a")
    other = document({"multiply": {"active>gone": [1, 1.2]}})
    found = {
        f.subject: f.verdict
        for f in datagen.validate(other, tmp_path / "a").findings
        if f.measure == "TransitionRecovery"
    }
    assert found["active to gone (hazard per month)"] == "not recovered"


def test_exits_without_covariates_stay_or_come_earlier() -> None:
    """Copies are added and nothing else is drawn anew: the first stay never ends later with factors above 1."""
    plain = document()
    del plain["tables"]["people"]["processes"]["life"]["covariates"]
    lone, more = (tables(made)["stays"].to_pandas().groupby("person").first() for made in (plain, document()))
    far = pd.Timestamp("2030-01-01", tz=lone["left_at"].dt.tz)
    before, after = (one["left_at"].fillna(far) for one in (lone, more))
    assert (after <= before).all()
    assert 0.1 < (after < before).mean() < 0.9


def test_it_does_not_depend_on_partitions(tmp_path) -> None:
    whole = tables(document(tickets=DURING, rows=400))
    datagen.generate(document(tickets=DURING, rows=400), tmp_path / "a", partition_rows=1000)
    assert len([*(tmp_path / "a" / "stays").glob("*.parquet")]) > 2
    for name in ("tickets", "stays"):
        found = ds.dataset(tmp_path / "a" / name).to_table().to_pandas()
        pd.testing.assert_frame_equal(found, whole[name].to_pandas(), check_dtype=False)


def test_a_part_of_the_entities_may_have_no_rows(tmp_path) -> None:
    rare = document(tickets={"mean_per_month": 0.03}, rows=20)
    datagen.generate(rare, tmp_path / "out", partition_rows=1)
    assert 0 < len(tables(rare)["tickets"]) < 20
    assert datagen.fingerprint(tmp_path / "out") == datagen.fingerprint(rare)


def test_a_longer_window_changes_nothing_before() -> None:
    short = document(tickets=DURING)
    short["window"]["end"] = "2024-07-01"
    short["tables"]["people"]["rows"] = {"type": "arrivals", "count": 1500, "end": "2024-01-01"}
    long = {**short, "window": {"start": "2023-01-01", "end": "2025-01-01"}}
    one, two = (tables(made)["tickets"].to_pandas() for made in (short, long))
    pd.testing.assert_frame_equal(
        one, two[two["at"] < pd.Timestamp("2024-07-01", tz=two["at"].dt.tz)].reset_index(drop=True)
    )


SPENT = {"table": "tickets", "column": "amount", "thresholds": [40, 90], "multiply": {"active>gone": [2.0, 4.0]}}


def priced(measure: str = "sum", tickets: dict | None = None, **covariate: Any) -> dict:
    """Hazards that depend on the sum, the mean or the last amount of the tickets of the last 30 days."""
    made = document({**SPENT, "measure": measure, **covariate}, tickets=tickets, rows=2000)
    made["tables"]["tickets"]["columns"]["amount"] = {"type": "lognormal", "median": 40, "sigma": 0.7, "decimals": 2}
    made["tables"]["people"]["behaviors"] = [
        {"type": "segments", "column": "kind", "multiply": {"a": {"tickets.amount": 1.5}}}
    ]
    return made


def naive_levels(made: dict, measure: str, within: int = 30 * DAY) -> pd.DataFrame:
    """Months exposed and exits at each level, from the files, stay by stay: the figure at the end of each piece."""
    stays, tickets = made["stays"].to_pandas(), made["tickets"].to_pandas()
    micros = lambda times: times.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)  # noqa: E731
    tickets = tickets.assign(at=micros(tickets["at"]))
    by = {person: (own["at"].to_numpy(), own["amount"].to_numpy()) for person, own in tickets.groupby("person")}
    end = np.datetime64("2025-01-01", "us").astype(np.int64)
    found = []
    stays = stays[stays["state"] == "active"]
    lows, highs = micros(stays["entered_at"]), stays["left_at"]
    highs = np.where(highs.isna(), end, micros(highs.fillna(pd.Timestamp("2025-01-01", tz=highs.dt.tz))))
    for person, low, high, after in zip(stays["person"], lows, highs, stays["next_state"], strict=True):
        times, amounts = by.get(person, (np.zeros(0, np.int64), np.zeros(0)))
        cuts = np.unique(np.concatenate([[low, high], times + 1, times + within + 1]).clip(low, high))
        for begin, stop in itertools.pairwise(cuts):
            own = amounts[(times < begin) & (times >= begin - within)]
            figure = {"sum": own.sum(), "mean": own.mean() if len(own) else 0, "last": own[-1] if len(own) else 0}[
                measure
            ]
            level = int(figure >= 40) + int(figure >= 90) if len(own) else 0
            found.append((level, stop - begin, after == "gone" and stop == high))
    return pd.DataFrame(found, columns=["level", "time", "event"]).groupby("level").sum()


@pytest.mark.parametrize(
    ("measure", "tickets"),
    [
        pytest.param("sum", {}, id="sum-always"),
        pytest.param("mean", DURING, id="mean-during"),
        pytest.param("last", {}, id="last-always"),
        pytest.param("sum", DURING, id="sum-during", marks=pytest.mark.slow),
        pytest.param("mean", {}, id="mean-always", marks=pytest.mark.slow),
        pytest.param("last", DURING, id="last-during", marks=pytest.mark.slow),
    ],
)
def test_hazards_follow_the_sum_the_mean_or_the_last_value(measure: str, tickets: dict, tmp_path: Path) -> None:
    """Rates of exits at each level are those planted, within four standard errors; validation says so too."""
    made = priced(measure, tickets)
    levels = naive_levels(tables(made), measure)
    rates = levels["event"] / levels["time"]
    for level, planted in ((1, 2.0), (2, 4.0)):
        error = (1 / levels["event"][level] + 1 / levels["event"][0]) ** 0.5
        assert abs(np.log(rates[level] / rates[0] / planted)) < 4 * error < 0.6, levels
    assert list(report_of(made, tmp_path / "a").values()) == ["recovered"] * 2


def test_the_length_of_stays_is_unknown_where_rows_end_with_them_and_the_report_says_why(tmp_path: Path) -> None:
    made = document(tickets=DURING, rows=300)
    datagen.generate(made, tmp_path / "a")
    found = {f.subject: f for f in datagen.validate(made, tmp_path / "a").findings if f.measure == "DwellTimes"}
    active = found["length of active"]
    assert active.verdict == "not identifiable"
    assert "end with the stay" in active.message


def test_validation_notices_another_threshold_or_measure(tmp_path: Path) -> None:
    datagen.generate(priced(), tmp_path / "a")
    for other in (priced("last"), priced(thresholds=[300, 900])):
        found = [f for f in datagen.validate(other, tmp_path / "a").findings if f.measure == "TransitionRecovery"]
        assert "not recovered" in {f.verdict for f in found}, found


def test_values_do_not_depend_on_partitions(tmp_path: Path) -> None:
    made = priced("mean", DURING)
    made["tables"]["people"]["rows"] = {"type": "arrivals", "count": 300}
    whole = tables(made)
    datagen.generate(made, tmp_path / "a", partition_rows=700)
    assert len([*(tmp_path / "a" / "stays").glob("*.parquet")]) > 2
    for name in ("tickets", "stays"):
        found = ds.dataset(tmp_path / "a" / name).to_table().to_pandas()
        pd.testing.assert_frame_equal(found, whole[name].to_pandas(), check_dtype=False)


def test_counts_with_thresholds_are_steps() -> None:
    """Thresholds of 1 and 2 rows are what a count has without them, row by row."""
    plain, stepped = (tables(document({"thresholds": some}, rows=500)) for some in ([], [1, 2]))
    assert plain["stays"].equals(stepped["stays"])


def test_a_factor_of_each_row_is_a_list_of_its_powers() -> None:
    powers, linear = (
        tables(document({"multiply": {"active>gone": factors}}, rows=500))
        for factors in ([2, 4, 8], {"factor": 2, "to": 3})
    )
    assert powers["stays"].equals(linear["stays"])


LINEAR = {"measure": "sum", "thresholds": [], "multiply": {"active>gone": {"factor": 1.3, "per": 20, "to": 140}}}


def test_validation_finds_a_factor_of_each_unit_and_notices_another(tmp_path: Path) -> None:
    made = priced(**LINEAR)
    assert list(report_of(made, tmp_path / "a").values()) == ["recovered"] * 2
    other = priced(**{**LINEAR, "multiply": {"active>gone": {"factor": 1.1, "per": 20, "to": 140}}})
    found = [f for f in datagen.validate(other, tmp_path / "a").findings if f.measure == "TransitionRecovery"]
    assert "not recovered" in {f.verdict for f in found}


def test_many_large_factors_multiply_a_hazard_by_no_more_than_the_limit(tmp_path: Path) -> None:
    """Three covariates of 100 each: stays end soon after a ticket, and validation finds the hazard."""
    made = document({"multiply": {"active>gone": 100}}, rows=50)
    made["tables"]["people"]["processes"]["life"]["covariates"] *= 3
    assert set(report_of(made, tmp_path / "a").values()) == {"recovered"}


COUNTDOWN = {"type": "countdown", "before": "life.active>gone", "within": "2w", "multiply": {"tickets": 3.0}}


@pytest.mark.parametrize(
    ("made", "codes"),
    [
        (document({"table": "ticket"}), ["unknown-table"]),
        (document({"table": "people"}), ["unrelated-table"]),
        (document({"table": "stays"}), ["conflict"]),
        (document({"multiply": {"active>won": 2}}), ["unknown-process"]),
        (document({"multiply": {"active>gone": [1, 1]}}), ["no-effect"]),
        (document(tickets={"during": {"process": "life", "states": "active", "multiply": {"active": 2}}}), ["range"]),
        (document(behaviors=[COUNTDOWN]), ["conflict"]),
        (document(exits={"gone": {"type": "sbg", "alpha": 1, "beta": 3}}), ["conflict"]),
        (document({"multiply": {"active>gone": {"factor": 1, "to": 3}}}), ["no-effect"]),
        (document({"multiply": {"active>gone": {"factor": 2, "to": 0}}}), ["range"]),
        (document({"multiply": {"active>gone": {"factor": 2, "to": 9}}}), ["range"]),
        (document({"multiply": {"active>gone": {"factor": 2, "to": 3}}, "thresholds": [1]}), ["no-effect"]),
        (document({"multiply": {"active>gone": {"factor": 2}}}), ["missing"]),
        (priced(column="amuont"), ["unknown-column"]),
        (priced(column="at"), ["type"]),
        (priced("count"), ["conflict"]),
        (priced(thresholds=[90, 40]), ["range"]),
        (priced(thresholds=[90]), ["conflict"]),
        (document({"measure": "sum", "column": "at"}), ["conflict"]),
    ],
)
def test_problems(made: dict, codes: list[str]) -> None:
    assert [problem.code for problem in datagen.check(made)] == codes, datagen.check(made)
