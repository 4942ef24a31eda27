"""Labelled anomalies: bursts with an answer key, harmless look-alikes, late and noisy labels, incidents with dates."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.recovery.worlds import SEEDS, frames

EXAMPLE = Path(__file__).parents[2] / "examples" / "payments_fraud.json"
EFFECTS = {"card_testing": 25, "takeover": 8, "spree": 9}
END = pd.Timestamp("2025-01-01")


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(EXAMPLE.read_text())
    found["tables"]["accounts"]["rows"]["count"] = 5000
    return found


@cache
def made(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Payments with the answer key, and cases."""
    found = frames(document(), seed)
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
