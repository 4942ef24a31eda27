"""Experiments: assignment, exposure, effects of arms, and the same world without them."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

import datagen
from tests.kinds.behaviors.entities import problems
from tests.recovery.worlds import SEEDS, frames

START, END = pd.Timestamp("2024-02-01"), pd.Timestamp("2024-05-01")
ARMS = {
    "control": {"share": 2},
    "more": {"multiply": {"orders": 1.3, "orders.amount": 1.1}},
    "less": {"multiply": {"orders": 0.7}},
}


def world(**experiment: Any) -> dict[str, Any]:
    declared = {
        "type": "experiment",
        "name": "checkout",
        "arms": ARMS,
        "column": "variant",
        "start": "2024-02-01",
        "end": "2024-05-01",
    }
    columns = {
        "customer_id": {"type": "key"},
        "created_at": {"type": "arrival_time"},
        "segment": {"type": "choice", "values": {"vip": 1, "standard": 3}},
    }
    orders = {
        "order_id": {"type": "key"},
        "customer_id": {"type": "parent_key"},
        "ordered_at": {"type": "event_time"},
        "amount": {"type": "lognormal", "median": 30, "sigma": 0.5, "decimals": 2},
    }
    return {
        "datagen": 1,
        "name": "experiment",
        "window": {"start": "2024-01-01", "end": "2024-07-01"},
        "tables": {
            "customers": {
                "rows": {"type": "arrivals", "count": 6000, "before_window": 0.6},
                "columns": columns,
                "behaviors": [{**declared, **experiment}],
            },
            "orders": {
                "parent": "customers",
                "rows": {"type": "events", "mean_per_month": 3, "dispersion": 0.4},
                "columns": orders,
            },
        },
    }


def neutral(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with arms that do nothing."""
    other = copy.deepcopy(document)
    for arm in other["tables"]["customers"]["behaviors"][0]["arms"].values():
        arm.pop("multiply", None)
        arm.pop("by_segment", None)
    return other


