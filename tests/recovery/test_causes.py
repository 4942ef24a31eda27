"""Events that rows of another table bring about: effects by kind, causes, delays, and the promises that hold for all
rows.
"""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import datagen
from tests.recovery.worlds import SEEDS, frames

CASE = Path(__file__).parents[1] / "cases" / "triggered_conversions.yaml"
START, END, DAY = pd.Timestamp("2024-01-01"), pd.Timestamp("2025-01-01"), pd.Timedelta(days=1)
EFFECTS = {"search": 0.3, "mail": 0.1, "banner": 0.0}


def case() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(CASE.read_text())
    return document


@cache
def made(seed: int) -> dict[str, pd.DataFrame]:
    found = frames(case(), seed)
    found["conversions"] = found["conversions"].merge(found.pop("_truth/conversions"), on="conversion_id")
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_effects_by_kind_are_those_of_the_cause_labels(seed: int) -> None:
    conversions, touches = made(seed)["conversions"], made(seed)["touches"]
    shown = 1 - 0.5 ** ((END - touches["touched_at"]) / (3 * DAY))
    for kind, effect in EFFECTS.items():
        exposure = shown[touches["channel"] == kind].sum()
        caused = (conversions["channel"] == kind).sum()
        assert abs(caused - effect * exposure) <= 4 * np.sqrt(effect * exposure)
    alone = conversions["channel"].isna().sum()
    assert abs(alone - 0.05 * 2500 * 8784 / 730.5) < 4 * np.sqrt(1503)


@pytest.mark.parametrize("seed", SEEDS)
def test_effects_are_recovered_by_a_poisson_regression_on_decayed_touches(seed: int) -> None:
    """An analyst without labels: conversions per person and day against the share of touches that is
    due on that day.
    """
    conversions, touches = made(seed)["conversions"], made(seed)["touches"]
    days = 366
    due = {kind: _due(touches[touches["channel"] == kind], days) for kind in EFFECTS}
    x = np.column_stack([np.ones(2500 * days), *due.values()])
    y = np.zeros(len(x))
    np.add.at(y, _cell(conversions["person_id"], conversions["converted_at"], days), 1)
    found = np.array([0.002, 0.2, 0.2, 0.2])
    for _ in range(8):  # iteratively reweighted least squares with the identity link
        weight = 1 / np.maximum(x @ found, 1e-5)
        fisher = x.T @ (x * weight[:, None])
        found = np.maximum(np.linalg.solve(fisher, x.T @ (weight * y)), 1e-6)
    errors = np.sqrt(np.diag(np.linalg.inv(fisher)))
    for effect, estimate, error in zip(EFFECTS.values(), found[1:], errors[1:], strict=True):
        assert abs(estimate - effect) < 4 * error
    assert (errors[1:] < 0.02).all()


