"""Credits: one row for each touch before a conversion, with shares that sum to one under each rule."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import datagen
from datagen.kinds.row_sources.credits import RULES, Credits
from tests.recovery.worlds import frames


def world(**rows: Any) -> dict[str, Any]:
    document = copy.deepcopy(Credits.examples[0])
    document["tables"]["people"]["rows"] = 400
    document["tables"]["touches"]["columns"]["person_id"] = {"type": "parent_key"}
    document["tables"]["conversions"]["columns"]["person_id"] = {"type": "parent_key"}
    document["tables"]["credits"]["columns"]["touched_at"] = {"type": "row_attribute", "attribute": "touched_at"}
    document["tables"]["credits"]["rows"] |= rows
    return document


@cache
def made() -> dict[str, pd.DataFrame]:
    return frames(world(), 1)


def test_the_rows_are_those_of_a_join_in_sql() -> None:
    touches, conversions, credited = (made()[name] for name in ("touches", "conversions", "credits"))
    expected = duckdb.sql("""
        select conversion_id, touch_id, row_number() over (partition by conversion_id order by touched_at,
            touch_id) as position
        from conversions c join touches t on t.person_id = c.person_id
        and t.touched_at <= c.converted_at and t.touched_at >= c.converted_at - interval 30 days
        order by conversion_id, position
    """).df()
    assert len(expected) > 300
    assert (expected.to_numpy() == credited[["conversion_id", "touch", "position"]].to_numpy()).all()
    assert len(touches) and len(conversions)


@pytest.mark.parametrize("rule", RULES)
def test_credits_sum_to_one(rule: str) -> None:
    sums = made()["credits"].groupby("conversion_id")[rule].sum()
    assert np.allclose(sums, 1, atol=1e-12)


def test_each_rule_gives_what_its_name_says() -> None:
    credited = made()["credits"].merge(made()["conversions"], on="conversion_id")
    number = credited.groupby("conversion_id")["position"].transform("max")
    assert (credited["first"] == (credited["position"] == 1)).all()
    assert (credited["last"] == (credited["position"] == number)).all()
    assert np.allclose(credited["linear"], 1 / number)
    weight = 0.5 ** ((credited["converted_at"] - credited["touched_at"]) / pd.Timedelta(days=7))
    assert np.allclose(credited["time_decay"], weight / weight.groupby(credited["conversion_id"]).transform("sum"))
    long = credited[number > 2]
    ends = (long["position"] == 1) | (long["position"] == number[number > 2])
    assert np.allclose(long.loc[ends, "position_based"], 0.4)


def test_only_the_latest_touches_count_where_there_are_too_many() -> None:
    credited = frames(world(most=2), 1)["credits"]
    assert credited.groupby("conversion_id").size().max() == 2
    whole = made()["credits"].sort_values(["conversion_id", "position"]).groupby("conversion_id").tail(2)
    assert credited["touch"].tolist() == whole["touch"].tolist()


def test_validation_finds_credits_that_do_not_sum_to_one(tmp_path: Any) -> None:
    document = world()
    datagen.generate(document, tmp_path / "out", workers=1, format="csv")
    assert datagen.validate(document, tmp_path / "out", workers=1).score == 100
    file = next((tmp_path / "out" / "credits").iterdir())
    table = pd.read_csv(file)
    table.loc[0, "linear"] += 0.5
    table.to_csv(file, index=False)
    report = datagen.validate(document, tmp_path / "out", workers=1)
    assert any(f.measure == "CreditSum" and f.verdict == "fail" and f.subject == "linear" for f in report.findings)


@pytest.mark.parametrize(
    ("touches", "code"), [("nothing", "unknown-table"), ("people", "unrelated-table"), ("credits", "unrelated-table")]
)
def test_touches_stand_beside_the_conversions(touches: str, code: str) -> None:
    assert any(problem.code == code for problem in datagen.check(world(touches=touches)))
