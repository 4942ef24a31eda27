"""Labelled anomalies: bursts with an answer key, harmless look-alikes, late and noisy labels, incidents with dates."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.recovery.worlds import SEEDS, frames

EXAMPLE = Path(__file__).parents[2] / "examples" / "payments_fraud.json"
EFFECTS = {"card_testing": 25, "takeover": 8, "spree": 9, "refund_abuse": 6}
END = pd.Timestamp("2025-01-01")


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(EXAMPLE.read_text())
    found["tables"]["accounts"]["rows"]["count"] = 5000
    found["tables"]["transfer_cases"]["rows"]["count"] = 20_000
    return found


@cache
def everything(seed: int) -> dict[str, pd.DataFrame]:
    return frames(document(), seed)


def made(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Payments with the answer key, and cases."""
    found = everything(seed)
    return found["payments"].merge(found["_truth/payments"], on="payment_id"), found["_truth/cases"]


@pytest.mark.parametrize("seed", SEEDS)
def test_bursts_have_the_planted_size_and_belong_to_a_case_of_their_account(seed: int) -> None:
    payments, cases = made(seed)
    part = payments[payments["case_id"].notna()].astype({"case_id": int})
    joined = part.merge(cases, on="case_id", suffixes=("", "_of_case"))
    assert len(joined) == len(part)
    assert (joined["account_id"] == joined["account_id_of_case"]).all()
    assert (joined["paid_at"] >= joined["begun_at"]).all()
    assert (joined["case_kind"].astype(str) == joined["kind"].astype(str)).all()
    old = cases[cases["begun_at"] < END - pd.Timedelta(days=3)]
    for kind, effect in EFFECTS.items():
        own = old[old["kind"] == kind]["case_id"]
        number = part["case_id"].isin(own).sum()
        assert abs(number - effect * len(own)) < 4 * np.sqrt(effect * len(own))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_velocity_rule_finds_bursts_and_pays_for_look_alikes(seed: int) -> None:
    payments, cases = made(seed)
    marked = payments.assign(**{kind: payments["case_kind"] == kind for kind in EFFECTS})
    windows = marked.groupby(["account_id", marked["paid_at"].dt.floor("2h")])
    hours = windows[list(EFFECTS)].max().assign(n=windows.size())
    flagged = hours[hours["n"] >= 4]
    accounts = set(flagged[flagged["card_testing"]].index.get_level_values(0))
    tested = cases[(cases["kind"] == "card_testing") & (cases["begun_at"] < END - pd.Timedelta(days=1))]
    assert tested["account_id"].isin(accounts).mean() > 0.97
    assert 0.4 < (flagged["card_testing"] | flagged["takeover"]).mean() < 0.95
    assert (flagged["spree"] & ~flagged["card_testing"] & ~flagged["takeover"]).sum() > 20


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_are_late_and_noisy(seed: int) -> None:
    payments, _ = made(seed)
    early = payments[payments["paid_at"] < pd.Timestamp("2024-07-01")]
    for fraud, share in ((True, 0.92), (False, 0.0005)):
        own = early[early["fraud"] == fraud]
        assert abs(own["chargeback_at"].notna().mean() - share) < 4 * np.sqrt(share * (1 - share) / len(own)) + 1e-4
    days = (early["chargeback_at"] - early["paid_at"]).dropna() / pd.Timedelta(days=1)
    assert abs(np.log(days.median() / 18)) < 4 * 1.2533 * 0.6 / np.sqrt(len(days))
    late = payments[(payments["paid_at"] > END - pd.Timedelta(days=7)) & payments["fraud"]]
    assert late["chargeback_at"].notna().mean() < 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_incidents_stand_at_their_dates(seed: int) -> None:
    payments, cases = made(seed)
    night = payments["paid_at"].between(pd.Timestamp("2024-05-14"), pd.Timestamp("2024-05-14 05:59:59"))
    assert payments.loc[night, "case_id"].notna().all()
    wave = cases["begun_at"].between(pd.Timestamp("2024-09-09"), pd.Timestamp("2024-09-23"))
    rest = (~wave).sum() / 352
    assert abs(np.log(wave.sum() / 14 / rest / 5)) < 4 * np.sqrt(1 / wave.sum() + 1 / (~wave).sum())


def test_a_kind_of_case_switched_off_takes_exactly_its_payments() -> None:
    twin = frames({**document(), "without": ["payments.triggered_by.takeover"]}, 1)["payments"]
    payments, _ = made(1)
    left = payments[payments["case_kind"] != "takeover"].reset_index(drop=True)
    same = ["account_id", "paid_at", "amount", "chargeback_at"]
    pd.testing.assert_frame_equal(left[same], twin[same])