def _cell(person: pd.Series, at: pd.Series, days: int) -> np.ndarray:
    return (person.to_numpy() - 1) * days + ((at - START) // DAY).to_numpy()


def _due(touches: pd.DataFrame, days: int) -> np.ndarray:
    """For each person and day the share of earlier touches whose events come on that day."""
    found = np.zeros(2500 * days)
    cell, part = _cell(touches["person_id"], touches["touched_at"], days), (touches["touched_at"] - START) % DAY / DAY
    last = cell // days * days + days
    for later in range(40):
        begin, end = np.maximum(later - part, 0), later + 1 - part
        share = 0.5 ** (begin / 3) - 0.5 ** (end / 3)
        inside = cell + later < last
        np.add.at(found, (cell + later)[inside], share.to_numpy()[inside])
    return found


def test_a_cause_is_an_earlier_row_of_the_same_parent_and_delays_have_the_declared_half_life() -> None:
    caused = made(1)["conversions"].dropna(subset=["touch_id"])
    joined = caused.merge(made(1)["touches"], on="touch_id", suffixes=("", "_of_touch"))
    assert len(joined) == len(caused)
    assert (joined["person_id"] == joined["person_id_of_touch"]).all()
    assert (joined["converted_at"] >= joined["touched_at"]).all()
    assert (joined["channel"].astype(str) == joined["channel_of_touch"].astype(str)).all()
    early = joined[joined["touched_at"] < END - 60 * DAY]
    waited = (early["converted_at"] - early["touched_at"]) / DAY
    assert abs((waited < 3).mean() - 0.5) < 4 * 0.5 / np.sqrt(len(early))


def test_switching_a_kind_off_takes_away_its_events_and_changes_no_other() -> None:
    off = case()
    off["tables"]["conversions"]["rows"]["triggered_by"]["effect"] = {"search": 0.3}
    changed = frames(off, 1)["conversions"].set_index(["person_id", "converted_at"])
    whole = made(1)["conversions"]
    left = whole[(whole["channel"] != "mail") | whole["channel"].isna()].set_index(["person_id", "converted_at"])
    assert changed["amount"].equals(left["amount"])


def test_any_cut_gives_the_same_rows_and_the_plan_counts_them() -> None:
    assert datagen.fingerprint(case()) == datagen.fingerprint(case(), partition_rows=5000)
    plan = datagen.plan(case(), partition_rows=5000, seed=1)
    assert len(plan.partitions) > 5
    assert plan.tables["conversions"].rows == len(made(1)["conversions"])


@pytest.mark.parametrize("delay", [{"half_life": "3d"}, {"delay": {"type": "lognormal", "median": "2d", "sigma": 0.8}}])
def test_validation_recovers_effects_and_names_wrong_ones(tmp_path: Path, delay: dict[str, Any]) -> None:
    document = case()
    trigger = document["tables"]["conversions"]["rows"]["triggered_by"]
    del trigger["half_life"]
    trigger |= delay
    datagen.generate(document, tmp_path)
    report = datagen.validate(document, tmp_path)
    effects = [one for one in report.findings if one.measure == "TriggerEffect"]
    assert len(effects) == 3 and {one.verdict for one in effects} == {"recovered"}
    assert report.passed and report.score >= 95
    trigger["effect"] = {"search": 0.3, "mail": 0.15}
    report = datagen.validate(document, tmp_path)
    wrong = [one.subject for one in report.findings if one.verdict == "not recovered"]
    assert "effect of channel mail" in wrong and "effect of channel search" not in wrong


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rate_of_rows_without_a_cause_is_recovered_beside_those_with_one(seed: int, tmp_path: Path) -> None:
    """The base of a triggered table and what multiplies it; another base and another weekday are told."""
    document = {**case(), "seed": seed}
    conversions = document["tables"]["conversions"]
    conversions["rows"]["mean_per_month"] = 0.2
    conversions["behaviors"] = [{"type": "seasonality", "weekday": {"sat": 2.5, "sun": 2.5}}]
    datagen.generate(document, tmp_path)

    def verdicts() -> dict[str, str]:
        found = datagen.validate(document, tmp_path).findings
        return {f.subject: f.verdict for f in found if f.table == "conversions" and f.measure == "RateRecovery"}

    assert verdicts()["mean per month"] == "recovered"
    assert set(verdicts().values()) == {"recovered"}
    conversions["rows"]["mean_per_month"] = 0.3
    conversions["behaviors"] = [{"type": "seasonality", "weekday": {"mon": 2.5, "tue": 2.5}}]
    assert set(verdicts().values()) == {"not recovered"}
    del conversions["columns"]["channel"], conversions["columns"]["touch_id"]
    assert verdicts() == {}


def test_alike_triggers_need_no_kind_and_lives_end_what_they_trigger(tmp_path: Path) -> None:
    document = case()
    document["tables"]["conversions"]["rows"]["triggered_by"] = {"table": "touches", "effect": 0.2, "half_life": "1d"}
    del document["tables"]["conversions"]["columns"]["channel"]
    document["tables"]["people"]["columns"]["left_at"] = {"type": "uniform", "min": "2024-01-01", "max": "2024-12-31"}
    document["tables"]["conversions"]["rows"]["until"] = "left_at"
    datagen.generate(document, tmp_path)
    assert datagen.validate(document, tmp_path).passed
    found = frames(document, 1)
    ends = found["conversions"].merge(found["people"], on="person_id")
    assert len(ends) > 500 and (ends["converted_at"] < ends["left_at"]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"table": "touchs"}, "there is no table 'touchs'"),
        ({"table": "people"}, "'people' is not another table below 'people'"),
        ({"table": "conversions"}, "'conversions' is not another table below 'people'"),
        ({"half_life": None}, "needs either a half_life or a delay"),
        ({"delay": {"type": "gamma", "shape": 2, "mean": "2d"}}, "needs either a half_life or a delay"),
        ({"half_life": None, "delay": {"type": "gamma", "shape": 2, "mean": 3}}, "a delay is a distribution"),
        ({"effect": {"search": 0}}, "no events are triggered"),
        ({"effect": 0.2}, "'by' and an effect for each of its values belong together"),
        ({"by": "chanel"}, "'touches' has no column 'chanel'"),
        ({"by": "touch_id"}, "'touch_id' is not a choice of texts"),
        ({"effect": {"serch": 0.2}}, "'channel' is never 'serch'"),
    ],
)
def test_triggers_without_effect_are_problems(change: dict[str, Any], words: str) -> None:
    document = copy.deepcopy(case())
    trigger = {**document["tables"]["conversions"]["rows"]["triggered_by"], **change}
    document["tables"]["conversions"]["rows"]["triggered_by"] = {k: v for k, v in trigger.items() if v is not None}
    found = datagen.check(document)
    assert any(problem.message.startswith(words) for problem in found), found


