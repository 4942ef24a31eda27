from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import datagen
from datagen.kinds.processes.support.examples import visited
from tests.kinds.processes.worlds import micros
from tests.promises.documents import tables

SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3)))
WITHIN = 3.5
"""Standard errors."""
CHECKOUT: dict[str, Any] = {
    "type": "funnel",
    "stay": {"type": "lognormal", "median": "40s", "sigma": 1},
    "stages": {
        "visit": {"share": 0.5},
        "product": {"share": 0.3, "back": {"visit": 0.2}, "skip": {"payment": 0.1}},
        "cart": {"share": 0.6, "retry": 0.1, "after": {"abandoned": "30min"}},
        "payment": {"share": 0.8},
        "purchase": {},
    },
}
REVIEWED: dict[str, Any] = {
    "type": "funnel",
    "stay": "2d",
    "stages": {
        "lead": {"share": 0.6},
        "review": {"share": 0.9, "when": "device = 'desktop'"},
        "offer": {"share": 0.5},
        "won": {},
    },
}


def shown(rows: dict[str, Any], *attributes: str) -> dict[str, Any]:
    columns = {name: {"type": "row_attribute", "attribute": name} for name in attributes}
    return {
        "parent": "visits",
        "rows": {"process": "checkout", **rows},
        "columns": {"id": {"type": "key"}, "visit_id": {"type": "parent_key"}, **columns},
    }


def world(process: Mapping[str, Any] = CHECKOUT, *behaviors: dict[str, Any], count: int = 20_000) -> dict[str, Any]:
    """Visits with every view of a funnel."""
    document = visited(dict(process), *behaviors)
    document["tables"]["visits"]["rows"]["count"] = count
    stages = [f"{name}_at" for name in process["stages"]]
    document["tables"] |= {
        "steps": shown({"type": "stays"}, "state", "entered_at", "left_at", "next_state", "run"),
        "edges": shown({"type": "transitions"}, "from", "to", "at", "run"),
        "runs": shown({"type": "runs"}, "started_at", "ended_at", "state", "run", "transitions", *stages),
    }
    return document


def asked(made: Mapping[str, pa.Table], text: str) -> list[tuple[Any, ...]]:
    """What DuckDB answers to a question about these tables."""
    with duckdb.connect() as database:
        for name, table in made.items():
            database.register(name, table)
        return database.sql(text).fetchall()


class Steps:
    """The stays of a funnel, with the device of each visit."""

    def __init__(self, document: dict[str, Any], **choices: Any) -> None:
        self.made = tables(document, **choices)
        steps = self.made["steps"]
        device = self.made["visits"]["device"].cast(pa.string()).to_numpy(zero_copy_only=False)
        self.visit = steps["visit_id"].to_numpy()
        self.device = device[self.visit - 1]
        self.state = steps["state"].cast(pa.string()).to_numpy(zero_copy_only=False)
        self.next = steps["next_state"].cast(pa.string()).fill_null("").to_numpy(zero_copy_only=False)
        self.entered, self.left = micros(steps["entered_at"]), micros(steps["left_at"])

    def share(self, state: str, to: str, device: str | None = None) -> tuple[float, float]:
        at = (self.state == state) & (self.next != "")
        at &= (self.device == device) if device else True
        found = float(np.mean(self.next[at] == to))
        return found, (found * (1 - found) / np.count_nonzero(at)) ** 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_of_stages_are_recovered(seed: int) -> None:
    """Those who go on, skip, go back, try again, and what is left to 1 gives up."""
    steps = Steps(world(), seed=seed)
    for state, to, planted in (
        ("visit", "product", 0.5),
        ("visit", "abandoned", 0.5),
        ("product", "cart", 0.3),
        ("product", "visit", 0.2),
        ("product", "payment", 0.1),
        ("cart", "payment", 0.6),
        ("cart", "cart", 0.1),
        ("payment", "purchase", 0.8),
    ):
        found, error = steps.share(state, to)
        assert abs(found - planted) < WITHIN * error, (state, to)


def test_the_directly_follows_graph_is_the_declared_one_and_no_other_edge() -> None:
    """As process mining would discover it from the log."""
    found = asked(tables(world()), 'select distinct "from", "to" from edges')
    assert set(found) == {
        ("visit", "product"),
        ("visit", "abandoned"),
        ("product", "cart"),
        ("product", "visit"),
        ("product", "payment"),
        ("product", "abandoned"),
        ("cart", "payment"),
        ("cart", "cart"),
        ("cart", "abandoned"),
        ("payment", "purchase"),
        ("payment", "abandoned"),
    }


