"""Contagion: adoptions of members raise the hazard of the others of their community, and of nobody else."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest
from lifelines import CoxPHFitter

import datagen
from datagen.kinds.processes.support import communities
from datagen.point_process.thinning import Multipliers
from tests.promises.documents import tables
from tests.recovery.worlds import SEEDS, frames

LAUNCH, END, MONTH = pd.Timestamp("2023-02-01"), pd.Timestamp("2024-07-01"), pd.Timedelta(hours=730.5)
P, Q = 0.02, 0.5
VIEW = {
    "person_id": {"type": "parent_key"},
    **{
        name: {"type": "row_attribute", "attribute": name}
        for name in ("state", "entered_at", "left_at", "next_state", "adopted_by")
    },
}
GUIDE = {
    "type": "experiment",
    "name": "guide",
    "start": "2023-05-01",
    "end": "2024-01-01",
    "arms": {"control": {}, "shown": {"multiply": {"tool.waiting>adopted": 2.5}}},
}
FADING = {**GUIDE, "novelty": {"type": "exponential", "half_life": 60}}
HINDERED = {**FADING, "name": "delay", "arms": {"control": {}, "shown": {"multiply": {"tool.waiting>adopted": 0.2}}}}
FACTOR = {"type": "segments", "column": "size", "multiply": {"large": {"tool.waiting>adopted": 2.0}}}


def world(*behaviors: dict[str, Any], clubs: int = 150, **process: Any) -> dict[str, Any]:
    tool = {"type": "contagion", "p": P, "q": Q, "launch": "2023-02-01", "born": "joined_at"}
    return {
        "datagen": 1,
        "name": "contagion",
        "window": {"start": "2023-01-01", "end": "2024-07-01"},
        "tables": {
            "clubs": {"rows": clubs, "columns": {"club_id": {"type": "key"}}},
            "people": {
                "parent": "clubs",
                "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 25}},
                "columns": {
                    "person_id": {"type": "key"},
                    "club_id": {"type": "parent_key"},
                    "joined_at": {"type": "uniform", "min": "2022-01-01", "max": "2024-01-01"},
                    "size": {"type": "choice", "values": {"small": 2, "large": 1}},
                },
                "processes": {"tool": tool | process},
                "behaviors": list(behaviors),
            },
            "states": {"parent": "people", "rows": {"type": "stays", "process": "tool"}, "columns": dict(VIEW)},
        },
    }


@cache
def made(seed: int) -> pd.DataFrame:
    """Members with the time of adoption, if any."""
    found = frames(world(FACTOR), seed)
    waiting = found["states"][found["states"]["state"] == "waiting"]
    return waiting.merge(found["people"], on="person_id")


def test_it_is_the_process_event_by_event() -> None:
    """Members adopt when the hazard of their community reaches their threshold: a plain loop says the same."""
    rng = np.random.default_rng(1)
    community = np.sort(rng.integers(0, 12, 150))
    born = rng.integers(0, 400, 150) * 3_600_000_000
    threshold = rng.exponential(1.0, 150)
    distribution = communities.CommunityHazard(0.001, 0.02, 100 * 3_600_000_000)
    end = 700 * 3_600_000_000
    found, _ = communities.Communities(community, born, threshold).adoptions(distribution, end)
    for one in range(12):
        own = np.flatnonzero(community == one)
        time, reached, levels, left = 100.0, 0.0, {}, {}
        joins = sorted((max(born[i] / 3.6e9, 100.0), i) for i in own)
        while time < 700:
            rate = distribution.p + distribution.q * len(left) / max(len(levels) + len(left), 1)
            adopts = min(((time + (level - reached) / rate, i) for i, level in levels.items()), default=(np.inf, -1))
            event = min(adopts, joins[0] if joins else (np.inf, -1))
            reached, time = reached + rate * (event[0] - time), event[0]
            if event == adopts:
                left[event[1]] = time
                levels.pop(event[1], None)
            else:
                levels[joins.pop(0)[1]] = reached + threshold[event[1]]
            if time == np.inf:
                break
        for i in own:
            if i in left and left[i] < 700:
                assert abs(found[i] / 3.6e9 - left[i]) < 1e-6
            else:
                assert found[i] >= end


def test_a_treated_member_adopts_when_its_own_hazard_reaches_its_threshold() -> None:
    """The hazard of the community, times the member's multiplier at each time, sums up to the threshold at adoption."""
    rng = np.random.default_rng(2)
    size, hour = 300, 3_600_000_000
    community, born = np.sort(rng.integers(0, 12, size)), rng.integers(0, 400, size) * hour
    begin, long = rng.integers(0, 600, size) * hour, rng.integers(0, 200, size) * hour
    factor, threshold = rng.choice([0.0, 0.5, 1.0, 3.0], size), rng.exponential(1.0, size)
    distribution, end = communities.CommunityHazard(0.001, 0.01, 100 * hour), 420 * hour
    treated = Multipliers((factor,), ((begin, begin + long),), (None,))
    left, _ = communities.Communities(community, born, threshold, treated).adoptions(distribution, end)
    left = np.minimum(left, end)
    cuts = [born, np.clip(begin, born, left), np.clip(begin + long, born, left), left]
    parts = [(*cut, value) for cut, value in zip(itertools.pairwise(cuts), (1.0, factor, 1.0), strict=True)]
    found = distribution.exposure(community, (born, left), parts, end)
    reached, adopted = distribution.p * found.hours + distribution.q * found.shared, left < end
    assert np.allclose(reached[adopted], threshold[adopted], atol=1e-6)
    assert (reached[~adopted] < threshold[~adopted]).all()
    assert 50 < adopted.sum() < size - 20


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cox_regression_finds_the_effect_of_an_experiment(seed: int) -> None:
    """Members of a club share its hazard, so clubs are strata; who is treated changes it for all of them."""
    found = frames(world({**GUIDE, "start": "2023-01-01", "end": "2024-07-01"}, clubs=80), seed)
    people = found["people"].merge(found["_truth/people"], on="person_id")
    waiting = found["states"][found["states"]["state"] == "waiting"].merge(people, on="person_id")
    waiting = waiting.assign(
        low=np.maximum((waiting["entered_at"] - LAUNCH) / MONTH, 0.0),
        high=(waiting["left_at"].fillna(END) - LAUNCH) / MONTH,
        gone=waiting["left_at"].notna(),
        treated=(waiting["guide_received"] == "shown").astype(float),
    )[["club_id", "low", "high", "gone", "treated"]]
    cox = CoxPHFitter().fit(
        waiting[waiting["high"] > waiting["low"]], "high", "gone", entry_col="low", strata="club_id"
    )
    line = cox.summary.loc["treated"]
    assert abs(line["coef"] - np.log(2.5)) < 4 * line["se(coef)"] < 0.4