def test_tables_that_trigger_each_other_are_a_cycle() -> None:
    document = case()
    document["tables"]["touches"]["rows"]["triggered_by"] = {"table": "conversions", "effect": 0.2, "half_life": "1d"}
    assert "cycle" in {problem.code for problem in datagen.check(document)}


def excited(**rows: Any) -> dict[str, Any]:
    document = case()
    document["tables"]["touches"]["rows"] = {
        "type": "events", "mean_per_month": 1.0, "gaps": {"type": "hawkes", "branching": 0.4, "decay": "12h"}, **rows,
    }  # fmt: skip
    document["tables"]["touches"]["columns"]["number"] = {"type": "expression", "expression": "ROW_NUMBER() OVER ()"}
    document["tables"]["touches"]["columns"]["cause"] = {"type": "row_attribute", "attribute": "cause_number"}
    return document


@pytest.mark.parametrize("seed", SEEDS)
def test_every_event_of_a_hawkes_process_has_one_earlier_cause_or_none(seed: int) -> None:
    touches = frames(excited(), seed)["touches"]
    caused = touches.dropna(subset=["cause"])
    joined = caused.merge(
        touches, left_on=["person_id", "cause"], right_on=["person_id", "number"], suffixes=("", "_of_cause")
    )
    assert len(joined) == len(caused)
    assert (joined["touched_at"] >= joined["touched_at_of_cause"]).all()
    assert abs(len(caused) / len(touches) - 0.4) < 4 * np.sqrt(0.4 / len(touches)) + 0.002  # what the start lacks
    waited = (joined["touched_at"] - joined["touched_at_of_cause"]) / pd.Timedelta(hours=12)
    assert abs(waited.mean() - 1) < 4 / np.sqrt(len(joined)) + 0.01


def test_causes_of_a_hawkes_process_are_right_beside_triggered_events() -> None:
    document = excited()
    touches = document["tables"]["touches"]
    rows = touches["rows"]
    touches["rows"] = {"type": "events", "mean_per_month": 1.0}
    del touches["columns"]["cause"]
    conversions = document["tables"]["conversions"]
    conversions["rows"] |= {"mean_per_month": 1.0, "gaps": rows["gaps"]}
    conversions["columns"]["number"] = {"type": "expression", "expression": "ROW_NUMBER() OVER ()"}
    conversions["columns"]["cause"] = {"type": "row_attribute", "attribute": "cause_number"}
    conversions["columns"]["touch_id"]["hidden"] = False
    found = frames(document, 1)["conversions"]
    assert not (found["cause"].notna() & found["touch_id"].notna()).any()
    caused = found.dropna(subset=["cause"])
    joined = caused.merge(
        found, left_on=["person_id", "cause"], right_on=["person_id", "number"], suffixes=("", "_of_cause")
    )
    assert len(joined) == len(caused) > 1000
    assert (joined["converted_at"] >= joined["converted_at_of_cause"]).all()
    assert joined["touch_id_of_cause"].isna().all(), "what a touch brings about brings on nothing"
    waited = (joined["converted_at"] - joined["converted_at_of_cause"]) / pd.Timedelta(hours=12)
    assert abs(waited.mean() - 1) < 4 / np.sqrt(len(joined)) + 0.01
    assert datagen.fingerprint(document) == datagen.fingerprint(document, partition_rows=5000)
