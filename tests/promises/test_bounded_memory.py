"""Promise 4: a task holds one block, whatever the size of the dataset."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import datagen
from tests.promises.documents import busy

pytestmark = pytest.mark.integration

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


@pytest.mark.parametrize("few", [60, pytest.param(120, marks=pytest.mark.slow)])
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
    assert seen[many] < 1.3 * seen[few]  # states grow with the logarithm of the rows; the rows take gigabytes


def test_events_of_a_long_decay_stay_within_the_plan(tmp_path: Path) -> None:
    """Most events that the unobserved past triggers come after the window: they are drawn, counted in the plan, and
    dropped.
    """
    gaps = {"type": "hawkes", "branching": 0.9, "decay": "50y"}
    people = {"rows": {"type": "arrivals", "count": 20_000}, "columns": {"id": {"type": "key"}}}
    rows = {"type": "events", "mean_per_month": 2, "gaps": gaps}
    visits = {"parent": "people", "rows": rows, "columns": {"at": {"type": "event_time"}}}
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    document = {"datagen": 1, "name": "past", "window": window, "tables": {"people": people, "visits": visits}}
    schema = tmp_path / "past.json"
    schema.write_text(json.dumps(document))
    assert peak("generate", str(schema), "--out", str(tmp_path / "out")) < datagen.plan(document).memory


def test_tables_of_many_distributions_are_in_the_plan(tmp_path: Path) -> None:
    columns = {f"c{number}": {"type": "normal", "mean": number, "sd": 2} for number in range(1000)}
    document = {"datagen": 1, "name": "laws", "tables": {"t": {"rows": 3, "columns": columns}}}
    schema = tmp_path / "laws.json"
    schema.write_text(json.dumps(document))
    assert peak("generate", str(schema), "--out", str(tmp_path / "out")) < datagen.plan(document).memory


def choosing(rows: int, choice: dict, columns: dict, behaviors: list) -> dict:
    """A table and rows that refer to it."""
    kinds = {"type": "choice", "values": {"a": 1, "b": 1}}
    arrived = {"id": {"type": "key"}, "at": {"type": "arrival_time"}}
    targets = {"rows": {"type": "arrivals", "count": rows, "before_window": 0.5}, "columns": arrived | columns}
    reference = {"type": "reference", "table": "targets", **choice}
    sources = {"rows": {"type": "arrivals", "count": 5000}, "columns": arrived | {"kind": kinds, "target": reference}}
    tables = {"targets": targets | {"behaviors": behaviors}, "sources": sources}
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    return {"datagen": 1, "name": "choosing", "window": window, "tables": tables}


def runs(entities: int) -> dict:
    """Runs of a process with many stays, which no table shows."""
    states = {"on": {"next": {"off": 1}, "stay": "5d"}, "off": {"next": {"on": 1}, "stay": "3d"}}
    columns = {"id": {"type": "key"}, "at": {"type": "arrival_time"}}
    process = {"switch": {"type": "lifecycle", "start": "on", "states": states}}
    machines = {"rows": {"type": "arrivals", "count": entities}, "columns": columns, "processes": process}
    shown = {"id": {"type": "key"}, "machine_id": {"type": "parent_key"}}
    seen = {"parent": "machines", "rows": {"type": "runs", "process": "switch"}, "columns": shown}
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    return {"datagen": 1, "name": "runs", "window": window, "tables": {"machines": machines, "seen": seen}}


AGES = [{"type": "vintage", "born": "at", "unit": "month", "multiply": {"sources": [1, 0.7, 0.5, 0.3]}}]
SAME = {"kind": {"type": "choice", "values": {"a": 1, "b": 1}}, "size": {"type": "uniform", "min": 0, "max": 1}}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(choosing(120_000, {}, {}, AGES), id="rates that change with age"),
        pytest.param(choosing(900_000, {"same": {"kind": "kind"}, "weight": "size"}, SAME, []), id="columns"),
        pytest.param(runs(60_000), id="trajectories"),
    ],
)
def test_what_is_kept_beside_the_rows_is_in_the_plan(document: dict, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(document))
    used = peak("generate", str(schema), "--out", str(tmp_path / "out"))
    assert used < datagen.plan(document).memory < 3 * used
