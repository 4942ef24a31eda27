"""What is expected is what the declared process gives: few parents, ends of lives that other effects follow from,
returns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import datagen
from tests.validation.planted import about, judged, one, wrong

SPELLS = {"start": "2021-01-01", "end": "2024-07-01"}


def plants(number: int, columns: dict[str, Any], **rows: Any) -> dict[str, Any]:
    """A few plants with many readings each."""
    return {
        "datagen": 1,
        "name": "few",
        "seed": 1,
        "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "plants": {
                "rows": number,
                "columns": {"plant_id": {"type": "key"}, "size": {"type": "choice", "values": ["big", "small"]}},
                "behaviors": [{"type": "segments", "column": "size", "multiply": {"big": {"readings": 3}}}],
            },
            "readings": {
                "parent": "plants",
                "rows": {"type": "events", "mean_per_day": 60 / number, **rows},
                "columns": {"plant_id": {"type": "parent_key"}, "at": {"type": "event_time"}, **columns},
                "behaviors": [
                    {"type": "trend", "shape": "exponential", "growth_per_year": 0.3},
                    {"type": "seasonality", "weekday": {"sun": 0.5}, "hour": "office"},
                ],
            },
        },
    }


@pytest.mark.parametrize(
    ("number", "rows"),
    [(2, {}), (3, {}), (3, {"gaps": {"type": "gamma", "shape": 0.4}}), (5, {"dispersion": 0.5}), (12, {})],
    ids=str,
)
def test_a_few_parents_are_no_reason_to_doubt_the_data(tmp_path, number, rows):
    """Residuals of two or three parents say next to nothing about the error of an estimate."""
    for seed in (1, 2):
        document = {**plants(number, {}, **rows), "seed": seed}
        assert wrong(judged(document, tmp_path)) == []


def test_a_few_parents_are_no_excuse(tmp_path):
    declared = plants(3, {})
    made = plants(3, {})
    made["tables"]["readings"]["behaviors"][1]["weekday"] = {"sun": 0.8}
    judged(made, tmp_path)
    assert one(datagen.validate(declared, tmp_path / "made"), "weekday").verdict == "not recovered"


def members(behaviors: list[dict[str, Any]], loans: dict[str, Any], **columns: Any) -> dict[str, Any]:
    return {
        "datagen": 1,
        "name": "library",
        "seed": 3,
        "window": SPELLS,
        "tables": {
            "members": {
                "rows": {"type": "arrivals", "count": 2500},
                "columns": {"member_id": {"type": "key"}, "joined_at": {"type": "arrival_time"}, **columns},
                "behaviors": behaviors,
            },
            "loans": {
                "parent": "members",
                "rows": {"type": "events", "mean_per_month": 2, **loans},
                "columns": {"member_id": {"type": "parent_key"}, "at": {"type": "event_time"}},
            },
        },
    }


LEAVING = {"type": "retention", "lifetime": {"type": "exponential", "mean": 14}}


@pytest.mark.parametrize(
    ("columns", "loans", "behavior"),
    [
        (
            {"quiet_from": {"type": "expression", "expression": "COALESCE(left_at - INTERVAL '90' DAY, joined_at)"}},
            {},
            {"type": "vintage", "born": "quiet_from", "unit": "month", "multiply": {"loans": [1, 0.15]}},
        ),
        (
            {
                "brief": {
                    "type": "expression",
                    "expression": "left_at IS NOT NULL AND left_at < joined_at + INTERVAL '365' DAY",
                }
            },
            {},
            {"type": "segments", "column": "brief", "multiply": {"true": {"loans": 3}}},
        ),
        ({}, {"until": "left_at"}, None),
        ({}, {"until": "left_at", "gaps": {"type": "hawkes", "branching": 0.4, "decay": "3d"}}, None),
    ],
    ids=["age from before the end", "those who leave early", "until the end", "until the end, excited"],
)
def test_where_effects_follow_from_the_end_of_a_life_the_end_is_known(tmp_path, columns, loans, behavior):
    behaviors = [LEAVING, *([behavior] if behavior else [])]
    report = judged(members(behaviors, loans, left_at={"type": "lifetime_end"}, **columns), tmp_path)
    assert wrong(report) == []
    assert one(report, "mean per").verdict == "recovered"
    if behavior:
        assert {f.verdict for f in about(report, "loans", behavior["type"])} == {"recovered"}


def test_what_follows_from_the_end_of_a_life_with_breaks_is_not_judged(tmp_path):
    behaviors = [
        {**LEAVING, "reactivation": {"share": 0.5, "after": {"type": "exponential", "mean": 3}}},
        {"type": "segments", "column": "gone", "multiply": {"true": {"loans": 3}}},
    ]
    gone = {"type": "expression", "expression": "left_at IS NOT NULL"}
    report = judged(members(behaviors, {}, left_at={"type": "lifetime_end"}, gone=gone), tmp_path)
    assert wrong(report) == []
    assert one(report, "loans", "mean per").verdict == "not identifiable"


RETURNS = {"share": 0.6, "after": {"type": "weibull", "shape": 2, "scale": 6}, "most": 3}


@pytest.mark.parametrize(
    ("lifetime", "loans"),
    [
        ({"type": "lomax", "shape": 1.4, "scale": 20}, {"gaps": {"type": "gamma", "shape": 3}}),
        ({"type": "weibull", "shape": 0.8, "scale": 6}, {"dispersion": 0.5}),
        ({"type": "exponential", "mean": 4}, {"gaps": {"type": "gamma", "shape": 0.5}}),
    ],
    ids=["regular", "random", "clumped"],
)
def test_gaps_across_breaks_in_a_life_are_expected(tmp_path, lifetime, loans):
    report = judged(members([{"type": "retention", "lifetime": lifetime, "reactivation": RETURNS}], loans), tmp_path)
    assert wrong(report) == []
    found = one(report, "local variation")
    assert found.verdict == "recovered"
    distribution = {3: 3 / 7, 0.5: 1.5}.get(loans.get("gaps", {}).get("shape"), 1.0)
    assert found.planted > distribution * 1.02, "breaks make some gaps longer than their distribution"


def test_lives_of_cohorts_are_longer_but_the_time_away_is_not(tmp_path):
    retention = {
        "type": "retention",
        "lifetime": {"type": "exponential", "mean": 4},
        "reactivation": RETURNS,
        "cohorts": {"period": "year", "scale": {"2021": 4, "2022": 0.3}},
    }
    report = judged(members([retention], {}), tmp_path)
    assert wrong(report) == []
    assert np.isfinite(one(report, "tenure").z)
