"""Twins: a dataset with a declaration switched off differs in the rows that it touches and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import datagen
from tests.recovery.worlds import frames

SEGMENTS = {"type": "segments", "column": "segment", "multiply": {"vip": {"orders": 3, "orders.amount": 2}}}
BEHAVIORS = [
    SEGMENTS,
    {"type": "retention", "lifetime": {"type": "weibull", "shape": 0.8, "scale": 8}},
    {"type": "vintage", "multiply": {"orders": {"type": "exponential", "half_life": 4, "floor": 0.3}}},
    {"type": "frailty", "of": ["orders"], "dispersion": 0.4},
    {
        "type": "experiment",
        "name": "checkout",
        "start": "2023-03-01",
        "column": "variant",
        "arms": {"control": {}, "more": {"multiply": {"orders": 1.4, "lines": 0.7}}},
    },
]
CALENDARS = [
    {"type": "seasonality", "weekday": {"sat": 1.5}},
    {
        "type": "interventions",
        "effects": [
            {"from": "2023-06-01", "to": "2023-07-01", "multiply": 0},
            {
                "from": "2023-09-01T10:30:00",
                "multiply": 2,
                "where": {"column": "customers.segment", "values": ["vip"]},
            },
        ],
    },
    {"type": "noise", "rho": 0.5, "sd": 0.2},
]


def world(customers: int = 500) -> dict[str, Any]:
    return {
        "datagen": 1,
        "name": "twins",
        "seed": 3,
        "window": {"start": "2023-01-01", "end": "2024-01-01"},
        "tables": {
            "customers": {
                "rows": {"type": "arrivals", "count": customers, "before_window": 0.4},
                "columns": {
                    "customer_id": {"type": "key"},
                    "created_at": {"type": "arrival_time"},
                    "segment": {"type": "choice", "values": {"vip": 1, "standard": 3}},
                },
                "behaviors": BEHAVIORS,
            },
            "orders": {
                "parent": "customers",
                "rows": {"type": "events", "mean_per_month": 2},
                "behaviors": CALENDARS,
                "columns": {
                    "order_id": {"type": "key"},
                    "customer_id": {"type": "parent_key"},
                    "ordered_at": {"type": "event_time"},
                    "amount": {"type": "lognormal", "median": 30, "sigma": 0.5, "decimals": 2},
                },
            },
            "lines": {
                "parent": "orders",
                "rows": {"type": "per_parent", "count": {"type": "geometric", "mean": 2, "min": 1}},
                "columns": {
                    "order_id": {"type": "parent_key"},
                    "weight": {"type": "uniform", "min": 0, "max": 1},
                },
            },
        },
    }


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The twins without the experiment: the folder and the comparison."""
    folder = tmp_path_factory.mktemp("checkout")
    return folder, twins(folder, world(), "customers.behaviors.checkout")


def twins(folder: Path, document: dict[str, Any], without: str, rows: int = 5000) -> Any:
    datagen.generate(document, folder / "with", workers=1)
    datagen.generate(document, folder / "without", workers=1, without=[without], partition_rows=rows)
    return datagen.compare(folder / "with", folder / "without")


@pytest.mark.parametrize("rows", [1500, 5000])
def test_only_rows_of_the_treated_differ_at_any_partition_size(checkout: Any, tmp_path: Path, rows: int) -> None:
    folder, found = checkout
    if rows != 5000:
        without = ["customers.behaviors.checkout"]
        datagen.generate(world(), tmp_path / "without", workers=1, without=without, partition_rows=rows)
        found = datagen.compare(folder / "with", tmp_path / "without")
    customers = datagen.Dataset(folder / "with").table("customers").to_pandas()
    treated = set(customers.loc[customers["variant"] == "more", "customer_id"])
    touched = set(found.entities["customers"].column("customer_id").to_pylist())
    assert touched and touched <= treated
    assert found.tables["customers"].same
    orders = found.tables["orders"]
    assert orders.only[0] > 0 and orders.only[1] == 0 and orders.changed == 0
    assert found.tables["lines"].changed == 0 and found.tables["lines"].only[1] > 0


def test_the_effect_per_entity_is_that_of_the_files(checkout: Any) -> None:
    folder, found = checkout
    one, other = (datagen.Dataset(folder / name).table("orders").to_pandas() for name in ("with", "without"))
    per = [d.groupby("customer_id").agg(orders=("amount", "size"), amount=("amount", "sum")) for d in (one, other)]
    gap = per[0].sub(per[1], fill_value=0)
    gap = gap[(gap != 0).any(axis=1)]
    effects = found.entities["customers"].to_pandas().set_index("customer_id")
    assert (effects.loc[effects["orders"] != 0, "orders"] == gap["orders"]).all()
    assert np.allclose(effects.loc[gap.index, "orders.amount"], gap["amount"])
    assert found.tables["orders"].totals["amount"] == pytest.approx((one["amount"].sum(), other["amount"].sum()))


