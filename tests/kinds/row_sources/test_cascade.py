"""Cascades: R by generation, gaps, superspreaders, and referrers that come before those they bring."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import datagen
from datagen.kinds.row_sources.cascade import Cascade
from tests.recovery.worlds import SEEDS, frames

END, R, GAP = pd.Timestamp("2025-01-01"), 0.7, stats.lognorm(0.8, scale=9)


def world(seeds: int = 4000, **rows: Any) -> dict[str, Any]:
    document = copy.deepcopy(Cascade.examples[0])
    document["tables"]["seeds"]["rows"]["count"] = seeds
    document["tables"]["members"]["rows"] |= rows
    return document


@cache
def made(seed: int) -> pd.DataFrame:
    found = frames(world(), seed)
    members = found["members"].merge(found["_truth/members"], on="member_id")
    seen = GAP.cdf((END - members["joined_at"]) / pd.Timedelta(days=1))
    brought = members.groupby("referrer_id").size().reindex(members["member_id"], fill_value=0).to_numpy()
    return members.assign(seen=seen, brought=brought)


@pytest.mark.parametrize("seed", SEEDS)
def test_members_of_each_generation_bring_as_many(seed: int) -> None:
    for generation in range(4):
        own = made(seed)[made(seed)["generation"] == generation]
        mean = R * own["seen"]
        error = np.sqrt((mean + 2 * mean**2).sum())
        assert abs(own["brought"].sum() - mean.sum()) < 3.5 * error
        assert error < 0.12 * mean.sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_gaps_follow_their_distribution(seed: int) -> None:
    members = made(seed).set_index("member_id")
    referred = members[members["referrer_id"].notna()]
    referrer = members.loc[referred["referrer_id"].astype(int)]
    early = (referrer["joined_at"] < pd.Timestamp("2024-07-01")).to_numpy()
    gaps = ((referred["joined_at"].to_numpy() - referrer["joined_at"].to_numpy()) / np.timedelta64(1, "D"))[early]
    assert stats.kstest(gaps, GAP.cdf).statistic < 1.9 / np.sqrt(len(gaps))


def test_referrers_join_before_and_stand_one_generation_above_in_the_same_tree() -> None:
    members = made(1).set_index("member_id")
    assert (members["generation"] == 0).equals(members["referrer_id"].isna())
    referred = members[members["referrer_id"].notna()]
    referrer = members.loc[referred["referrer_id"].astype(int)]
    assert (referrer["joined_at"].to_numpy() < referred["joined_at"].to_numpy()).all()
    assert (referrer["generation"].to_numpy() + 1 == referred["generation"].to_numpy()).all()
    assert (referrer["seed_id"].to_numpy() == referred["seed_id"].to_numpy()).all()
    assert members["joined_at"].max() < END


DISPERSION = 2.0


def top_tenth(dispersion: float) -> tuple[float, float]:
    """The share of all who are brought that the tenth with most brings, and the standard error of it times the root of
    their number.

    The number brought is negative binomial of mean R. With q its 90th percentile and p its Lorenz share L = (E (X - q)+
    + q / 10) / R, the influence of a member is ((X - q)+ + q / 10 - L X) / R.
    """
    distribution = stats.nbinom(1 / dispersion, 1 / (1 + R * dispersion)) if dispersion else stats.poisson(R)
    number = np.arange(400)
    chance, above = distribution.pmf(number), np.maximum(number - distribution.ppf(0.9), 0) + distribution.ppf(0.9) / 10
    share = (chance * above).sum() / R
    return share, float(np.sqrt((chance * ((above - share * number) / R) ** 2).sum()))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_few_bring_most(seed: int) -> None:
    """The tenth with most brings the share that the planted law gives it: 54 % of all at a dispersion of 2, 34 %
    without.
    """
    assert Cascade.examples[0]["tables"]["members"]["rows"]["dispersion"] == DISPERSION
    old = made(seed)[made(seed)["seen"] > 0.99]
    even = frames(world(dispersion=0), seed)["members"]
    early = even.loc[even["joined_at"] < END - pd.Timedelta(days=90), "member_id"]
    brought = even.groupby("referrer_id").size().reindex(early, fill_value=0)
    for numbers, dispersion in ((old["brought"], DISPERSION), (brought, 0.0)):
        planted, error = top_tenth(dispersion)
        top = np.sort(numbers)[::-1][: len(numbers) // 10]
        assert abs(top.sum() / numbers.sum() - planted) < 4 * error / np.sqrt(len(numbers)) + 1 / len(numbers)
    assert top_tenth(DISPERSION)[0] > top_tenth(0.0)[0] + 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_validation_recovers_it_and_notices_another_r(seed: int, tmp_path: Any) -> None:
    document = {**world(), "seed": seed}
    datagen.generate(document, tmp_path / "out", workers=1)
    report = datagen.validate(document, tmp_path / "out", workers=1)
    assert {f.verdict for f in report.findings if f.measure == "ReproductionNumber"} == {"recovered"}
    assert any(f.measure == "ReferralOrder" and f.verdict == "pass" for f in report.findings)
    other = datagen.validate({**world(mean=0.9), "seed": seed}, tmp_path / "out", workers=1)
    assert any(f.measure == "ReproductionNumber" and f.verdict == "not recovered" for f in other.findings)


def test_trees_do_not_depend_on_partitions(tmp_path: Any) -> None:
    found = []
    for rows in (200, 10**6):
        datagen.generate(world(300), tmp_path / str(rows), workers=1, partition_rows=rows)
        found.append(datagen.fingerprint(tmp_path / str(rows)))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"gap": {"type": "constant", "value": 3}}, "distribution of durations"),
        ({"gap": {"type": "lognormal", "median": "9d", "sigma": 1, "max": "20d"}}, "distribution of durations"),
    ],
)
def test_invalid_values_are_problems(wrong: dict[str, Any], message: str) -> None:
    assert any(message in problem.message for problem in datagen.check(world(**wrong)))
