"""A multiplier on a table of which some parents have no rows changes how many have some, before it changes how many
each has.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datagen

PARENTS = 40_000


def document(rows: dict[str, Any], multiply: float, parents: int = PARENTS) -> dict[str, Any]:
    return {
        "datagen": 1, "name": "funnel", "seed": 4,
        "tables": {
            "visits": {
                "rows": parents,
                "columns": {"visit_id": {"type": "key"}, "ad": {"type": "choice", "values": ["no", "yes"]}},
                "behaviors": [{"type": "segments", "column": "ad", "multiply": {"yes": {"carts": multiply}}}],
            },
            "carts": {
                "parent": "visits", "rows": {"type": "per_parent", **rows},
                "columns": {"cart_id": {"type": "key"}, "visit_id": {"type": "parent_key"}},
            },
        },
    }  # fmt: skip


def counted(rows: dict[str, Any], multiply: float) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The number of carts of each visit, plain ones and those multiplied."""
    made = datagen.preview(document(rows, multiply), rows=10**6)
    counts = np.bincount(made["carts"]["visit_id"].to_numpy() - 1, minlength=PARENTS)
    ad = made["visits"]["ad"].to_numpy(zero_copy_only=False) == "yes"
    return counts[~ad], counts[ad]


@pytest.mark.parametrize("factor", [2.0, 1.5, 0.5])
def test_a_conversion_doubles_its_share_and_gives_nobody_two(factor: float) -> None:
    plain, more = counted({"count": 1, "none_share": 0.7}, factor)
    assert plain.mean() == pytest.approx(0.3, abs=0.01)
    assert more.mean() == pytest.approx(0.3 * factor, abs=0.012)
    assert more.max() == 1


@pytest.mark.parametrize("distribution", [{"type": "poisson", "mean": 3}, {"type": "geometric", "mean": 3, "min": 1}])
@pytest.mark.parametrize("factor", [0.5, 1.2, 3.0])
def test_the_share_comes_first_and_the_distribution_takes_the_rest(distribution: dict[str, Any], factor: float) -> None:
    plain, more = counted({"count": distribution, "none_share": 0.4}, factor)
    assert more.mean() / plain.mean() == pytest.approx(factor, rel=0.03)
    if distribution["type"] == "geometric":
        assert (more > 0).mean() == pytest.approx(min(0.6 * factor, 1), abs=0.012)
        some = more[more > 0].mean() / plain[plain > 0].mean()
        assert some == pytest.approx(max(0.6 * factor, 1), rel=0.03)


@pytest.mark.parametrize("factor", [4.0, 0.25])
def test_a_multiplier_on_a_bernoulli_count_acts_on_the_odds(factor: float) -> None:
    plain, more = counted({"count": {"type": "bernoulli", "share": 0.3}}, factor)
    odds = 0.3 / 0.7 * factor
    assert plain.mean() == pytest.approx(0.3, abs=0.01) and plain.max() == 1
    assert more.mean() == pytest.approx(odds / (1 + odds), abs=0.012) and more.max() == 1


@pytest.mark.parametrize(
    "rows", [{"count": 1, "none_share": 0.4}, {"count": {"type": "uniform", "min": 1, "max": 3}, "none_share": 0.4}]
)
def test_more_parents_with_rows_than_there_are_is_refused(rows: dict[str, Any]) -> None:
    (problem,) = datagen.check(document(rows, 2, 20))
    assert problem.keys == ("tables", "carts", "rows") and "room for x 1.667 only" in problem.message
    assert not datagen.check(document(rows, 1.6, 20))


def test_a_share_twice_is_refused() -> None:
    rows = {"count": {"type": "bernoulli", "share": 0.3}, "none_share": 0.4}
    assert [problem.keys[-1] for problem in datagen.check(document(rows, 2, 20))] == ["none_share"]


@pytest.mark.parametrize(
    "rows",
    [
        {"count": 1, "none_share": 0.7},
        {"count": {"type": "poisson", "mean": 3}, "none_share": 0.4},
        {"count": {"type": "bernoulli", "share": 0.3}},
    ],
)
def test_validation_expects_the_same(rows: dict[str, Any], tmp_path: Path) -> None:
    declared = document(rows, 2, 6000)
    datagen.generate(declared, tmp_path)
    report = datagen.validate(declared, tmp_path)
    found = {
        one.measure: one.verdict for one in report.findings if one.table == "carts" and one.verdict != "not applicable"
    }
    assert set(found.values()) <= {"pass", "recovered"} and found["CountRecovery"] == "recovered"
    other = document(rows, 0.5, 6000)
    assert any(
        one.verdict == "not recovered" for one in datagen.validate(other, tmp_path).findings if one.table == "carts"
    )