@pytest.fixture(scope="module")
def whole() -> dict[str, pd.DataFrame]:
    return frames(world(), 3)


@pytest.mark.parametrize(
    "address",
    [
        "customers.behaviors.segments",
        "customers.behaviors.retention",
        "customers.behaviors.vintage",
        "customers.behaviors.frailty",
        "orders.behaviors.seasonality",
        "orders.behaviors.interventions",
        "orders.behaviors.noise",
    ],
)
def test_rows_are_added_or_left_out_and_never_moved_and_their_number_is_right(
    whole: dict[str, pd.DataFrame], address: str
) -> None:
    """The same number of rows as a document that never had the behavior, up to chance; common rows keep their times."""
    with_, without = whole["orders"], frames({**world(), "without": [address]}, 3)["orders"]
    never = world()
    table, _, kind = address.split(".")
    never["tables"][table]["behaviors"] = [b for b in never["tables"][table]["behaviors"] if b["type"] != kind]
    expected = len(frames(never, 3)["orders"])
    common = with_.merge(without, on=["customer_id", "ordered_at"])
    added = len(without) - len(common)
    assert abs(len(without) - expected) < 5 * np.sqrt(len(with_) - len(common) + added + 100)
    assert len(common) > 0.5 * min(len(with_), len(without))
    if address != "customers.behaviors.segments":
        assert (common["amount_x"] == common["amount_y"]).all()
    else:
        customers = whole["customers"]
        vip = set(customers.loc[customers["segment"] == "vip", "customer_id"])
        own = common["customer_id"].isin(vip)
        assert (common.loc[~own, "amount_x"] == common.loc[~own, "amount_y"]).all()
        assert np.allclose(common.loc[own, "amount_x"], 2 * common.loc[own, "amount_y"], atol=0.011)


def test_rows_of_a_segment_without_effect_are_all_the_same(tmp_path: Path) -> None:
    found = twins(tmp_path, world(), "customers.behaviors.segments")
    customers = datagen.Dataset(tmp_path / "with").table("customers").to_pandas()
    vip = set(customers.loc[customers["segment"] == "vip", "customer_id"])
    assert set(found.entities["customers"].column("customer_id").to_pylist()) <= vip
    assert set(found.tables["orders"].columns) == {"amount"}


def test_a_twin_is_validated_by_its_own_document(tmp_path: Path) -> None:
    document = world(600)
    document["tables"]["customers"]["behaviors"] = BEHAVIORS[-1:]
    twins(tmp_path, document, "customers.behaviors.checkout")
    for name in ("with", "without"):
        report = datagen.validate(tmp_path / name / "schema.json", tmp_path / name, workers=1)
        assert [finding for finding in report.findings if finding.verdict == "not recovered"] == []
    crossed = datagen.validate(tmp_path / "with" / "schema.json", tmp_path / "without", workers=1)
    assert any(f.measure == "ExperimentEffect" and f.verdict == "not recovered" for f in crossed.findings)


def test_the_truth_names_what_is_switched_off(tmp_path: Path) -> None:
    twins(tmp_path, world(50), "customers.behaviors.checkout")
    reported = [datagen.Dataset(tmp_path / name).truth.parameters["counterfactuals"] for name in ("with", "without")]
    assert reported == [{}, {"without": ["customers.behaviors.checkout"]}]


def test_a_plan_without_something_is_another_plan() -> None:
    ids = {datagen.plan(world(50), without=without).id for without in ((), ["customers.behaviors.checkout"])}
    assert len(ids) == 2


def test_a_dataset_is_the_same_as_itself(tmp_path: Path) -> None:
    datagen.generate(world(200), tmp_path / "one", workers=1)
    datagen.generate(world(200), tmp_path / "other", workers=1, partition_rows=300)
    found = datagen.compare(tmp_path / "one", tmp_path / "other")
    assert found.same
    assert found.entities["customers"].num_rows == 0


def test_datasets_of_other_seeds_are_refused(tmp_path: Path) -> None:
    datagen.generate(world(20), tmp_path / "one", workers=1)
    datagen.generate(world(20), tmp_path / "other", workers=1, seed=4)
    with pytest.raises(datagen.OutputError, match="not the same draws"):
        datagen.compare(tmp_path / "one", tmp_path / "other")


def test_channels_are_switched_off_by_kind_and_agree_with_their_causes() -> None:
    document = attribution()
    with_, without = (
        frames(one, 1) for one in (document, {**document, "without": ["conversions.triggered_by.search"]})
    )
    caused = with_["conversions"].merge(with_["_truth/conversions"], on="conversion_id")
    left = caused[caused["channel"] != "search"]
    same = ["person_id", "converted_at"]
    pd.testing.assert_frame_equal(left[same].reset_index(drop=True), without["conversions"][same])
    assert (caused["channel"] == "search").sum() > 100