@pytest.mark.parametrize("guide", [GUIDE, FADING], ids=["lasting", "fading"])
def test_without_an_experiment_nobody_adopts_earlier_and_other_communities_are_the_same(
    guide: dict[str, Any], tmp_path: Path
) -> None:
    """The twin of an experiment on the clubs: only treated clubs differ, and there in one direction."""
    clubs = world(clubs=80)
    clubs["tables"]["clubs"]["behaviors"] = [
        {**guide, "arms": {"control": {}, "shown": {"multiply": {"people.tool.waiting>adopted": 2.5}}}}
    ]
    datagen.generate(clubs, tmp_path / "a")
    datagen.generate(clubs, tmp_path / "b", without=["clubs.behaviors.guide"])
    one, two = (
        ds.dataset(tmp_path / name / "states").to_table().to_pandas().query("state == 'waiting'") for name in "ab"
    )
    both = one.merge(two, on="person_id", suffixes=("", "_without"))
    arm = ds.dataset(tmp_path / "a" / "_truth" / "clubs").to_table().to_pandas().set_index("club_id")["guide_received"]
    people = ds.dataset(tmp_path / "a" / "people").to_table().to_pandas().set_index("person_id")["club_id"]
    shown = both["person_id"].map(people).map(arm) == "shown"
    far = pd.Timestamp("2030-01-01")
    first, second = both["left_at"].fillna(far), both["left_at_without"].fillna(far)
    assert (first[~shown] == second[~shown]).all()
    assert (first <= second).all()
    assert (first < second)[shown].mean() > 0.3
    assert set(verdicts(clubs, tmp_path / "a").values()) == {"recovered"}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_maximum_likelihood_fit_finds_p_and_q(seed: int) -> None:
    """An analyst's fit of the additive hazard, from joining and adopting times alone."""
    people = made(seed)
    born = np.maximum((people["entered_at"] - LAUNCH) / MONTH, 0.0).to_numpy()
    left = ((people["left_at"].fillna(END) - LAUNCH) / MONTH).to_numpy()
    adopted, factor = people["left_at"].notna().to_numpy(), np.where(people["size"] == "large", 2.0, 1.0)
    time, shared, shares = 0.0, 0.0, []
    for own in people.groupby("club_id").indices.values():
        cuts = np.unique(np.concatenate([born[own], left[own]]))
        for low, high in itertools.pairwise(cuts):
            there = born[own] <= low
            share = (adopted[own] & (left[own] <= low)).sum() / max(there.sum(), 1)
            risk = factor[own][there & (left[own] > low)].sum() * (high - low)
            time, shared = time + risk, shared + risk * share
            shares += [share] * (adopted[own] & (left[own] == high)).sum()
    share = np.array(shares)
    rates = np.array([P, Q])
    for _ in range(20):
        hazard = rates[0] + rates[1] * share
        score = np.array([(1 / hazard).sum() - time, (share / hazard).sum() - shared])
        information = np.array([[(share ** (i + j) / hazard**2).sum() for i in (0, 1)] for j in (0, 1)])
        rates = rates + np.linalg.solve(information, score)
    error = np.sqrt(np.diag(np.linalg.inv(information)))
    assert (np.abs(rates - [P, Q]) < 4 * error).all(), (rates, error)
    assert (error / [P, Q] < 0.15).all()


