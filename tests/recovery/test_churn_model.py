"""A churn model on the subscription example is as good as the planted hazards allow. scikit-learn comes with the extra
`evidence`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.recovery.worlds import frames

ensemble = pytest.importorskip("sklearn.ensemble")
metrics = pytest.importorskip("sklearn.metrics")

EXAMPLE = Path(__file__).parents[2] / "examples" / "saas_subscription_churn.json"
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))]
MONTH = pd.Timedelta(hours=730.5)
PLAN = {"starter": 1.5, "team": 1.0, "business": 0.7}
SEGMENT = {"self_serve": 1.0, "mid_market": 0.7, "enterprise": 0.35}
BILLING = {"monthly": 1.0, "annual": 0.5}
RISE = (pd.Timestamp("2024-03-01"), pd.Timestamp("2024-05-15"))
"""What the example plants on a hazard of 1/30 per month, which is 1.6 times as high before the fourth month of age, and
0.7 times from the twelfth on, and twice as high during the rise of prices.
"""


def at_risk(seed: int) -> pd.DataFrame:
    """A row for each active customer at the start of each month: what an analyst knows then, whether the customer
    cancels within a month, and the chance of it by the planted hazard.
    """
    document = json.loads(EXAMPLE.read_text())
    document["tables"] = {name: document["tables"][name] for name in ("customers", "stays")}
    customers = document["tables"]["customers"]
    customers["rows"]["count"] = 12_000
    customers["behaviors"] = [one for one in customers["behaviors"] if one["type"] != "countdown"]
    for multiply in customers["behaviors"][0]["multiply"].values():
        multiply.pop("logins", None)
    tables = frames(document, seed)
    active = tables["stays"].query("state == 'active'")
    cancelled = active.loc[active["next_state"] == "cancelled", ["customer_id", "left_at"]]
    parts = []
    for month in pd.date_range("2022-02-01", "2024-11-01", freq="MS"):
        now = active[(active["entered_at"] <= month) & ~(active["left_at"] <= month)]
        gone = cancelled[(cancelled["left_at"] >= month) & (cancelled["left_at"] < month + MONTH)]
        parts.append(now.assign(month=month, cancels=now["customer_id"].isin(gone["customer_id"])))
    found = pd.concat(parts).merge(tables["customers"][["customer_id", "created_at", "segment"]], on="customer_id")
    found["age"] = (found["month"] - found["created_at"]) / MONTH
    found["paying_for"] = (found["month"] - found["entered_at"]) / MONTH
    found["calendar"] = (found["month"] - pd.Timestamp("2022-01-01")) / MONTH
    return found.assign(planted=_chance(found))


def _chance(rows: pd.DataFrame) -> np.ndarray:
    """The planted chance to cancel within a month: the hazard integrated day by day."""
    kept = np.ones(len(rows)) / 30
    for name, factors in (("plan", PLAN), ("segment", SEGMENT), ("billing", BILLING)):
        kept *= rows[name].astype(str).map(factors).to_numpy()
    total = np.zeros(len(rows))
    for part in (np.arange(30) + 0.5) / 30:
        age, date = rows["age"] + part, rows["month"] + part * MONTH
        total += (
            np.select([age < 4, age < 12], [1.6, 1.0], 0.7)
            * np.where((date >= RISE[0]) & (date < RISE[1]), 2.0, 1.0)
            / 30
        )
    return 1 - np.exp(-kept * total)


def allowed(chance: np.ndarray) -> float:
    """The expected AUC of the best possible score: the chance that of a random pair with one cancellation it is the
    likelier one.
    """
    order = np.sort(chance)
    stays = 1 - order
    below = np.concatenate([[0], np.cumsum(stays)])
    first, last = np.searchsorted(order, order, "left"), np.searchsorted(order, order, "right")
    won = below[first] + 0.5 * (below[last] - below[first] - stays)
    return float((order * won).sum() / (order.sum() * stays.sum() - (order * stays).sum()))


@pytest.mark.parametrize("seed", SEEDS)
def test_gradient_boosting_reaches_what_the_planted_hazards_allow(seed: int) -> None:
    rows = at_risk(seed)
    known = pd.DataFrame(
        {
            **{name: pd.Categorical(rows[name].astype(str)).codes for name in ("plan", "segment", "billing")},
            **{name: rows[name] for name in ("age", "paying_for", "calendar")},
        }
    )
    learns = (rows["customer_id"] % 2 == 0).to_numpy()
    model = ensemble.HistGradientBoostingClassifier(
        max_iter=60,
        learning_rate=0.1,
        max_leaf_nodes=6,
        min_samples_leaf=200,
        categorical_features=[0, 1, 2],
        random_state=1,
    )
    model.fit(known[learns], rows["cancels"][learns])
    reported, cancels = model.predict_proba(known[~learns])[:, 1], rows["cancels"][~learns]
    best, planted = allowed(rows["planted"].to_numpy()[~learns]), rows["planted"][~learns]
    error = np.sqrt(best * (1 - best) / cancels.sum())
    assert cancels.sum() > 400
    assert 0.65 < best < 0.8
    assert abs(metrics.roc_auc_score(cancels, planted) - best) < 3.5 * error
    assert abs(metrics.roc_auc_score(cancels, reported) - metrics.roc_auc_score(cancels, planted)) < 0.02
    assert abs(metrics.log_loss(cancels, reported) / metrics.log_loss(cancels, planted) - 1) < 0.02
