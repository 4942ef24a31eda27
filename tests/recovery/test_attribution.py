"""Attribution: causes, twins and credits of the example agree; rules mislead where a hidden intent acts on touches and
conversions.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import datagen
from tests.recovery.worlds import SEEDS, frames

EXAMPLE = Path(__file__).parents[2] / "examples" / "marketing_attribution.json"
CHANNELS = ("search", "mail", "social", "display", "affiliate")


def document(**trigger: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(EXAMPLE.read_text())
    found["tables"]["people"]["rows"]["count"] = 4000
    found["tables"]["conversions"]["rows"]["triggered_by"] |= trigger
    return found


@cache
def made(seed: int) -> dict[str, pd.DataFrame]:
    return frames(document(), seed)


@pytest.mark.parametrize("channel", ["search", "display"])
def test_a_channel_switched_off_takes_exactly_the_conversions_that_it_caused(channel: str) -> None:
    twin = frames({**document(), "without": [f"conversions.triggered_by.{channel}"]}, 1)
    conversions = made(1)["conversions"].merge(made(1)["_truth/conversions"], on="conversion_id")
    left = conversions[conversions["channel"] != channel].reset_index(drop=True)
    same = ["person_id", "converted_at", "revenue"]
    pd.testing.assert_frame_equal(left[same], twin["conversions"][same])


DAYS, MONTH_DAYS, LOOKBACK = 274, 30.4375, 30
TOUCHES, ORGANIC, VARIANCE = 2.2, 0.06, 0.8
SHARES = {"search": 0.25, "mail": 0.30, "social": 0.25, "display": 0.15, "affiliate": 0.05}
EFFECTS = {"search": 0.12, "mail": 0.05, "social": 0.02, "display": 0.005, "affiliate": 0.03}
FLIGHTS = (DAYS + 31 * 0.5 + 14 * 0.4) / DAYS
"""What the example plants: touches and organic conversions a month, the variance of the intent that multiplies both,
channels, and how much flights raise touches on average. 70 % of the people are there from the start.
"""


def expected_by_last_touch() -> tuple[float, float]:
    """Per person: the organic conversions that last touch gives to channels, at least, and those that touches cause, at
    most.

    An organic conversion at time t counts if a touch came in the 30 days before. At intent I this has the chance 1 -
    exp(-a I) of a days' worth of touches; over a gamma law of variance v, E[I (1 - exp(-a I))] = 1 - (1 + a v) ** -(1 /
    v + 1). Flights, which raise a, are left out. Diminishing returns and the ends of the window, which lower what is
    caused, are left out too.
    """
    days = np.arange(DAYS) + 0.5
    seen = 0.7 + 0.3 * days / DAYS  # who has come by then
    known = 0.7 * np.minimum(days, LOOKBACK) + 0.3 * np.minimum(days, LOOKBACK) * days / DAYS / 2
    touches = TOUCHES / MONTH_DAYS * known / seen
    counted = 1 - (1 + touches * VARIANCE) ** -(1 / VARIANCE + 1)
    organic = ORGANIC / MONTH_DAYS * (seen * counted).sum()
    effect = sum(SHARES[channel] * EFFECTS[channel] for channel in CHANNELS)
    return organic, TOUCHES / MONTH_DAYS * FLIGHTS * seen.sum() * effect


@pytest.mark.parametrize("seed", SEEDS)
def test_last_touch_misleads_under_a_shared_intent(seed: int) -> None:
    """Last touch gives away what nobody caused, at least as much as the parameters say less 4 standard errors."""
    tables = made(seed)
    credited = tables["credits"].groupby("channel", observed=True)["last"].sum()
    caused = tables["_truth/conversions"]["channel"].value_counts()
    organic, brought = (4000 * number for number in expected_by_last_touch())
    assert organic / brought > 0.4
    assert credited.sum() - caused.sum() > organic - 4 * np.sqrt(2 * organic + brought)
    assert caused.sum() < brought + 4 * np.sqrt(brought * 1.5)
    part = SHARES["display"] * EFFECTS["display"] / sum(SHARES[channel] * EFFECTS[channel] for channel in CHANNELS)
    gift, own = SHARES["display"] * organic, part * brought
    assert gift / own > 4
    assert credited["display"] - caused["display"] > gift - 4 * np.sqrt(2 * gift) - own
    assert caused["display"] < own + 4 * np.sqrt(own)


@pytest.mark.parametrize("seed", SEEDS)
def test_effects_with_diminishing_returns_are_recovered_from_causes(seed: int, tmp_path: Path) -> None:
    crowded = document(saturation={"half_at": 1, "half_life": "14d"})
    datagen.generate(crowded, tmp_path / "out", workers=1, seed=seed)
    report = datagen.validate({**crowded, "seed": seed}, tmp_path / "out", workers=1)
    *effects, returns = [finding for finding in report.findings if finding.measure == "TriggerEffect"]
    assert len(effects) == len(CHANNELS)
    assert returns.subject == "diminishing returns: 1 / half_at"
    assert returns.verdict == "recovered"
    assert {finding.verdict for finding in effects} <= {"recovered", "not identifiable"}
    assert any(finding.verdict == "recovered" and finding.planted == 0.12 for finding in effects)
    plain = copy.deepcopy(crowded)
    del plain["tables"]["conversions"]["rows"]["triggered_by"]["saturation"]
    wrong = datagen.validate({**plain, "seed": seed}, tmp_path / "out", workers=1)
    assert any(f.measure == "TriggerEffect" and f.verdict == "not recovered" for f in wrong.findings)


def test_more_touches_trigger_less_each() -> None:
    """Caused conversions per touch fall with the touches of the same channel in the week before."""
    crowded = document(saturation={"half_at": 1, "half_life": "7d"}, effect=dict.fromkeys(CHANNELS, 0.3))
    tables = frames(crowded, 1)
    truth, touches = tables["_truth/conversions"], tables["touches"].sort_values(["person_id", "channel", "touched_at"])
    gap = touches.groupby(["person_id", "channel"], observed=True)["touched_at"].diff()
    caused = touches["touch_id"].isin(truth["cause"].dropna().astype(np.int64))
    soon, late = caused[gap < pd.Timedelta(days=3)].mean(), caused[gap > pd.Timedelta(days=30)].mean()
    assert soon < 0.75 * late


@pytest.mark.parametrize("seed", SEEDS)
def test_effects_are_recovered_where_parents_end(seed: int, tmp_path: Path) -> None:
    """With `until`, a trigger near the end of its parent's time brings about less, and the metric counts that."""
    ended = document()
    people = ended["tables"]["people"]["columns"]
    people["gone_at"] = {"type": "after", "column": "first_seen_at", "delay": {"type": "exponential", "mean": "60d"}}
    ended["tables"]["conversions"]["rows"]["until"] = "gone_at"
    datagen.generate(ended, tmp_path / "out", workers=1, seed=seed)
    report = datagen.validate({**ended, "seed": seed}, tmp_path / "out", workers=1)
    effects = [finding for finding in report.findings if finding.measure == "TriggerEffect"]
    assert effects and {finding.verdict for finding in effects} <= {"recovered", "not identifiable"}


