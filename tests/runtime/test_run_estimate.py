"""The estimate of a run on a cluster: its arithmetic, and that it is near what a run takes."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.kinds.clusters.base import Cluster, cluster_of
from datagen.runtime import run_estimate
from datagen.runtime.executors.chunks import task_count
from datagen.runtime.run_estimate import OVERHEAD, START_SECONDS, TASK_OVERHEAD_SECONDS, describe, duration, estimate

SHOP = Path(__file__).parents[2] / "examples" / "shop.json"


def cluster(**fields: Any) -> Cluster:
    return cluster_of({"type": "kubernetes", "image": "x", **fields}, "the profile")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> datagen.Plan:
    """A plan whose root rows take a millisecond each."""
    monkeypatch.setattr(run_estimate, "_measure", lambda _plan, _family: (1000, 0.001))
    return datagen.plan(SHOP, scale=100)


def test_time_is_work_over_workers_and_cost_is_hours_times_the_price(measured: datagen.Plan) -> None:
    found = estimate(measured, cluster(workers=4, price_per_worker_hour=0.5))
    roots = sum(family.rows for family in measured.families.values())
    assert found.cpu_seconds == pytest.approx(roots / 1000)
    assert found.bytes == measured.total_bytes
    [one] = found.by_workers
    count = task_count(len(measured.partitions), 4, roots / 1000 * OVERHEAD / len(measured.partitions))
    tasks = -(-count // 4) * TASK_OVERHEAD_SECONDS
    assert one.seconds == pytest.approx(START_SECONDS + tasks + roots / 1000 * OVERHEAD / 4)
    assert one.worker_hours == pytest.approx(4 * one.seconds / 3600)
    assert one.cost == pytest.approx(0.5 * one.worker_hours)


def test_short_partitions_share_a_task(measured: datagen.Plan) -> None:
    """64 of them at most, where a task of each takes 10 ms."""
    many = datagen.plan(SHOP, scale=100, partition_rows=5_000)
    few = datagen.plan(SHOP, scale=100, partition_rows=200_000)
    assert len(many.partitions) > 20 * len(few.partitions) > 0
    [one], [other] = (estimate(made, cluster(workers=4)).by_workers for made in (many, few))
    each = len(many.partitions) / 4 * TASK_OVERHEAD_SECONDS
    assert 0 < one.seconds - other.seconds < each / 5


def test_no_run_is_shorter_than_its_largest_partition(measured: datagen.Plan) -> None:
    largest = max(min(family.partition, family.rows) for family in measured.families.values()) / 1000
    found = estimate(measured, cluster(), workers=100_000)
    assert found.by_workers[0].seconds == pytest.approx(START_SECONDS + TASK_OVERHEAD_SECONDS + largest * OVERHEAD)


@pytest.mark.parametrize(
    ("declared", "workers", "numbers"),
    [
        ({"adaptive": {"minimum": 2, "maximum": 20}}, None, [2, 20]),
        ({"adaptive": {"minimum": 0, "maximum": 1}}, None, [1]),
        ({"workers": 3}, None, [3]),
        ({"workers": 3}, 7, [7]),
        ({"type": "address"}, None, []),
    ],
)
def test_workers_are_those_of_the_profile_unless_they_are_given(
    measured: datagen.Plan, declared: dict[str, Any], workers: int | None, numbers: list[int]
) -> None:
    if "type" in declared:
        chosen = cluster_of({"type": "address", "address": "tcp://host:8786"}, "the profile")
    else:
        chosen = cluster(**declared)
    found = estimate(measured, chosen, workers)
    assert [one.workers for one in found.by_workers] == numbers
    assert all(one.cost is None for one in found.by_workers)
    assert ("--workers" in describe(found)) == (not numbers)


def test_the_files_are_those_of_the_run(tmp_path: Path) -> None:
    options = {"scale": 0.2, "partition_rows": 50_000}
    found = estimate(datagen.plan(SHOP, **options), cluster())
    made = datagen.generate(SHOP, tmp_path / "out", **options)
    assert found.files == made.manifest.files
    assert found.bytes == pytest.approx(made.manifest.bytes, rel=0.1)


def test_the_files_of_folders_are_at_most_so_many(tmp_path: Path) -> None:
    day = {"type": "expression", "expression": "CAST(at AS DATE)"}
    at = {"type": "uniform", "min": "2024-01-01", "max": "2024-02-10"}
    document = {
        "datagen": 1, "name": "days", "output": {"type": "parquet", "partition_by": ["day"]},
        "tables": {
            "users": {"rows": 4000, "columns": {"id": {"type": "key"}}},
            "visits": {
                "parent": "users", "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 3}},
                "columns": {"id": {"type": "key"}, "user_id": {"type": "parent_key"}, "at": at, "day": day},
            },
        },
    }  # fmt: skip
    plan = datagen.plan(document, partition_rows=4_000)
    found = estimate(plan, cluster())
    made = datagen.generate(document, tmp_path / "out", partition_rows=4_000)
    assert found.divided and made.manifest.files <= found.files <= 1.05 * made.manifest.files
    assert f"at most {found.files:,} files" in describe(found)


def test_the_work_is_that_of_a_run(tmp_path: Path) -> None:
    """CPU time, so that a busy machine changes little; the tolerance is a factor of two and a half."""
    found = estimate(datagen.plan(SHOP), cluster())
    began = time.process_time()
    datagen.generate(SHOP, tmp_path / "out")
    assert 0.4 < found.cpu_seconds / (time.process_time() - began) < 2.5


def test_an_estimate_is_told_in_units_that_suit(measured: datagen.Plan) -> None:
    found = estimate(measured, cluster(workers=4, price_per_worker_hour=36))
    [one] = found.by_workers
    text = describe(replace(found, by_workers=(replace(one, seconds=7200.0, worker_hours=8.0, cost=288.0),)))
    assert "4 workers: about 2.0 h, 8.00 worker hours, cost about 288.00" in text
    small = replace(one, seconds=20.0, worker_hours=0.0222, cost=0.00266)
    assert "0.022 worker hours, cost about 0.0027" in describe(replace(found, by_workers=(small,)))
    assert [duration(seconds) for seconds in (1.0, 150, 7300, 200_000)] == ["1.0 s", "2.5 min", "2.0 h", "2.3 d"]