def test_who_gives_up_does_so_after_a_time_of_its_own() -> None:
    steps = Steps(world())
    gone = (steps.state == "cart") & (steps.next == "abandoned")
    assert np.all(steps.left[gone] - steps.entered[gone] == 30 * 60_000_000)


@pytest.mark.parametrize("seed", SEEDS)
def test_segments_multiply_the_odds_of_going_on_at_every_stage(seed: int) -> None:
    segments = {"type": "segments", "column": "device", "multiply": {"mobile": {"checkout.goes_on": 0.5}}}
    steps = Steps(world(CHECKOUT, segments), seed=seed)
    for state, on, others in (("visit", 0.5, 0.5), ("payment", 0.8, 0.2)):
        to = {"visit": "product", "payment": "purchase"}[state]
        found, error = steps.share(state, to, "mobile")
        assert abs(found - 0.5 * on / (0.5 * on + others)) < WITHIN * error
        found, error = steps.share(state, to, "desktop")
        assert abs(found - on) < WITHIN * error


def test_a_latent_intent_links_the_stages() -> None:
    """With a frailty on going on, those who came far are more likely to go on further, and validation still finds the
    shares.
    """
    intent = {"type": "frailty", "of": ["checkout.goes_on"], "dispersion": 2, "truth_column": "intent"}
    steps = Steps(world(CHECKOUT, intent))
    first, last = steps.share("visit", "product"), steps.share("payment", "purchase")
    assert first[0] < 0.5 - 10 * first[1]
    assert last[0] > 0.8 + 5 * last[1]
    visits = steps.made["visits"]
    if "intent" in visits.column_names:
        pytest.fail("the intent is hidden: it is written to _truth only")


def test_who_does_not_meet_the_condition_passes_a_stage_over() -> None:
    steps = Steps(world(REVIEWED))
    assert {*steps.device[steps.state == "review"]} == {"desktop"}
    lead = (steps.state == "lead") & (steps.next != "abandoned") & (steps.next != "")
    assert {*zip(steps.device[lead], steps.next[lead], strict=True)} == {("desktop", "review"), ("mobile", "offer")}
    found, error = steps.share("lead", "abandoned")
    assert abs(found - 0.4) < WITHIN * error


def test_views_of_a_funnel_agree() -> None:
    made = tables(world())
    closed = asked(made, "select count(*) from steps where next_state is not null")
    assert closed == [(made["edges"].num_rows,)]
    stages = [*CHECKOUT["stages"]]
    for stage in stages:
        wide = asked(made, f"select visit_id, {stage}_at from runs where {stage}_at is not null order by 1")
        long = f"select visit_id, min(entered_at) from steps where state = '{stage}' group by 1 order by 1"
        assert wide == asked(made, long)


def test_several_runs_of_one_entity() -> None:
    """Each run begins at the first stage, and is a row of its own."""
    again = {
        "abandoned": {"type": "exponential", "mean": 1, "cure_share": 0.4},
        "purchase": {"type": "exponential", "mean": 2},
    }
    made = tables(world({**CHECKOUT, "again": again}, count=2000))
    assert asked(made, "select max(run) > 3 from runs") == [(True,)]
    firsts = "select distinct arg_min(state, (entered_at, id)) from steps group by visit_id, run"
    assert asked(made, firsts) == [("visit",)]
    same = "select visit_id, run, count(*) - 1 from steps group by all order by all"
    assert asked(made, same) == asked(made, "select visit_id, run, transitions from runs order by 1, 2")
    ended = "select distinct state in ('purchase', 'abandoned') from runs where ended_at is not null"
    assert asked(made, ended) == [(True,)]
    later = """
        select count(*) from runs a join runs b on a.visit_id = b.visit_id and b.run = a.run + 1
        where b.started_at < a.ended_at or a.ended_at is null"""
    assert asked(made, later) == [(0,)]


def test_no_partitioning_changes_a_row() -> None:
    intent = {"type": "frailty", "of": ["checkout.goes_on"], "dispersion": 0.5}
    document = world({**CHECKOUT, "again": {"abandoned": {"type": "exponential", "mean": 3}}}, intent, count=500)
    assert datagen.fingerprint(document, partition_rows=140) == datagen.fingerprint(document)


def stages(**changes: Any) -> dict[str, Any]:
    """A funnel of four stages; a `stage` maps a name to what replaces it, the rest is of the funnel."""
    plain = {"a": {"share": 0.5}, "b": {"share": 0.5}, "c": {"share": 0.5}, "d": {}}
    return {"type": "funnel", "stay": "1h", "stages": {**plain, **changes.pop("stage", {})}, **changes}