def joined(found: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    customers = found["customers"].merge(found["_truth/customers"], on="customer_id")
    begin = customers["created_at"].clip(lower=START)
    customers["days"] = ((END - begin) / pd.Timedelta(days=1)).clip(lower=0)
    orders = found["orders"].merge(customers, on="customer_id")
    return customers, orders[(orders["ordered_at"] >= START) & (orders["ordered_at"] < END)]


@cache
def made(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    return joined(frames(world(), seed))


def ratio(customers: pd.DataFrame, orders: pd.DataFrame, arm: str) -> tuple[float, float]:
    """The logarithm of the ratio of the rates of two arms, and its standard error over customers."""
    count = orders.groupby("customer_id").size().reindex(customers["customer_id"], fill_value=0).to_numpy()
    logs, errors = [], []
    for name in (arm, "control"):
        own = (customers["variant"] == name).to_numpy()
        y, days = count[own], customers["days"].to_numpy()[own]
        rate = y.sum() / days.sum()
        logs.append(np.log(rate))
        errors.append(((y - rate * days) ** 2).sum() / y.sum() ** 2)
    return logs[0] - logs[1], np.sqrt(sum(errors))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("arm", "planted"), [("more", 1.3), ("less", 0.7)])
def test_the_rates_of_the_arms_differ_as_declared(seed: int, arm: str, planted: float) -> None:
    found, error = ratio(*made(seed), arm)
    assert abs(found - np.log(planted)) < 3.5 * error
    assert error < 0.06


@pytest.mark.parametrize("seed", SEEDS)
def test_values_are_multiplied_while_exposed_and_in_no_other_arm(seed: int) -> None:
    _, orders = made(seed)
    logs = {arm: np.log(own["amount"]) for arm, own in orders.groupby("variant", observed=True)}
    for arm, planted in (("more", 1.1), ("less", 1.0)):
        gap = logs[arm].mean() - logs["control"].mean()
        assert abs(gap - np.log(planted)) < 3.5 * 0.5 * np.sqrt(1 / len(logs[arm]) + 1 / len(logs["control"]))


@pytest.mark.parametrize("seed", SEEDS)
def test_arms_have_the_declared_shares(seed: int) -> None:
    customers, _ = made(seed)
    seen = customers["variant"].value_counts().reindex(list(ARMS)).to_numpy()
    assert stats.chisquare(seen, seen.sum() * np.array([0.5, 0.25, 0.25])).pvalue > 1e-4
    late = customers["created_at"] >= END
    assert customers.loc[late, "variant"].isna().all()
    assert customers.loc[~late, "variant"].notna().all()


def test_an_a_a_test_finds_no_effect_and_attrition_fails_the_sample_ratio_test() -> None:
    arms = {"control": {}, "more": {"attrition": 0.2}}
    document = world(arms=arms)
    assert datagen.check(document) == ()
    customers, orders = joined(frames(document, 1))
    recorded = customers[customers["variant"].notna()]
    found, error = ratio(recorded, orders, "more")
    assert abs(found) < 3.5 * error
    seen = recorded["variant"].value_counts().reindex(["control", "more"]).to_numpy()
    assert stats.chisquare(seen).pvalue < 1e-6
    assert abs(seen[1] / seen.sum() - 0.8 / 1.8) < 3.5 * np.sqrt(0.25 / seen.sum())
    truth = customers["checkout_arm"].value_counts()
    assert stats.chisquare(truth.reindex(["control", "more"])).pvalue > 1e-4


def test_rows_of_the_untreated_are_the_same_without_the_experiment() -> None:
    document = world()
    with_, without = (frames(one, 1) for one in (document, neutral(document)))
    arm = with_["customers"].set_index("customer_id")["variant"]
    same = ["customer_id", "ordered_at", "amount"]
    one, other = (found["orders"][same].assign(arm=lambda d: d["customer_id"].map(arm)) for found in (with_, without))
    untreated = [d[(d["arm"] == "control") | d["arm"].isna()].reset_index(drop=True) for d in (one, other)]
    assert untreated[0].equals(untreated[1])
    outside = [d[(d["ordered_at"] < START) | (d["ordered_at"] >= END)].reset_index(drop=True) for d in (one, other)]
    assert outside[0].equals(outside[1])


@pytest.mark.parametrize(("arm", "more"), [("more", True), ("less", False)])
def test_treated_rows_are_added_or_left_out_and_never_moved(arm: str, *, more: bool) -> None:
    document = world()
    with_, without = (frames(one, 1) for one in (document, neutral(document)))
    own = with_["customers"].query("variant == @arm")["customer_id"]
    one, other = (
        set(found["orders"].loc[found["orders"]["customer_id"].isin(own), "ordered_at"]) for found in (with_, without)
    )
    assert one > other if more else one < other


def test_who_does_not_comply_is_like_the_control() -> None:
    document = world(noncompliance=0.3, arms={"control": {}, "more": {"multiply": {"orders": 2}}})
    customers, orders = joined(frames(document, 1))
    crossed = (customers["variant"] == "more") & (customers["checkout_received"] == "control")
    assigned = customers["variant"] == "more"
    assert abs(crossed.sum() / assigned.sum() - 0.3) < 0.03
    customers["variant"] = customers["variant"].astype(str).where(~crossed, "crossed")
    assert abs(ratio(customers, orders, "crossed")[0]) < 3.5 * ratio(customers, orders, "crossed")[1]
    found, error = ratio(customers, orders[~orders["customer_id"].isin(customers.loc[crossed, "customer_id"])], "more")
    assert abs(found - np.log(2)) < 3.5 * error


def test_the_effect_wears_off_with_the_time_since_exposure() -> None:
    novelty = {"type": "exponential", "half_life": 14}
    document = world(end="2024-07-01", novelty=novelty, arms={"control": {}, "more": {"multiply": {"orders": 2}}})
    found = frames(document, 1)
    customers = found["customers"].merge(found["_truth/customers"], on="customer_id")
    customers = customers[customers["created_at"] < START]
    orders = found["orders"].merge(customers, on="customer_id")
    week = ((orders["ordered_at"] - START) / pd.Timedelta(days=14)).to_numpy()
    for number in range(6):
        own = orders[(week >= number) & (week < number + 1)].groupby("variant", observed=True).size()
        size = customers["variant"].value_counts()
        seen = (own["more"] / size["more"]) / (own["control"] / size["control"])
        planted = 1 + 0.5**number * (1 - 0.5) / np.log(2)
        assert abs(np.log(seen / planted)) < 3.5 * np.sqrt(1 / own["more"] + 1 / own["control"] + 0.8 / size.min())


def test_segments_have_effects_of_their_own() -> None:
    arms = {"control": {}, "more": {"multiply": {"orders": 1.0}, "by_segment": {"vip": {"orders": 2}}}}
    customers, orders = joined(frames(world(arms=arms, segment="segment"), 1))
    for segment, planted in (("vip", 2.0), ("standard", 1.0)):
        own = customers[customers["segment"] == segment]
        found, error = ratio(own, orders[orders["segment"] == segment], "more")
        assert abs(found - np.log(planted)) < 3.5 * error


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"arms": {"a": {"multiply": {"orders": 2}}, "b": {}}}, "it is the control"),
        ({"arms": {"a": {}, "b": {}}, "column": None}, "no arm multiplies anything"),
        ({"arms": {"a": {}, "b": {"multiply": {"orders": 1}}}}, "no arm multiplies anything"),
        ({"arms": {"a": {}, "b": {"multiply": {"customers": 2}}}}, "cannot change how many"),
        ({"start": "2024-05-01", "end": "2024-02-01"}, "before it begins"),
        ({"start": "2027-01-01", "end": None}, "after the window"),
        ({"arms": {"a": {}, "b": {"by_segment": {"vip": {"orders": 2}}}}}, "belong together"),
        ({"novelty": {"type": "linear", "slope": 1}}, "more than the whole effect"),
        ({"exposed": "nowhere"}, "nowhere"),
    ],
)
def test_invalid_values_are_problems(wrong: dict[str, Any], message: str) -> None:
    document = world(**{key: value for key, value in wrong.items() if value is not None})
    if wrong.get("column", 1) is None:
        del document["tables"]["customers"]["behaviors"][0]["column"]
    if "end" in wrong and wrong["end"] is None:
        del document["tables"]["customers"]["behaviors"][0]["end"]
    found = datagen.check(document)
    assert any(message in problem.message for problem in found), found


