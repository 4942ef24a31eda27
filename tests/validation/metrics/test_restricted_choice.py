"""References with candidates of their own choose among them by the law, at every time; what breaks that is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import datagen
from datagen.kinds.choosers.support.choice import Choice
from datagen.validation import validate
from datagen.validation.metrics import restricted_choice
from datagen.validation.metrics.base import Finding
from datagen.validation.slicing.external import foreign
from tests.validation.worlds import tables_of, written

ZIPF = {"type": "zipf", "exponent": 1.0}
CHOICES: dict[str, dict[str, Any]] = {
    "existing": {"existing_at": "sold_at", "popularity": ZIPF},
    "existing, alike": {"existing_at": "sold_at"},
    "same value": {"same": {"country": "shops.country"}, "weight": "size"},
    "same value and existing": {"same": {"country": "shops.country"}, "existing_at": "sold_at", "popularity": ZIPF},
    "valid": {"valid": {"from": "made_at", "to": "gone_at", "at": "sold_at"}, "popularity": ZIPF},
    "another": {"differs_from": ["other_id"], "popularity": ZIPF},
}


def document(choice: dict[str, Any], products: int = 200, monthly: float = 3) -> dict[str, Any]:
    countries = {"type": "choice", "values": {"DE": 5, "FR": 3, "IT": 2}}
    lasting = {"type": "after", "column": "made_at", "delay": {"type": "exponential", "mean": "400d"}}
    return {
        "datagen": 1, "name": "restricted", "window": {"start": "2023-01-01", "end": "2025-01-01"},
        "tables": {
            "products": {
                "rows": {"type": "arrivals", "count": products, "before_window": 0.4},
                "columns": {
                    "product_id": {"type": "key"}, "made_at": {"type": "arrival_time"}, "gone_at": lasting,
                    "country": countries, "size": {"type": "lognormal", "median": 3, "sigma": 1},
                },
            },
            "shops": {"rows": 150, "columns": {"shop_id": {"type": "key"}, "country": countries}},
            "sales": {
                "parent": "shops",
                "rows": {"type": "events", "mean_per_month": monthly},
                "columns": {
                    "sale_id": {"type": "key"}, "shop_id": {"type": "parent_key"}, "sold_at": {"type": "event_time"},
                    "other_id": {"type": "reference", "table": "products"},
                    "product_id": {"type": "reference", "table": "products", **choice},
                },
            },
        },
    }  # fmt: skip


def shares(report: Any) -> Finding:
    (one,) = (one for one in report.findings if one.measure == "CandidateShares" and one.column == "product_id")
    return one


def test_a_table_with_very_many_rows_to_choose_is_not_held_in_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    datagen.generate(document(CHOICES["existing"]), tmp_path / "out", workers=1)
    monkeypatch.setattr(restricted_choice, "MOST_CANDIDATES", 100)
    monkeypatch.setattr(Choice, "weights", lambda _choice, _scope: pytest.fail("all rows were held"))
    found = shares(datagen.validate(document(CHOICES["existing"]), tmp_path / "out", workers=1))
    assert found.verdict == "not identifiable" and "too many rows to refer to" in found.message


@pytest.mark.parametrize("name", CHOICES)
def test_sound_choices_pass_and_a_new_best_seller_is_named(name: str, tmp_path: Path) -> None:
    made = document(CHOICES[name])
    tables, schemas = tables_of(datagen.generate(made, tmp_path / "out"))
    report = datagen.validate(made, tmp_path / "out")
    assert shares(report).verdict == "pass" and report.score >= 95
    sales = tables["sales"]
    late, chosen = sales["sold_at"] > "2024-01-01", sales["product_id"]
    ranked = chosen[late].value_counts().index
    moved = late & chosen.isin(ranked[10:30]) & (chosen != ranked[29])  # all of them can be chosen: they are
    broken = {**tables, "sales": sales.assign(product_id=chosen.mask(moved, ranked[5]))}
    worse = datagen.validate(made, written(broken, schemas, tmp_path / "broken"))
    assert shares(worse).verdict == "fail" and "from 2024" in shares(worse).message
    assert worse.score < report.score


@pytest.mark.parametrize("scale", [0.02, 3])
def test_existence_is_that_of_the_data_at_any_scale(scale: float, tmp_path: Path) -> None:
    made = document(CHOICES["existing"])
    datagen.generate(made, tmp_path / "out", scale=scale)
    report = datagen.validate(made, tmp_path / "out")
    assert report.score >= 95 and shares(report).verdict in ("pass", "not identifiable")


def test_data_of_another_seed_are_no_false_alarm(tmp_path: Path) -> None:
    made = document(CHOICES["valid"])
    tables, schemas = tables_of(datagen.generate(made, tmp_path / "out", seed=1))
    report = datagen.validate(made, written(tables, schemas, tmp_path / "flat"))
    assert shares(report).verdict == "not identifiable" and report.score >= 95


def test_equal_choices_where_some_are_popular_are_named(tmp_path: Path) -> None:
    alike, declared = document({**CHOICES["valid"], "popularity": {"type": "uniform"}}), document(CHOICES["valid"])
    tables, schemas = tables_of(datagen.generate(alike, tmp_path / "out"))
    report = datagen.validate(declared, written(tables, schemas, tmp_path / "flat"))
    assert shares(report).verdict == "fail"


@pytest.mark.parametrize("products", [1, 2, 5000])
def test_any_size_is_no_false_alarm(products: int, tmp_path: Path) -> None:
    made = document(CHOICES["existing"], products, 0.3)
    datagen.generate(made, tmp_path / "out", seed=2)
    report = datagen.validate(made, tmp_path / "out")
    assert report.score >= 95
    assert shares(report).verdict in ("pass", "not identifiable")


def test_the_verdict_does_not_depend_on_how_files_are_cut(tmp_path: Path) -> None:
    made = document(CHOICES["existing"])
    found = []
    for number, rows in enumerate((100_000, 400)):
        datagen.generate(made, tmp_path / str(number), seed=3, partition_rows=rows)
        found.append(shares(datagen.validate(made, tmp_path / str(number))))
    assert len(list((tmp_path / "1" / "sales").glob("*.parquet"))) > 1
    assert pq.read_table(tmp_path / "0" / "sales").num_rows > 1000
    assert found[0].z == pytest.approx(found[1].z)


@pytest.mark.parametrize("choice", [{}, {"weight": "size", "same": {"country": "country"}}])
def test_earlier_rows_are_those_with_smaller_keys_in_whatever_order_and_slices(
    choice: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = document(CHOICES["existing"], 700) | {"seed": 4}
    made["tables"]["products"]["columns"]["origin_id"] = {"type": "reference", "table": "products", **choice}
    tables, schemas = tables_of(datagen.generate(made, tmp_path / "out"))
    mixed = {name: rows.sample(frac=1.0, random_state=3) for name, rows in tables.items()}
    folder = written(mixed, schemas, tmp_path / "mixed")
    found = [_origins(datagen.validate(made, at)) for at in (tmp_path / "out", folder)]
    monkeypatch.setattr(validate, "foreign", lambda view, scratch: foreign(view, scratch, 200))
    found.append(_origins(datagen.validate(made, folder)))
    assert [one.verdict for one in found] == ["pass"] * 3
    assert [one.z for one in found] == pytest.approx([found[0].z] * 3)


def _origins(report: Any) -> Finding:
    (one,) = (one for one in report.findings if one.measure == "CandidateShares" and one.column == "origin_id")
    return one
