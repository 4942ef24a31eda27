"""The memory of driver, scheduler and workers does not depend on how many partitions a run has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "long_run.py"
MOST = 15.0
"""MB for 10,000 partitions, from the middle third of a run to its last; 7 were measured, of the scheduler."""
FLAT = 4.0
"""MB that a driver may take from the first tenth of 100,000 partitions to the end; 1.8 were measured. Receipts in
memory would take 50.
"""


@pytest.mark.slow
def test_memory_is_flat_over_ten_thousand_partitions() -> None:
    command = [sys.executable, str(BENCHMARK), "--partitions", "10000", "--every", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=3600)
    growth = json.loads(done.stdout)
    assert {"driver", "scheduler", "worker 1", "worker 2"} <= growth.keys()
    assert {role: megabytes for role, megabytes in growth.items() if megabytes > MOST} == {}


@pytest.mark.parametrize("partitions", [2000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_driver_takes_no_memory_for_partitions_that_are_done(tmp_path: Path, partitions: int) -> None:
    """Nor for the manifest. The run goes through the whole commit protocol; its partitions have one row."""
    command = [sys.executable, "-m", "tests.runtime.many_partitions", str(tmp_path / "out"), str(partitions)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=7200, cwd=Path(__file__).parents[2]
    )
    peak = json.loads(done.stdout)
    assert peak["committed"] - peak["resident"][0] < FLAT