@pytest.mark.parametrize(
    ("process", "code", "place"),
    [
        (stages(stage={"a": {}}), "missing", "stages.a"),
        (stages(stage={"a": {"share": 0.7, "skip": {"c": 0.4}}}), "range", "stages.a.share"),
        (stages(stage={"a": {"share": 0.5, "skip": {"b": 0.1}}}), "unknown-process", "stages.a.skip.b"),
        (stages(stage={"b": {"share": 0.5, "back": {"c": 0.1}}}), "unknown-process", "stages.b.back.c"),
        (stages(stage={"d": {"share": 0.5}}), "no-effect", "stages.d.share"),
        (stages(stage={"a": {"share": 0.5, "when": "device = 'mobile'"}}), "conflict", "stages.a.when"),
        (stages(stage={"b": {"share": 0.5, "when": "device ="}}), "syntax", "stages.b.when"),
        (stages(stage={"b": {"share": 0.5, "when": "devise = 'x'"}}), "unknown-column", "stages.b.when"),
        (stages(stage={"b": {"share": 0.5, "after": {"a": "1d"}}}), "no-effect", "stages.b.after.a"),
        (stages(stay=None), "missing", "stages.a"),
        (stages(abandoned="c"), "duplicate", "abandoned"),
        (stages(again={"c": {"type": "exponential", "mean": 1}}), "no-effect", "again.c"),
        (
            stages(stage={"a": {"share": 0.5, "skip": {"c": 0.1}}, "b": {"share": 0.5, "when": "device = 'mobile'"}}),
            "conflict",
            "stages.a.skip",
        ),
        (
            stages(
                stay="1s",
                stage={name: {"share": 1.0} for name in "abc"},
                again={"d": {"type": "exponential", "mean": 0.0001, "unit": "day"}},
            ),
            "too-large",
            "stages.a",
        ),
    ],
)
def test_invalid_values_are_reported_at_their_place(process: dict[str, Any], code: str, place: str) -> None:
    problem = datagen.check(visited(process))[0]
    assert (problem.code, problem.place) == (code, f"$.tables.visits.processes.checkout.{place}")


@pytest.mark.parametrize(("stage", "way"), [("visit", "skip"), ("product", "back")])
def test_a_way_to_no_stage_is_reported_beside_behaviors_of_the_process(stage: str, way: str) -> None:
    wrong = CHECKOUT | {"stages": CHECKOUT["stages"] | {stage: {"share": 0.4, way: {"device": 0.1}}}}
    segments = {"type": "segments", "column": "device", "multiply": {"mobile": {"checkout.goes_on": 2}}}
    places = [problem.place for problem in datagen.check(world(wrong, segments))]
    assert f"$.tables.visits.processes.checkout.stages.{stage}.{way}.device" in places


def test_a_target_that_is_not_there_is_reported() -> None:
    segments = {"type": "segments", "column": "device", "multiply": {"mobile": {"checkout.cart>visit": 2}}}
    assert [problem.code for problem in datagen.check(world(CHECKOUT, segments))] == ["unknown-process"]


@pytest.mark.parametrize("seed", SEEDS)
def test_validation_recovers_a_funnel_with_a_hidden_intent(seed: int, tmp_path: Any) -> None:
    """The shares under intent 1, by the chance of each level of the intent given the earlier steps of the visit."""
    intent = {"type": "frailty", "of": ["checkout.goes_on"], "dispersion": 1.5}
    segments = {"type": "segments", "column": "device", "multiply": {"mobile": {"checkout.goes_on": 0.5}}}
    document = {**world(CHECKOUT, intent, segments, count=10_000), "seed": seed}
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    assert report.score >= 95
    recovered = [f for f in report.findings if f.measure == "TransitionRecovery"]
    assert {f.verdict for f in recovered} == {"recovered"}
    assert len(recovered) == 11
    fitted = [f for f in report.findings if f.measure == "DwellTimes"]
    assert {f.verdict for f in fitted} == {"pass"}


def test_validation_tells_another_share_and_another_length_of_stays(tmp_path: Any) -> None:
    document = world(count=5000)
    datagen.generate(document, tmp_path / "out")
    other = {**CHECKOUT, "stay": {"type": "lognormal", "median": "40s", "sigma": 0.7}}
    other["stages"] = {**CHECKOUT["stages"], "payment": {"share": 0.7}}
    found = {f.subject: f.verdict for f in datagen.validate(world(other, count=5000), tmp_path / "out").findings}
    assert found["payment to purchase (share)"] == "not recovered"
    assert found["visit to product (share)"] == "recovered"
    assert found["length of visit to product"] == "fail"
