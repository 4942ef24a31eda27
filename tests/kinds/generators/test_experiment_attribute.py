"""What an experiment says of each entity stands in columns."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import datagen
from tests.kinds.behaviors.test_experiment import END, START, frames, world


def test_arm_and_time_of_exposure_are_columns_of_the_entity() -> None:
    found = frames(world(time_column="exposed_at", traffic=0.5), 1)
    customers = found["customers"].merge(found["_truth/customers"], on="customer_id")
    taking = customers["checkout_arm"].notna()
    assert (customers["variant"].dropna() == customers.loc[customers["variant"].notna(), "checkout_arm"]).all()
    assert abs(taking.sum() / (customers["created_at"] < END).sum() - 0.5) < 0.03
    assert customers.loc[~taking, "exposed_at"].isna().all()
    begun = customers.loc[taking, "created_at"].clip(lower=START)
    pd.testing.assert_series_equal(customers.loc[taking, "exposed_at"], begun, check_names=False)


def test_validation_compares_recorded_arms_with_those_assigned(tmp_path: Path) -> None:
    """Records of two arms that are swapped are told; records that attrition loses are not."""
    lossy = {"control": {}, "more": {"multiply": {"orders": 1.3}, "attrition": 0.2}}
    document = world(time_column="exposed_at", noncompliance=0.1, arms=lossy)
    document["tables"]["customers"]["rows"]["count"] = 300
    datagen.generate(document, tmp_path)

    def verdicts() -> list[str]:
        return [one.verdict for one in datagen.validate(document, tmp_path).findings if one.measure == "RowConsistency"]

    assert verdicts() == ["pass", "pass"]
    (file,) = (tmp_path / "customers").glob("*.parquet")
    table = pq.read_table(file)
    swapped = pd.Series(table["variant"].to_pandas().astype(str)).map({"control": "more", "more": "control"})
    at, field = table.column_names.index("variant"), table.schema.field("variant")
    pq.write_table(table.set_column(at, field, pa.array(swapped, from_pandas=True).cast(field.type)), file)
    assert sorted(verdicts()) == ["fail", "pass"]


def test_an_unknown_experiment_is_a_problem_with_the_nearest_name() -> None:
    document = world()
    document["tables"]["customers"]["columns"]["arm"] = {"type": "experiment_attribute", "experiment": "chekout"}
    (problem,) = datagen.check(document)
    assert "no experiment 'chekout'" in problem.message
    assert "checkout" in (problem.hint or "")
