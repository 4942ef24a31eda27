"""Promise 4: a task holds one block, whatever the size of the dataset."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import datagen
from tests.promises.documents import busy

# A process that measures another one must be small itself: what is resident when it forks counts for the child, too.
MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
print(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
sys.exit(process.returncode)
"""


def peak(*command: str) -> int:
    """Peak memory in bytes of a `datagen` command that succeeds."""
    call = [sys.executable, "-c", MEASURE, sys.executable, "-m", "datagen", *command, "--workers", "1"]
    done = subprocess.run(call, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    return int(done.stdout)


def rows_in(folder: Path) -> int:
    dataset = datagen.Dataset(folder)
    return sum(dataset.table(name).rows for name in dataset.tables)


@pytest.mark.parametrize("few", [30, pytest.param(120, marks=pytest.mark.slow)])
def test_ten_times_the_rows_need_no_more_memory_and_no_more_than_planned(tmp_path: Path, few: int) -> None:
    schema = tmp_path / "busy.json"
    schema.write_text(json.dumps(busy()))
    made: dict[int, int] = {}
    seen: dict[int, int] = {}
    many = 10 * few
    for scale in (few, many):
        out = str(tmp_path / f"of-{scale}")
        made[scale] = peak("generate", str(schema), "--out", out, "--scale", str(scale), "--partition-rows", "200000")
        seen[scale] = peak("validate", str(schema), "--data", out)
    assert rows_in(tmp_path / f"of-{many}") > 9 * rows_in(tmp_path / f"of-{few}") > few * 35_000
    assert made[many] < 1.15 * made[few]
    assert made[many] < datagen.plan(schema, scale=many, partition_rows=200_000).memory
    assert seen[many] < 1.2 * seen[few]
