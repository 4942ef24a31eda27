from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datagen
from datagen.columnar.block import FLOAT, INT, Column
from datagen.validation import inline
from tests.kinds.expectations.judging import judged, shop, statistic

MET: list[dict[str, Any]] = [
    {"type": "share", "expression": "DAYOFWEEK(ordered_at) IN (0, 6)", "between": ["20%", "40%"]},
    {"type": "count", "at_least": 100},
    {"type": "quantile", "level": 0.5, "expression": "amount", "equals": 30, "tolerance": "20%"},
    {"type": "mean", "expression": "ordered_at", "between": ["2024-05-01", "2024-12-01"]},
    {"type": "mean", "expression": "ordered_at - customers.created_at", "between": ["10d", "300d"]},
    {"type": "unique", "columns": ["customer_id", "ordered_at"]},
    {"type": "row_condition", "condition": "ordered_at >= customers.created_at"},
]
MISSED: list[dict[str, Any]] = [
    {"type": "share", "expression": "DAYOFWEEK(ordered_at) IN (0, 6)", "at_least": "60%"},
    {"type": "count", "at_most": 100},
    {"type": "quantile", "level": 0.5, "expression": "amount", "equals": 30, "tolerance": 0.0001},
    {"type": "max", "expression": "ordered_at", "at_most": "2024-05-01"},
    {"type": "mean", "expression": "ordered_at - customers.created_at", "at_most": "10h"},
    {"type": "unique", "columns": ["customer_id"]},
    {"type": "row_condition", "condition": "amount > 20"},
]


def test_what_holds_passes(folder: Path) -> None:
    findings = judged(folder, *MET)
    assert len(findings) == len(MET)
    assert {(finding.group, finding.verdict, finding.score) for finding in findings} == {("constraint", "pass", 1.0)}


def test_what_does_not_hold_fails_with_its_numbers(folder: Path) -> None:
    findings = judged(folder, *({**one, "name": f"check {i}"} for i, one in enumerate(MISSED)))
    assert sorted(finding.subject for finding in findings) == [f"check {i}" for i in range(len(MISSED))]
    for finding in findings:
        assert (finding.verdict, finding.score) == ("fail", 0.0)
        assert finding.statistic is not None and finding.threshold is not None


def test_rows_that_break_a_condition_are_shown(folder: Path) -> None:
    (finding,) = judged(folder, {"type": "row_condition", "condition": "amount > 20"})
    assert finding.count > 0 and 0 < finding.share < 1 and len(finding.rows) == 5
    assert all(row["amount"] <= 20 and row["order_id"] > 0 for row in finding.rows)


def test_nothing_to_look_at_is_no_pass(folder: Path) -> None:
    (finding,) = judged(folder, {"type": "mean", "expression": "amount", "where": "amount < 0", "at_least": 0})
    assert (finding.verdict, finding.score) == ("not applicable", None)


def test_an_expression_that_the_data_makes_impossible_fails(folder: Path) -> None:
    (finding,) = judged(folder, {"type": "mean", "expression": "CAST(note AS BIGINT)", "at_least": 0})
    assert finding.verdict == "fail" and "CAST" in finding.message


def test_a_failed_expectation_ends_with_1(folder: Path) -> None:
    document = {**shop(), "expectations": [{"table": "orders", "type": "count", "at_most": 3}]}
    assert not datagen.validate(document, folder).passed


def test_expectations_see_every_row_while_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tasks look at one block in a few; a count of some of the rows would be another number."""
    monkeypatch.setattr(inline, "EVERY", 1000)
    document = {**shop(), "expectations": [{"table": "orders", "type": "count", "at_most": 3}]}
    made = datagen.generate(document, tmp_path / "out", partition_rows=3000, validate=True)
    report = made.report
    assert report is not None
    (finding,) = [finding for finding in report.findings if finding.measure == "Expectation"]
    assert finding.statistic == made.table("orders").rows


def test_many_distinct_values_are_counted_within_one_percent() -> None:
    reduction = statistic(type="distinct", expression="amount", at_least=1).reduction
    state = reduction.observe(Column(INT, np.arange(100_000)))
    for start in range(100_000, 600_000, 100_000):
        state = reduction.merge(state, reduction.observe(Column(INT, np.arange(start - 50_000, start + 100_000))))
    assert len(state.hashes) <= 1 << 17
    assert reduction.value(state) == pytest.approx(600_000, rel=0.01)


def test_quantiles_of_many_values_have_the_right_rank() -> None:
    reduction = statistic(type="quantile", expression="amount", level=0.9, at_least=1).reduction
    cells = np.random.default_rng(1).lognormal(size=400_000)
    state = reduction.observe(Column(FLOAT, cells[:20_000]))
    for part in np.split(cells[20_000:], 19):
        state = reduction.merge(state, reduction.observe(Column(FLOAT, part)))
    assert len(state.values) <= 1 << 14
    assert np.mean(cells <= reduction.value(state)) == pytest.approx(0.9, abs=0.001)
