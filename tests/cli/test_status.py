"""What operators see of a run: its status, its log as JSON, its metrics."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import datagen
from datagen.kinds.stores.local import LocalStore
from datagen.runtime.status import status_of
from tests.cli.terminal import Run


def test_a_finished_run_and_one_that_is_not(run: Run, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    assert run("generate", shop, "--out", out, "--partition-rows", 1000).code == 0
    reported = run("status", out)
    made = datagen.Dataset(out).manifest
    assert reported.out.splitlines()[0].endswith(": finished (complete)")
    assert f"(100%), {made.rows:,} rows" in reported.out
    (out / "_SUCCESS").unlink()
    (out / "_run" / "receipts" / "part-00000.json").unlink()
    found = json.loads(run("status", out, "--json").out)
    assert (found["state"], found["partitions"] - found["done"]) == ("stopped", 1)
    with LocalStore(out).held("me"):
        assert status_of(LocalStore(out)).state == "running"
    assert "no run began" in run("status", tmp_path).err


def test_a_store_that_cannot_be_read_is_an_error_with_its_place(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_store: LocalStore, key: str) -> bytes:
        raise OSError(5, "could not connect", f"s3://bucket/{key}")

    monkeypatch.setattr(LocalStore, "get", refuse)
    reported = run("status", tmp_path)
    assert (reported.code, reported.err) == (1, "error: cannot read s3://bucket/_run/run.json: could not connect\n")


def test_events_as_json_lines_and_metrics_as_prometheus_reads_them(run: Run, shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "datagen.prom"
    reported = run(
        "generate", shop, "--out", tmp_path / "data", "--log-json", "--metrics", file, "--partition-rows", 1000
    )
    events = [json.loads(line) for line in reported.err.splitlines()]
    names = [event["event"] for event in events]
    assert (names[0], names[-1]) == ("Started", "Finished")
    assert names.count("PartitionDone") == events[0]["partitions"]
    assert all(event["time"].endswith("+00:00") for event in events)
    lines = [line.split() for line in file.read_text().splitlines() if not line.startswith("#")]
    values = {name: float(value) for name, value in lines}
    assert values["datagen_rows_done"] == values["datagen_rows"] == events[-1]["rows"]
    assert values["datagen_partitions_done"] == values["datagen_partitions"] == events[0]["partitions"]
    assert values["datagen_finished"] == 1
    assert not list(tmp_path.glob(".datagen.prom*"))