def test_the_truth_says_whom_the_others_moved() -> None:
    """Imitation has the share q s / (p + q s) of adoptions at a share s of adopters, early on few, later nearly all."""
    people = made(1)
    adopted = people[people["left_at"].notna()]
    assert set(people.loc[people["left_at"].isna(), "adopted_by"]) == {"none"}
    first = adopted.sort_values("left_at").groupby("club_id").head(1)
    assert (first["adopted_by"] == "innovation").all()
    rank = adopted.groupby("club_id")["left_at"].rank()
    assert (adopted.loc[rank > 10, "adopted_by"] == "imitation").mean() > 0.8


def test_adoptions_cluster_in_communities() -> None:
    """The number of adopters varies more between communities than if members were independent."""
    people = frames(world(), 2)
    waiting = people["states"][people["states"]["state"] == "waiting"].merge(people["people"], on="person_id")
    early = (waiting["left_at"] < LAUNCH + 6 * MONTH).groupby(waiting["club_id"]).agg(["sum", "size"])
    share = early["sum"].sum() / early["size"].sum()
    variance = ((early["sum"] - share * early["size"]) ** 2).sum() / (early["size"] * share * (1 - share)).sum()
    assert variance > 2


def test_communities_do_not_touch_each_other() -> None:
    """Further communities change nothing, and a longer window adds only what comes later."""
    few, more = (tables(world(clubs=clubs))["states"].to_pandas() for clubs in (40, 60))
    pd.testing.assert_frame_equal(few, more.iloc[: len(few)], check_dtype=False, check_categorical=False)
    long = world(clubs=40)
    long["window"] = {"start": "2023-01-01", "end": "2025-01-01"}
    later = tables(long)["states"].to_pandas()
    early = few[few["state"] == "adopted"][["person_id", "entered_at"]]
    assert len(early.merge(later, on=["person_id", "entered_at"])) == len(early) > 200