def judged(made: dict[str, Any], declared: dict[str, Any], folder: Path) -> dict[str, str]:
    """The verdicts on triggers of data made by one document and declared by another."""
    datagen.generate(made, folder)
    found = datagen.validate(declared, folder).findings
    return {f.subject: f.verdict for f in found if f.measure == "TriggerEffect"}


RETURNS = "diminishing returns: 1 / half_at"


def test_returns_that_hardly_diminish_cannot_be_identified(tmp_path: Path) -> None:
    weak = document(saturation={"half_at": 40, "half_life": "1d"})
    found = judged(weak, weak, tmp_path / "out")
    assert found.pop(RETURNS) == "not identifiable"
    assert set(found.values()) <= {"recovered", "not identifiable"}
    assert "recovered" in found.values()


@pytest.mark.parametrize("half_at", [0.4, 1000])
def test_returns_that_diminish_otherwise_are_reported(half_at: float, tmp_path: Path) -> None:
    """Stronger, and not at all."""
    made = document(saturation={"half_at": half_at, "half_life": "14d"})
    found = judged(made, document(saturation={"half_at": 1, "half_life": "14d"}), tmp_path / "out")
    assert found[RETURNS] == "not recovered"


def test_returns_are_not_judged_where_no_column_shows_the_cause(tmp_path: Path) -> None:
    crowded = document(saturation={"half_at": 1, "half_life": "14d"})
    del crowded["tables"]["conversions"]["columns"]["cause"]
    assert judged(crowded, crowded, tmp_path / "out")[RETURNS] == "not identifiable"


def joined(**trigger: Any) -> dict[str, Any]:
    """Touches bring about conversions only while a person is a member."""
    found = document(effect=dict.fromkeys(CHANNELS, 0.2), **trigger)
    people = found["tables"]["people"]
    people["processes"] = {
        "membership": {
            "type": "lifecycle",
            "start": "member",
            "states": {
                "member": {"exits": {"away": {"type": "exponential", "mean": 2}}},
                "away": {"exits": {"member": {"type": "exponential", "mean": 1}}},
            },
        }
    }
    found["tables"]["stays"] = {
        "parent": "people",
        "rows": {"type": "stays", "process": "membership"},
        "columns": {
            "person_id": {"type": "parent_key"},
            **{
                name: {"type": "row_attribute", "attribute": name}
                for name in ("state", "entered_at", "left_at", "next_state")
            },
        },
    }
    found["tables"]["conversions"]["rows"]["during"] = {"process": "membership", "states": ["member"]}
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_effects_are_recovered_in_the_states_in_which_they_act(seed: int, tmp_path: Path) -> None:
    """Of a trigger's rows, those that come outside of these states are missing, and the metric counts that."""
    made = {**joined(), "seed": seed}
    assert set(judged(made, made, tmp_path / "out").values()) == {"recovered"}
    other = {**joined(), "seed": seed}
    other["tables"]["conversions"]["rows"]["triggered_by"]["effect"] = dict.fromkeys(CHANNELS, 0.12)
    found = datagen.validate(other, tmp_path / "out").findings
    assert "not recovered" in {f.verdict for f in found if f.measure == "TriggerEffect"}


def test_effects_are_not_judged_where_it_is_unknown_when_they_act(tmp_path: Path) -> None:
    """No table shows the stays; or lives that nobody sees end them."""
    unseen = joined()
    unseen["tables"]["stays"]["rows"]["in"] = ["away"]
    assert set(judged(unseen, unseen, tmp_path / "stays").values()) == {"not identifiable"}
    mortal = document()
    retention = {"type": "retention", "lifetime": {"type": "exponential", "mean": 6}}
    mortal["tables"]["people"]["behaviors"].append(retention)
    assert set(judged(mortal, mortal, tmp_path / "lives").values()) == {"not identifiable"}
