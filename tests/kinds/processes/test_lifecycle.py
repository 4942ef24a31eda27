from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from lifelines import AalenJohansenFitter, LogNormalFitter, WeibullFitter

import datagen
from datagen.kinds.processes.support.examples import LIFECYCLE
from tests.kinds.processes.worlds import DAY, END, MONTH, WINDOW, Stays, world
from tests.promises.documents import tables

SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3)))
WITHIN = 3.5
"""Standard errors."""
GONE: dict[str, Any] = {
    "type": "lifecycle",
    "start": "active",
    "states": {"active": {"exits": {"gone": {"type": "exponential", "mean": 10}}}, "gone": {}},
}


def exits(**distributions: Any) -> dict[str, Any]:
    """A process of one state with these exits."""
    return {
        "type": "lifecycle",
        "start": "active",
        "states": {"active": {"exits": distributions}, **{to: {} for to in distributions}},
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_are_recovered(seed: int) -> None:
    stays = Stays(world(), seed=seed)
    for state, to, planted in (("trial", "active", 0.6), ("past_due", "active", 0.7), ("past_due", "cancelled", 0.3)):
        found, error = stays.share(state, to)
        assert abs(found - planted) < WITHIN * error


@pytest.mark.parametrize("seed", SEEDS)
def test_competing_constant_hazards_are_recovered_under_censoring(seed: int) -> None:
    stays = Stays(world(), seed=seed)
    for to, mean in (("cancelled", 12), ("past_due", 8)):
        found, error = stays.hazard("active", to)
        assert abs(np.log(found * mean)) < WITHIN * error


@pytest.mark.parametrize("seed", SEEDS)
def test_competing_risks_are_those_that_lifelines_finds(seed: int) -> None:
    """The cumulative incidence of one exit among two; the law of a rising hazard, the other exit being censoring."""
    distributions = {
        "sold": {"type": "weibull", "shape": 1.6, "scale": 14},
        "lost": {"type": "exponential", "mean": 20},
    }
    stays = Stays(world(exits(**distributions)), seed=seed)
    at = stays.state == "active"
    months = (np.minimum(stays.left[at], END) - stays.entered[at]) / MONTH
    sold = stays.next[at] == "sold"
    fitted = WeibullFitter().fit(months, sold)
    assert abs(fitted.rho_ - 1.6) < WITHIN * fitted.summary.loc["rho_", "se(coef)"]
    assert abs(fitted.lambda_ - 14) < WITHIN * fitted.summary.loc["lambda_", "se(coef)"]
    months += np.arange(len(months)) * 1e-9  # no two at the same time: the estimator would jitter them
    outcome = np.where(sold, 1, 2 * (stays.next[at] == "lost"))
    incidence = AalenJohansenFitter(calculate_variance=False).fit(months, outcome, event_of_interest=1)
    grid = np.linspace(0, 24, 20_001)
    alive = np.exp(-((grid / 14) ** 1.6) - grid / 20)
    planted = np.trapezoid(alive * 1.6 / 14 * (grid / 14) ** 0.6, grid)
    assert abs(float(incidence.predict(24)) - planted) < 0.04


@pytest.mark.parametrize("seed", SEEDS)
def test_the_distribution_of_a_stay_is_recovered(seed: int) -> None:
    stays = Stays(world(), seed=seed)
    at = (stays.state == "past_due") & (stays.entered < END)
    days = (np.minimum(stays.left[at], END) - stays.entered[at]) / DAY
    fitted = LogNormalFitter().fit(np.maximum(days, 1e-6), stays.next[at] != "")
    assert abs(fitted.mu_ - np.log(9)) < WITHIN * fitted.summary.loc["mu_", "se(coef)"]
    assert abs(fitted.sigma_ - 0.6) < WITHIN * fitted.summary.loc["sigma_", "se(coef)"]
    trial = stays.state == "trial"
    assert np.isin(stays.left[trial] - stays.entered[trial], 14 * DAY).sum() == np.count_nonzero(
        stays.next[trial] != ""
    )


def test_laws_per_edge() -> None:
    states = {"open": {"next": {"won": 1, "lost": 1}, "after": {"won": "2d", "lost": "9d"}}, "won": {}, "lost": {}}
    stays = Stays(world({"type": "lifecycle", "start": "open", "states": states}))
    for to, days in (("won", 2), ("lost", 9)):
        at = stays.next == to
        assert np.all(stays.left[at] - stays.entered[at] == days * DAY)


def test_start_states_have_their_shares() -> None:
    process = {**GONE, "start": {"active": 3, "gone": 1}}
    stays = Stays(world(process, count=20_000))
    first = np.flatnonzero(np.diff(stays.customer, prepend=0))
    assert np.mean(stays.state[first] == "gone") == pytest.approx(0.25, abs=0.012)


# --- multipliers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("target", ["customers.subscription.active>cancelled", "subscription.active>cancelled"])
def test_segments_multiply_hazards(seed: int, target: str) -> None:
    process = copy.deepcopy(LIFECYCLE)
    process["states"]["active"]["exits"]["cancelled"] = {"type": "weibull", "shape": 1.4, "scale": 12}
    segments = {"type": "segments", "column": "plan", "multiply": {"pro": {target: 0.4}}}
    stays, plain = Stays(world(process, segments), seed=seed), Stays(world(process), seed=seed)
    months = {plan: _weibull_exposure(stays, plan) for plan in ("basic", "pro")}
    ratio = months["pro"][0] / months["pro"][1] / (months["basic"][0] / months["basic"][1])
    assert abs(np.log(ratio / 0.4)) < WITHIN * (1 / months["pro"][0] + 1 / months["basic"][0]) ** 0.5
    basic, same = stays.plan == "basic", plain.plan == "basic"
    assert np.array_equal(stays.left[basic], plain.left[same]), "who is not multiplied stays as without the behavior"


def _weibull_exposure(stays: Stays, plan: str) -> tuple[int, float]:
    at = (stays.state == "active") & (stays.plan == plan)
    months = (np.minimum(stays.left[at], END) - stays.entered[at]) / MONTH
    return np.count_nonzero(stays.next[at] == "cancelled"), float(((months / 12) ** 1.4).sum())


@pytest.mark.parametrize("seed", SEEDS)
def test_segments_multiply_odds_and_stays(seed: int) -> None:
    multiply = {"pro": {"subscription.trial>active": 3.0, "subscription.past_due": 2.0}}
    stays = Stays(world(None, {"type": "segments", "column": "plan", "multiply": multiply}), seed=seed)
    odds = 3 * 0.6 / 0.4
    found, error = stays.share("trial", "active", plan="pro")
    assert abs(found - odds / (1 + odds)) < WITHIN * error
    found, error = stays.share("trial", "active", plan="basic")
    assert abs(found - 0.6) < WITHIN * error
    log = np.log(np.maximum(stays.left - stays.entered, 1) / DAY)
    closed = (stays.state == "past_due") & (stays.next != "") & (stays.entered < END - 200 * DAY)
    pro, basic = (log[closed & (stays.plan == plan)] for plan in ("pro", "basic"))
    error = (pro.var() / len(pro) + basic.var() / len(basic)) ** 0.5
    assert abs(pro.mean() - basic.mean() - np.log(2)) < WITHIN * error


@pytest.mark.parametrize("seed", SEEDS)
def test_interventions_multiply_a_hazard_from_their_date_on(seed: int) -> None:
    """Stays that began before are affected from the date on: the hazard changes within them."""
    change = {
        "type": "interventions",
        "of": "subscription.active>gone",
        "effects": [{"from": "2024-06-01", "multiply": 3}],
    }
    stays = Stays(world(GONE, change), seed=seed)
    date = np.datetime64("2024-06-01", "us").astype(np.int64)
    at = stays.state == "active"
    left, gone = np.minimum(stays.left, END)[at], (stays.next == "gone")[at]
    for before, planted in ((True, 0.1), (False, 0.3)):
        low, high = (-(2**62), date) if before else (date, END)
        months = np.clip(np.minimum(left, high) - np.maximum(stays.entered[at], low), 0, None).sum() / MONTH
        found = np.count_nonzero(gone & (left >= low) & (left < high))
        assert abs(np.log(found / months / planted)) < WITHIN * found**-0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_vintage_multiplies_a_hazard_by_age(seed: int) -> None:
    curve = {"type": "steps", "steps": [{"from": 0, "value": 1}, {"from": 6, "value": 0.25}]}
    stays = Stays(world(GONE, {"type": "vintage", "multiply": {"subscription.active>gone": curve}}), seed=seed)
    at = stays.state == "active"
    ages, gone = (np.minimum(stays.left, END) - stays.entered)[at] / MONTH, (stays.next == "gone")[at]
    for low, high, planted in ((0, 6, 0.1), (6, 100, 0.025)):
        months = np.clip(np.minimum(ages, high) - low, 0, None).sum()
        found = np.count_nonzero(gone & (ages >= low) & (ages < high))
        assert abs(np.log(found / months / planted)) < WITHIN * found**-0.5


def test_frailty_makes_hazards_differ_between_entities() -> None:
    """Under a gamma frailty of variance v, the survival is (1 + v t / mean) ** (-1 / v)."""
    frailty = {"type": "frailty", "of": ["subscription.active>gone"], "dispersion": 1.5}
    stays = Stays(world(GONE, frailty, count=8000))
    at = (stays.state == "active") & (stays.entered < END - 24 * MONTH)
    lived = np.mean(np.minimum(stays.left, END)[at] - stays.entered[at] > 24 * MONTH)
    assert lived == pytest.approx((1 + 1.5 * 2.4) ** (-1 / 1.5), abs=0.03)


def test_a_calendar_before_the_first_arrival_is_refused_not_ignored() -> None:
    effects = [{"from": "2024-06-01", "multiply": 3}]
    document = world(GONE, {"type": "interventions", "of": "subscription.active>gone", "effects": effects})
    customers = document["tables"]["customers"]
    customers["columns"]["since"] = {"type": "constant", "value": "1980-01-01T00:00:00", "as": "timestamp"}
    customers["processes"]["subscription"] = {**GONE, "born": "since"}
    (problem,) = datagen.check(document)
    assert "begins before the calendar" in problem.message


SOLD = "subscription.active>sold"
WEIBULL, SBG = {"type": "weibull", "shape": 2, "scale": 9}, {"type": "sbg", "alpha": 0.7, "beta": 4}


@pytest.mark.parametrize(
    "distribution, behavior, words",
    [
        (
            WEIBULL,
            {"type": "interventions", "of": SOLD, "effects": [{"from": "2024-06-01", "multiply": 3}]},
            "constant hazard",
        ),
        (WEIBULL, {"type": "vintage", "multiply": {SOLD: [1, 2]}}, "constant hazard"),
        (WEIBULL, {"type": "seasonality", "of": SOLD, "month": {"jan": 2}}, "constant hazard"),
        (SBG, {"type": "segments", "column": "plan", "multiply": {"pro": {SOLD: 2}}}, "whole units of time"),
        (WEIBULL, {"type": "retention", "of": [SOLD], "lifetime": {"type": "exponential", "mean": 3}}, "ends lives"),
    ],
)
def test_a_multiplier_that_a_hazard_cannot_take_is_a_problem_at_its_place(distribution, behavior, words) -> None:
    problems = datagen.check(world(exits(sold=distribution), behavior))
    assert any(words in problem.message for problem in problems)
    assert all(problem.keys[:4] == ("tables", "customers", "behaviors", 0) for problem in problems)


# --- promises ------------------------------------------------------------------------------------------------------

EVERYTHING = (
    {
        "type": "segments",
        "column": "plan",
        "multiply": {"pro": {"subscription.active>cancelled": 0.5, "subscription.past_due": 2}},
    },
    {"type": "frailty", "of": ["subscription.active>past_due"], "dispersion": 0.5},
    {"type": "interventions", "of": "subscription.trial>active", "effects": [{"from": "2024-06-01", "multiply": 2}]},
    {"type": "vintage", "multiply": {"subscription.active>cancelled": [1, 0.8, 0.6]}},
)


def test_no_partitioning_changes_a_row() -> None:
    document = world(None, *EVERYTHING, count=300)
    whole = datagen.fingerprint(document)
    assert all(datagen.fingerprint(document, partition_rows=rows) == whole for rows in (80, 900))


def test_the_order_of_keys_changes_no_row() -> None:
    document = world(None, *EVERYTHING, count=300)
    other = copy.deepcopy(document)
    states = other["tables"]["customers"]["processes"]["subscription"]["states"]
    for state in states.values():
        for key in ("next", "exits"):
            if isinstance(state.get(key), dict):
                state[key] = dict(reversed(state[key].items()))
    assert datagen.fingerprint(document) == datagen.fingerprint(other)


def test_a_longer_window_keeps_what_happened_before() -> None:
    """What was open goes on; what was closed stays; nothing comes before the old end."""
    document = world(None, *EVERYTHING, count=400)
    document["tables"]["customers"]["rows"]["end"] = "2024-01-01"
    longer = {**document, "window": {**WINDOW, "end": "2026-09-01"}}
    before, after = tables(document)["changes"].to_pylist(), tables(longer)["changes"].to_pylist()
    end = np.datetime64(WINDOW["end"], "us").astype(object)
    reported = [(row["customer_id"], row["from"], row["to"], row["at"]) for row in before]
    assert reported == [(row["customer_id"], row["from"], row["to"], row["at"]) for row in after if row["at"] < end]
    assert len(after) > len(before)


def test_counts_are_known_before_a_row_is_made() -> None:
    document = world(None, *EVERYTHING, count=500)
    plan = datagen.plan(document)
    assert {name: table.num_rows for name, table in tables(document).items()} == {
        n: t.rows for n, t in plan.tables.items()
    }


def test_a_state_more_changes_no_other_draw() -> None:
    other = copy.deepcopy(LIFECYCLE)
    other["states"]["cancelled"] = {"exits": {"won_back": {"type": "exponential", "mean": 10}}}
    other["states"]["won_back"] = {}
    before, after = Stays(world(count=500)), Stays(world(other, count=500))
    kept = after.state != "won_back"
    assert np.array_equal(before.entered, after.entered[kept])


# --- problems ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "code", "place"),
    [
        ({"a": {"next": "b"}, "b": {}}, "missing", "states.a"),
        ({"a": {"next": "c", "stay": "1d"}, "b": {}}, "unknown-process", "states.a.next"),
        (
            {"a": {"next": "b", "stay": "1d", "exits": {"b": {"type": "exponential", "mean": 1}}}, "b": {}},
            "conflict",
            "states.a.exits",
        ),
        ({"a": {"stay": "1d"}}, "no-effect", "states.a.stay"),
        (
            {"a": {"next": "b", "stay": {"type": "lognormal", "median": 2, "sigma": 1}}, "b": {}},
            "type",
            "states.a.stay",
        ),
        ({"a": {"next": "b", "stay": {"type": "choice", "values": ["a"]}}, "b": {}}, "type", "states.a.stay"),
        ({"a": {"next": "b", "stay": "0s"}, "b": {"next": "a", "stay": "0s"}}, "too-large", "states.a"),
        ({"a": {"next": "b", "stay": "1min"}, "b": {"next": "a", "stay": "1min"}}, "too-large", "states.a"),
        ({"a": {}, "b": {}}, "no-effect", "states.b"),
        ({"a": {"next": {"b": 0}, "stay": "1d"}, "b": {}}, "range", "states.a.next"),
        ({"a": {"next": "b", "after": {"b": "1d", "c": "1d"}}, "b": {}}, "no-effect", "states.a.after.c"),
    ],
)
def test_invalid_values_are_reported_at_their_place(states: dict[str, Any], code: str, place: str) -> None:
    problems = datagen.check(world({"type": "lifecycle", "start": "a", "states": states}))
    assert [(p.code, p.place) for p in problems] == [(code, f"$.tables.customers.processes.subscription.{place}")]


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        ("subscription.activ>cancelled", "unknown-process", "did you mean 'active'?"),
        ("subscription.active>trial", "unknown-process", "did you mean"),
        ("subscription.active", "no-effect", "active>cancelled"),
        ("customers.subscription.cancelled", "no-effect", "name another state"),
    ],
)
def test_a_target_that_is_not_there_is_reported(target: str, code: str, words: str) -> None:
    problems = datagen.check(world(None, {"type": "segments", "column": "plan", "multiply": {"pro": {target: 2}}}))
    assert [p.code for p in problems] == [code]
    assert words in problems[0].hint


def test_a_life_cannot_end_a_process() -> None:
    retention = {
        "type": "retention",
        "of": ["subscription.active>cancelled"],
        "lifetime": {"type": "exponential", "mean": 9},
    }
    assert "unrelated-table" in [problem.code for problem in datagen.check(world(None, retention))]


def test_a_process_that_nothing_shows_is_reported() -> None:
    document = world()
    document["tables"] = {"customers": document["tables"]["customers"]}
    assert [problem.code for problem in datagen.check(document)] == ["no-effect"]