def attribution() -> dict[str, Any]:
    return {
        "datagen": 1,
        "name": "attribution",
        "window": {"start": "2024-01-01", "end": "2024-07-01"},
        "tables": {
            "people": {"rows": 1000, "columns": {"person_id": {"type": "key"}}},
            "touches": {
                "parent": "people",
                "rows": {"type": "events", "mean_per_month": 2},
                "columns": {
                    "person_id": {"type": "parent_key"},
                    "touched_at": {"type": "event_time"},
                    "channel": {"type": "choice", "values": {"search": 1, "mail": 2}},
                },
            },
            "conversions": {
                "parent": "people",
                "rows": {
                    "type": "events",
                    "mean_per_month": 0.1,
                    "triggered_by": {
                        "table": "touches",
                        "by": "channel",
                        "effect": {"search": 0.3, "mail": 0.1},
                        "half_life": "3d",
                    },
                },
                "columns": {
                    "conversion_id": {"type": "key"},
                    "person_id": {"type": "parent_key"},
                    "converted_at": {"type": "event_time"},
                    "channel": {"type": "row_attribute", "attribute": "cause_kind", "hidden": True},
                },
            },
        },
    }


@pytest.mark.slow
def test_the_twin_of_ten_million_rows_differs_in_treated_rows_and_nowhere_else(tmp_path: Path) -> None:
    found = twins(tmp_path, world(600_000), "customers.behaviors.checkout", 10**6)
    assert sum(table.rows[0] for table in found.tables.values()) > 10_000_000
    orders = found.tables["orders"]
    assert orders.only[1] == 0 and orders.changed == 0 and found.tables["lines"].changed == 0
    arms = datagen.Dataset(tmp_path / "with").table("customers").to_arrow(["customer_id", "variant"]).to_pandas()
    treated = set(arms.loc[arms["variant"] == "more", "customer_id"])
    assert set(found.entities["customers"].column("customer_id").to_pylist()) <= treated


@pytest.mark.parametrize("rows", [5000, 150])
def test_a_dirty_twin_differs_in_the_cells_of_its_answer_key_and_nowhere_else(tmp_path: Path, rows: int) -> None:
    dirty = datagen.generate(
        Path(__file__).parents[2] / "examples" / "hr.yaml", tmp_path / "dirty", partition_rows=rows
    )
    clean = datagen.generate(
        Path(__file__).parents[2] / "examples" / "hr.yaml", tmp_path / "clean", clean=True, partition_rows=rows
    )
    found = datagen.compare(tmp_path / "dirty", tmp_path / "clean")
    key = dirty.table("_truth/faults").to_pandas()
    cells = key[key["column"].notna()]
    for name in dirty.tables:
        damaged = cells[cells["table"] == name]
        assert found.tables[name].only == (0, 0)
        assert found.tables[name].changed == damaged["row"].astype(str).add(damaged["key"]).nunique()
        assert found.tables[name].columns == damaged["column"].astype(str).value_counts().to_dict()
    copies = int(key[key["table"] == "employees"]["column"].isna().sum())
    assert dirty["employees"].rows == clean["employees"].rows + copies and copies > 0


def test_a_column_that_a_fault_makes_text_differs_in_the_damaged_cells_only(tmp_path: Path) -> None:
    document = world(60)
    orders = document["tables"]["orders"]["columns"]
    orders["pieces"] = {"type": "uniform", "min": 1, "max": 9, "decimals": 0}
    orders["cost"] = {"type": "uniform", "min": 1, "max": 9, "decimals": 2, "precision": 9}
    orders["due"] = {"type": "expression", "expression": "CAST(ordered_at AS DATE)"}
    mixed = {"type": "mixed_formats", "rate": 0.3, "formats": ["%d.%m.%y"]}
    drift = {"type": "schema_drift", "drift": "retyped", "form": "{} EUR", "since": "2023-07-01"}
    document["faults"] = {
        "customers": [{**mixed, "columns": ["created_at"]}],
        "orders": [{**mixed, "columns": ["due"]}, {**drift, "columns": ["amount", "pieces", "cost"]}],
    }
    datagen.generate(document, tmp_path / "dirty", workers=1)
    datagen.generate(document, tmp_path / "clean", workers=1, clean=True)
    key = datagen.Dataset(tmp_path / "dirty").truth.table("faults").to_pandas()
    damaged = key.groupby(["table", "column"], observed=True).size()
    for pair in (("clean", "dirty"), ("dirty", "clean")):
        found = datagen.compare(*(tmp_path / name for name in pair))
        counted = {(t.table, column): n for t in found.tables.values() for column, n in t.columns.items()}
        assert counted == damaged.to_dict()
        assert "amount" not in found.tables["orders"].totals  # one side is text
