"""Promise 4: a task holds one block, whatever the size of the dataset."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import datagen
from tests.promises.documents import busy


def peak(schema: Path, out: Path, scale: int) -> tuple[int, int]:
    """Peak memory in bytes of a process that generates the schema, and the rows it made."""
    call = [sys.executable, "-m", "datagen", "generate", str(schema), "--out", str(out), "--scale", str(scale), "--workers", "1"]
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    unit = 1 if sys.platform == "darwin" else 1024
    dataset = datagen.Dataset(out)
    return used.ru_maxrss * unit, sum(dataset.table(name).rows for name in dataset.tables)


def test_ten_times_the_rows_need_no_more_memory_and_no_more_than_planned(tmp_path: Path) -> None:
    schema = tmp_path / "busy.json"
    schema.write_text(json.dumps(busy()))
    once, rows = peak(schema, tmp_path / "once", 120)
    ten, more = peak(schema, tmp_path / "ten", 1200)
    assert more > 9 * rows > 4_000_000
    assert ten < 1.15 * once
    assert ten < datagen.plan(schema, scale=1200).memory