@pytest.mark.parametrize("seed", SEEDS)
def test_refund_abuse_is_found_by_the_refunds_of_a_burst_and_pays_for_sprees(seed: int) -> None:
    payments, cases = made(seed)
    refunds = everything(seed)["refunds"]
    for kind, odds in (("none", 1), ("spree", 60), ("refund_abuse", 200)):
        own = payments[payments["case_kind"].astype(object).fillna("none") == kind]
        share = 0.02 * odds / (1 + 0.02 * (odds - 1))
        error = np.sqrt(share * (1 - share) / len(own))
        assert abs(own["payment_id"].isin(refunds["payment_id"]).mean() - share) < 4 * error < 0.1
    joined = payments.assign(
        refunded=payments["payment_id"].isin(refunds["payment_id"]), day=payments["paid_at"].dt.floor("12h")
    )
    spans = joined.groupby(["account_id", "day"]).agg(n=("refunded", "size"), refunds=("refunded", "sum"))
    flagged = spans[(spans["refunds"] >= 3) & (spans["refunds"] >= 0.5 * spans["n"])].reset_index()
    hit = joined.merge(flagged, on=["account_id", "day"])
    found = set(hit["case_id"].dropna())
    abused, sprees = (set(cases[cases["kind"] == kind]["case_id"]) for kind in ("refund_abuse", "spree"))
    assert len(abused & found) > 0.6 * len(abused)
    assert len(sprees & found) > 10
    assert hit["case_id"].isna().mean() < 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_of_refunds_and_transfers_are_late_and_noisy(seed: int) -> None:
    tables = everything(seed)
    for table, key, truth, late, known in (
        ("refunds", "refund_id", "abuse", "flagged_at", (0.8, 0.01)),
        ("transfers", "transfer_id", "fraud", "reported_at", (0.7, 0.001)),
    ):
        both = tables[table].merge(tables[f"_truth/{table}"], on=key)
        for one, share in zip((True, False), known, strict=True):
            own = both[both[truth] == one]
            assert abs(own["reported"].mean() - share) < 4 * np.sqrt(share * (1 - share) / len(own)) + 1e-3
        assert both.loc[~both["reported"], late].isna().all()
        moment = "refunded_at" if table == "refunds" else "paid_at"
        old = both["reported"] & (both[moment] < END - pd.Timedelta(days=150))
        delay = (both.loc[old, late] - both.loc[old, moment]).dropna()
        assert len(delay) > 0.98 * old.sum() > 20
        assert (delay > pd.Timedelta(0)).all()


def test_transfers_of_a_cycle_follow_each_other_from_account_to_account() -> None:
    """Each hop is paid by who was paid at the hop before, and after it; the last one closes the cycle."""
    tables = everything(SEEDS[0])
    both = tables["transfers"].merge(tables["_truth/transfers"], on="transfer_id").sort_values("transfer_id")
    own = both[both["case_kind"].isin(["cycle", "savings_club"])]
    for _, hops in own.groupby("transfer_case_id"):
        assert len(hops) == 5
        assert hops["paid_at"].dropna().is_monotonic_increasing  # the last ones may lie ahead
        assert (hops["payee_id"].to_numpy() == np.roll(hops["payer_id"].to_numpy(), -1)).all()
    assert own["transfer_case_id"].nunique() > 50


@pytest.mark.parametrize("seed", SEEDS)
def test_rings_are_found_in_duckdb_with_their_look_alikes(seed: int) -> None:
    """The page's own rules find nearly all cycles and most fans, and flag look-alikes; single transfers hardly ever."""
    transfers, key = everything(seed)["transfers"], everything(seed)["_truth/transfers"]
    assert (transfers["payer_id"] != transfers["payee_id"]).all()
    assert transfers[["payer_id", "payee_id"]].notna().all().all()
    code = (
        (Path(__file__).parents[2] / "docs" / "anomalies.md")
        .read_text()
        .partition("fan = ")[2]
        .partition("for rule")[0]
    )
    con = duckdb.connect()
    con.register("transfers", transfers)
    con.register("key", key)
    con.sql("create view truth as select transfer_id, case_kind::varchar as kind, transfer_case_id as case_id from key")
    scope: dict[str, Any] = {}
    exec(f"fan = {code}", scope)  # the rules as the page writes them
    totals = dict(con.sql("select kind, count(distinct case_id) from truth group by 1").fetchall())
    found = {
        rule: dict(con.sql(f"select kind, count(*) from ({query}) group by 1").fetchall())
        for rule, query in scope["rules"].items()
    }
    assert found["cycle within a day"].get("cycle", 0) > 0.95 * totals["cycle"]
    assert found["cycle within a day"].get("savings_club", 0) < 0.1 * totals["savings_club"]
    assert found["cycle within two months"]["savings_club"] > 0.9 * totals["savings_club"]
    for rule, guilty, innocent in (("paid by many", "fan_in", "collection"), ("pays many", "fan_out", "payroll")):
        assert found[rule][guilty] > 0.7 * totals[guilty]
        assert found[rule][innocent] > 0.6 * totals[innocent]
        assert sum(found[rule].values()) - found[rule][guilty] - found[rule][innocent] <= 3
