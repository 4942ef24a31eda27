import json
from pathlib import Path

import pytest

import datagen
from tests.cli.terminal import Run


def test_a_plan_as_json_is_that_of_python(run: Run, shop: Path) -> None:
    reported, plan = run("plan", shop, "--json", "--scale", 2), datagen.plan(shop, scale=2)
    made = json.loads(reported.out)
    assert (made["plan_id"], made["rows"], made["bytes"]) == (plan.id, plan.total_rows, plan.total_bytes)
    assert made["tables"].keys() == plan.tables.keys()
    assert sum(family["partitions"] for family in made["families"].values()) == made["partitions"]


def test_problems_of_a_plan_are_reported_and_nothing_printed(run: Run) -> None:
    broken = Path(__file__).parents[1] / "schema" / "broken" / "two_keys.json"
    reported = run("plan", broken, "--json")
    assert (reported.code, reported.out) == (2, "")


def test_an_estimate_for_a_cluster_has_time_and_cost(run: Run, shop: Path, tmp_path: Path) -> None:
    profile = tmp_path / "two.yaml"
    profile.write_text("{type: local, workers: 2, memory: 1GB, price_per_worker_hour: 3600}")
    told = run("plan", shop, "--cluster", profile).out
    assert "estimate for the local cluster, from " in told and "2 workers: about " in told and "cost about " in told
    made = json.loads(run("plan", shop, "--cluster", profile, "--json").out)
    assert made["memory_budget_bytes"] == 10**9
    [one] = made["estimate"]["by_workers"]
    assert one["cost"] == pytest.approx(3600 * one["worker_hours"]) == pytest.approx(2 * one["seconds"])
    assert "estimate" not in json.loads(run("plan", shop, "--json").out)
    five = json.loads(run("plan", shop, "--json", "--workers", 5).out)["estimate"]["by_workers"]
    assert [one["workers"] for one in five] == [5]