def test_rows_that_only_choose_the_entity_are_weighted_by_segments_as_the_hint_says() -> None:
    document = world(arms={"control": {}, "treatment": {"multiply": {"rides": 1.1}}})
    document["tables"]["rides"] = {
        "rows": {"type": "arrivals", "count": 50},
        "columns": {
            "started_at": {"type": "arrival_time"},
            "customer_id": {"type": "reference", "table": "customers", "existing_at": "started_at"},
        },
    }
    (problem,) = datagen.check(document)
    assert "only choose" in problem.message
    assert "'segments'" in problem.hint
    behavior = {"type": "segments", "column": "segment", "multiply": {"vip": {"rides": 1.1}}}
    document["tables"]["customers"]["behaviors"] = [behavior]
    assert not datagen.check(document)


def test_gaps_with_a_memory_cannot_be_thinned() -> None:
    document = world()
    document["tables"]["orders"]["rows"]["gaps"] = {"type": "gamma", "shape": 2}
    assert any("whose gaps are of type" in problem.message for problem in datagen.check(document))


def test_a_small_shop_takes_it_without_problems() -> None:
    assert not problems({"type": "experiment", "name": "x", "arms": {"a": {}, "b": {"multiply": {"orders": 1.2}}}})


def spilled(**word_of_mouth: Any) -> dict[str, Any]:
    """The document of the page: members are exposed some time after joining, and those they brought from then on."""
    page = (Path(__file__).parents[3] / "docs" / "experiments.md").read_text()
    found: dict[str, Any] = yaml.safe_load(
        page[page.index("file=spillover.yaml") :].partition("\n")[2].partition("```")[0]
    )
    found["tables"]["members"]["behaviors"][1] |= word_of_mouth
    return found


def test_effects_spill_over_from_the_exposure_of_the_referrer_on() -> None:
    """Orders of control members rise by 15 % after their treated referrer is exposed, and not before."""
    made = frames(spilled(), 1)
    members = made["members"][made["members"]["variant"] == "control"].set_index("member_id")
    orders = made["orders"][made["orders"]["member_id"].isin(members.index)]
    after = orders["ordered_at"] >= orders["member_id"].map(members["referrer_saw_at"])
    end = pd.Timestamp("2024-07-01")
    saw = members["referrer_saw_at"].fillna(end).clip(upper=end)
    days = {
        False: (saw - members["joined_at"]).dt.total_seconds().clip(lower=0),
        True: (end - np.maximum(saw, members["joined_at"])).dt.total_seconds(),
    }
    arm = orders["member_id"].map(members["referrer_arm"].astype(object))
    for late, planted in ((False, 1.0), (True, 1.15)):
        counts = {one: ((arm == one) & (after == late)).sum() for one in ("control", "treatment")}
        time = {one: days[late][members["referrer_arm"] == one].sum() for one in counts}
        found = counts["treatment"] / counts["control"] * time["control"] / time["treatment"]
        error = (1 / counts["treatment"] + 1 / counts["control"]) ** 0.5
        assert abs(found / planted - 1) < 4 * error < 0.2, (late, found)