def test_it_does_not_depend_on_partitions(tmp_path: Path) -> None:
    whole = tables(world(FACTOR))
    datagen.generate(world(FACTOR), tmp_path, partition_rows=1500)
    assert len([*(tmp_path / "states").glob("*.parquet")]) > 3
    found = ds.dataset(tmp_path / "states").to_table().to_pandas()
    pd.testing.assert_frame_equal(found, whole["states"].to_pandas(), check_dtype=False, check_categorical=False)


def verdicts(declared: dict[str, Any], folder: Path) -> dict[str, str]:
    found = datagen.validate(declared, folder).findings
    assert "fail" not in {f.verdict for f in found if f.group != "realism"}
    return {f.subject: f.verdict for f in found if f.measure in ("ContagionRates", "TransitionRecovery")}


@pytest.mark.parametrize(
    "behaviors",
    [(), (FACTOR, GUIDE), (FACTOR, FADING, HINDERED)],
    ids=["plain", "segments and an experiment", "fading"],
)
def test_validation_recovers_the_rates(behaviors: tuple[dict[str, Any], ...], tmp_path: Path) -> None:
    datagen.generate(world(*behaviors), tmp_path / "a")
    assert set(verdicts(world(*behaviors), tmp_path / "a").values()) == {"recovered"}


def test_validation_notices_other_rates_and_a_curve_without_contagion(tmp_path: Path) -> None:
    datagen.generate(world(), tmp_path / "a")
    found = verdicts(world(p=P * 2, q=Q * 0.6), tmp_path / "a")
    assert found["p per month"] == found["q per month"] == "not recovered"
    alone = world()
    alone["tables"]["people"]["processes"]["tool"] = {
        "type": "adoption",
        "curve": {"type": "bass", "p": P, "q": Q, "launch": "2023-02-01"},
        "born": "joined_at",
    }
    del alone["tables"]["states"]["columns"]["adopted_by"]
    datagen.generate(alone, tmp_path / "b")
    other = verdicts({**world(), "tables": {**world()["tables"], "states": alone["tables"]["states"]}}, tmp_path / "b")
    assert "not recovered" in (other["p per month"], other["q per month"])


@pytest.mark.slow
def test_distances_of_the_rates_are_those_of_chance(tmp_path: Path) -> None:
    """z of p, q and the number of adoptions over 200 seeds, with segments and an experiment."""
    found: dict[str, list[float]] = {}
    for seed in range(1, 201):
        made = {**world(FACTOR, GUIDE, clubs=60), "seed": seed}
        datagen.generate(made, tmp_path / str(seed))
        for one in datagen.validate(made, tmp_path / str(seed)).findings:
            if one.measure in ("ContagionRates", "TransitionRecovery") and one.z is not None:
                found.setdefault(one.subject, []).append(one.z)
    assert len(found) == 3
    for name, z in found.items():
        assert abs(np.mean(z)) < 0.25, (name, np.mean(z))
        assert 0.85 < np.std(z) < 1.15, (name, np.std(z))


def test_large_communities_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(communities, "MOST_MEMBERS", 20)
    with pytest.raises(datagen.DatagenError, match="more than 20"):
        tables(world(clubs=20))


def test_problems() -> None:
    trend = {"type": "trend", "of": "tool.waiting>adopted", "shape": "exponential", "growth_per_year": 0.5}
    assert [one.code for one in datagen.check(world(trend))] == ["conflict"]
    assert [one.code for one in datagen.check(world(launch="2030-01-01"))] == ["range"]
    alone = world()
    people = alone["tables"]["people"]
    del people["parent"], people["columns"]["club_id"]
    people["rows"] = 100
    assert "missing" in {one.code for one in datagen.check(alone)}
