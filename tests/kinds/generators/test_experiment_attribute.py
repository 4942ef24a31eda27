"""What an experiment says of each entity stands in columns."""

from __future__ import annotations

import pandas as pd

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


def test_an_unknown_experiment_is_a_problem_with_the_nearest_name() -> None:
    document = world()
    document["tables"]["customers"]["columns"]["arm"] = {"type": "experiment_attribute", "experiment": "chekout"}
    (problem,) = datagen.check(document)
    assert "no experiment 'chekout'" in problem.message
    assert "checkout" in (problem.hint or "")
