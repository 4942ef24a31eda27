"""Declared correlations: rank correlations of the files against the document, margins and other columns untouched."""

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
from tests.recovery.worlds import SEEDS, frames

CASE = Path(__file__).parents[1] / "cases" / "correlated_columns.yaml"
HOUR = pd.Timedelta(hours=1)


def case() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(CASE.read_text())
    return document


@cache
def made(seed: int) -> dict[str, pd.DataFrame]:
    return frames(case(), seed)


def tau_of(rho: float) -> float:
    return 2 / np.pi * np.arcsin(rho)


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its correlations."""
    document = copy.deepcopy(document)
    for table in document["tables"].values():
        table.pop("correlations", None)
    return document


@pytest.mark.parametrize("seed", SEEDS)
def test_kendalls_tau_is_what_was_declared_in_root_and_child_tables(seed: int) -> None:
    people, orders = made(seed)["people"].dropna(), made(seed)["orders"].dropna()
    orders = orders[orders["ordered_at"] < pd.Timestamp("2024-12-01")]
    wait = (orders["arrived_at"] - orders["ordered_at"]) / HOUR
    declared = {
        tau_of(0.6): (people["age"], people["income"]),
        0.5: (orders["weight"], orders["freight"]),
        tau_of(0.4): (orders["weight"], wait),
        tau_of(0.0): (people["age"], people["size"].cat.codes if hasattr(people["size"], "cat") else people["visits"]),
    }
    for tau, (one, other) in declared.items():
        error = np.sqrt(4 / 9 / len(one))
        assert abs(stats.kendalltau(one, other).statistic - tau) < 4 * error


@pytest.mark.parametrize("seed", SEEDS)
def test_cases_choices_and_rounded_numbers_go_together_as_their_normal_scores_do(seed: int) -> None:
    people = made(seed)["people"]
    of_b = people[people["kind"] == "b"]
    score = stats.norm.ppf(stats.gamma(2, scale=4.5).cdf(of_b["score"]))
    joined = (pd.to_datetime(of_b["joined_on"]) - pd.Timestamp("2020-01-01")).dt.days + 0.5
    found = np.corrcoef(score, stats.norm.ppf(joined / 1461.0))[0, 1]
    assert abs(found + 0.3) < 4 / np.sqrt(len(of_b))
    medians = people.groupby(people["size"].astype(str))["income"].median()
    assert medians["S"] < medians["M"] < medians["L"]


def test_adding_a_correlation_changes_only_the_columns_that_it_names() -> None:
    bare, whole = frames(plain(case()), 1), made(1)
    for table, named in (
        ("people", {"income", "size", "visits", "joined_on"}),
        ("orders", {"freight", "arrived_at", "seen_at"}),
    ):
        assert {c for c in whole[table] if not whole[table][c].equals(bare[table][c])} == named
    more = case()
    more["tables"]["people"]["correlations"].append({"columns": ["height", "age"], "rho": 0.3})
    later = frames(more, 1)["people"]
    assert {c for c in later if not later[c].equals(whole["people"][c])} == {"height"}


def test_margins_stay_as_declared() -> None:
    people, orders = made(2)["people"], made(2)["orders"]
    distributions = (
        (people["age"], stats.norm(40, 10)),
        (people["income"].dropna(), stats.lognorm(0.6, scale=30000)),
        (orders["freight"], stats.expon(scale=9)),
        (orders["weight"], stats.lognorm(0.7, scale=2)),
    )
    for cells, distribution in distributions:
        assert stats.kstest(cells, distribution.cdf).statistic < 1.95 / np.sqrt(len(cells))
    shares = people["size"].value_counts(normalize=True)
    assert abs(shares["M"] - 0.4) < 4 * np.sqrt(0.24 / len(people))


def test_any_cut_and_any_order_of_columns_gives_the_same_cells() -> None:
    whole = datagen.fingerprint(case())
    assert datagen.fingerprint(case(), partition_rows=500) == whole
    turned = case()
    for table in turned["tables"].values():
        table["columns"] = dict(reversed(table["columns"].items()))
    assert datagen.fingerprint(turned) == whole


def correlations_of(report: datagen.Report) -> dict[str, datagen.Finding]:
    return {one.subject: one for one in report.findings if one.measure == "Correlation"}


@pytest.mark.parametrize("seed", SEEDS)
def test_validation_recovers_every_pair_and_finds_nothing_undeclared(seed: int, tmp_path: Path) -> None:
    datagen.generate(case(), tmp_path, seed=seed)
    report = datagen.validate(case(), tmp_path)
    found = correlations_of(report)
    assert set(found) == {
        "rho of 'age' and 'income'", "tau of 'income' and 'size'", "rho of 'score' and 'visits'",
        "rho of 'score' and 'joined_on'", "rho of 'visits' and 'joined_on'", "tau of 'weight' and 'freight'",
        "rho of 'weight' and 'arrived_at'", "rho of 'freight' and 'seen_at'",
    }  # fmt: skip
    assert {one.verdict for one in found.values()} == {"recovered"}
    assert report.score >= 95


def test_validation_names_correlations_that_are_not_there(tmp_path: Path) -> None:
    datagen.generate(plain(case()), tmp_path)
    found = correlations_of(datagen.validate(case(), tmp_path))
    assert {one.verdict for one in found.values()} == {"not recovered"}


def test_validation_names_a_correlation_that_nothing_declares(tmp_path: Path) -> None:
    datagen.generate(case(), tmp_path)
    report = datagen.validate(plain(case()), tmp_path)
    assert any(one.measure == "Independence" and one.verdict == "fail" for one in report.findings)