def test_without_the_spillover_only_orders_of_those_referred_by_exposed_members_are_missing() -> None:
    with_, plain = spilled(), spilled()
    del plain["tables"]["members"]["behaviors"][1]
    one, other = frames(with_, 1), frames(plain, 1)
    members = one["members"].set_index("member_id")
    both = one["orders"].merge(other["orders"], on=["member_id", "ordered_at"], how="outer", indicator=True)
    extra = both[both["_merge"] != "both"]
    assert len(extra) > 50
    assert (extra["_merge"] == "left_only").all()
    assert (extra["member_id"].map(members["referrer_arm"].astype(object)) == "treatment").all()
    assert (extra["ordered_at"] >= extra["member_id"].map(members["referrer_saw_at"])).all()


def test_validation_recovers_the_spillover(tmp_path: Path) -> None:
    datagen.generate(spilled(), tmp_path / "a")
    found = {
        f.column or f.subject: f
        for f in datagen.validate(spilled(), tmp_path / "a").findings
        if f.measure == "ExperimentEffect"
    }
    assert len(found) == 2
    assert {one.verdict for one in found.values()} == {"recovered"}
    wrong = datagen.validate(spilled(arms={"control": {}, "treatment": {"multiply": {"orders": 1.4}}}), tmp_path / "a")
    assert "not recovered" in {f.verdict for f in wrong.findings if f.measure == "ExperimentEffect"}


@pytest.mark.parametrize("target", ["orders", "orders.amount"])
def test_an_effect_that_leaves_nothing_is_no_failure(tmp_path: Path, target: str) -> None:
    """A millionth of a rate leaves no rows, and a millionth of an amount rounds to zero. Gaps span the treatment."""
    document = world(arms={"control": {}, "off": {"multiply": {target: 1e-6}}})
    document["tables"]["customers"]["rows"]["count"] = 1000
    datagen.generate(document, tmp_path / "a")
    report = datagen.validate(document, tmp_path / "a")
    assert report.score >= 95, [f.message for f in report.findings if f.verdict in ("fail", "not recovered")]
    (found,) = (f for f in report.findings if f.measure == "ExperimentEffect")
    assert found.verdict == "not identifiable"
    without = datagen.validate(neutral(document), tmp_path / "a")
    assert without.score < 95


@pytest.mark.parametrize(
    ("change", "code"),
    [({"traffic": 0.5}, "conflict"), ({"assigned_by": "nobody"}, "unknown-column"), ({"column": "arm"}, "conflict")],
)
def test_a_given_arm_is_a_category_and_nothing_random(change: dict[str, Any], code: str) -> None:
    assert code in {one.code for one in datagen.check(spilled(**change))}


def caused_orders() -> dict[str, Any]:
    """Orders that letters cause, of which an arm multiplies only the others."""
    made = world(arms={"control": {}, "more": {"multiply": {"orders": 2}}})
    made["tables"]["letters"] = {
        "parent": "customers",
        "rows": {"type": "events", "mean_per_month": 1},
        "columns": {"customer_id": {"type": "parent_key"}, "sent_at": {"type": "event_time"}},
    }
    trigger = {"table": "letters", "effect": 1, "half_life": "2d"}
    made["tables"]["orders"]["rows"] = {"type": "events", "mean_per_month": 1, "triggered_by": trigger}
    return made


def orders_of_members() -> dict[str, Any]:
    """Orders of members, of whom an arm has more."""
    made = world(arms={"control": {}, "more": {"multiply": {"orders": 1.2, "club.waiting>adopted": 3}}})
    curve = {"type": "bass", "p": 0.05, "q": 0.3, "launch": "2024-01-15"}
    made["tables"]["customers"]["processes"] = {"club": {"type": "adoption", "curve": curve}}
    made["tables"]["orders"]["rows"]["during"] = {"process": "club", "states": "adopted"}
    return made


@pytest.mark.parametrize(
    ("made", "reason"),
    [(caused_orders(), "'letters' caused"), (orders_of_members(), "'club.waiting>adopted' too")],
    ids=["caused", "during"],
)
def test_rates_that_differ_for_other_reasons_too_are_not_judged(
    made: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    made["tables"]["customers"]["rows"]["count"] = 1500
    datagen.generate(made, tmp_path / "out")
    (effect,) = [f for f in datagen.validate(made, tmp_path / "out").findings if f.measure == "ExperimentEffect"]
    assert effect.verdict == "not identifiable"
    assert reason in effect.message
