"""The memory of driver, scheduler and workers does not depend on how many partitions a run has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "long_run.py"
MOST = 15.0
"""MB for 10,000 partitions, from the middle third of a run to its last; 7 were measured, of the scheduler. The driver
keeps the receipt of each partition for the manifest: half a kilobyte.
"""


@pytest.mark.slow
def test_memory_is_flat_over_ten_thousand_partitions() -> None:
    command = [sys.executable, str(BENCHMARK), "--partitions", "10000", "--every", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=3600)
    growth = json.loads(done.stdout)
    assert {"driver", "scheduler", "worker 1", "worker 2"} <= growth.keys()
    assert {role: megabytes for role, megabytes in growth.items() if megabytes > MOST} == {}
