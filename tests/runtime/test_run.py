from __future__ import annotations

import json
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from xxhash import xxh3_128

from datagen.errors import Interrupted, OutputError, RunError
from datagen.kinds.formats.csv import Csv
from datagen.kinds.formats.jsonl import JsonLines
from datagen.kinds.stores.local import LocalStore
from datagen.runtime.dataset import Dataset
from datagen.runtime.events import Finished, PartitionDone, Started
from datagen.runtime.run import execute
from datagen.runtime.status import status_of
from datagen.runtime.storage import layout
from datagen.runtime.task import Work, run_partition
from tests.runtime import fakes
from tests.runtime.folders import hashes


def work(**options):
    return Work(fakes.plan(**options), fakes.make)


@pytest.fixture
def undisturbed(tmp_path):
    execute(work(), tmp_path / "undisturbed")
    return hashes(tmp_path / "undisturbed")


def test_a_run_leaves_exactly_the_files_of_the_layout(undisturbed):
    parts = [f"part-0000{k}" for k in range(5)]
    tables = [f"{t}/{p}.parquet" for t in ("users", "visits", "_truth/users") for p in parts[:4]]
    own = [f"_run/receipts/{p}.json" for p in parts] + ["_run/run.json"]
    assert sorted(undisturbed) == sorted(
        [*tables, "shops/part-00004.parquet", *own, "schema.json", "manifest.json", "_SUCCESS"]
    )


def test_the_manifest_tells_rows_bytes_and_hashes_of_every_file(tmp_path):
    execute(work(), tmp_path / "out")
    manifest = Dataset(tmp_path / "out").manifest
    for name, table in manifest.tables.items():
        for file in table.files:
            path = tmp_path / "out" / name / file.name
            assert xxh3_128(path.read_bytes()).hexdigest() == file.xxh3
            assert path.stat().st_size == file.bytes
            assert pq.read_metadata(path).num_rows == file.rows
    data = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert data["rows"] == manifest.rows == 7010
    assert data["tables"]["users"]["columns"]["user_id"] == "int64 not null"


def test_two_runs_of_one_plan_are_the_same_file_for_file(tmp_path, undisturbed):
    execute(work(), tmp_path / "again")
    assert hashes(tmp_path / "again") == undisturbed


def test_a_table_without_rows_has_one_file_with_its_schema(tmp_path):
    execute(work(users=1000, shops=0), tmp_path / "out")
    manifest = Dataset(tmp_path / "out").manifest
    assert [(f.name, f.rows) for f in manifest.tables["visits"].files] == [("part-00000.parquet", 0)]
    assert [(f.name, f.rows) for f in manifest.tables["shops"].files] == [("part-00001.parquet", 0)]
    assert pq.read_schema(tmp_path / "out" / "visits" / "part-00000.parquet").equals(fakes.VISITS)


def test_the_events_add_up(tmp_path):
    reported = []
    execute(work(), tmp_path / "out", on_event=reported.append)
    assert reported[0] == Started("fake", 7010, 5)
    done = [event for event in reported if isinstance(event, PartitionDone)]
    assert sum(event.rows for event in done) == 7010
    assert reported[-1] == Finished(7010, sum(event.bytes for event in done), 13)


def test_a_failed_run_leaves_no_draft_and_resumes_to_the_same_bytes(tmp_path, undisturbed):
    trap = tmp_path / "trap"
    trap.write_text("fail 2")
    with pytest.raises(ValueError, match="a defect"):
        execute(work(trap=str(trap)), tmp_path / "out")
    assert not any("tmp/" in name or name == "_SUCCESS" for name in hashes(tmp_path / "out"))
    reported = []
    execute(work(), tmp_path / "out", existing="resume", on_event=reported.append)
    assert hashes(tmp_path / "out") == undisturbed
    assert (reported[0].kept, reported[0].kept_rows) == (2, 3000)


def test_a_full_disk_is_reported_with_the_path(tmp_path):
    trap = tmp_path / "trap"
    trap.write_text("full 1")
    with pytest.raises(RunError, match="cannot write some/file: No space left on device"):
        execute(work(trap=str(trap)), tmp_path / "out")


def test_a_disk_that_refuses_is_reported_with_the_path(tmp_path, monkeypatch):
    def refuse(self, target):
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(RunError, match=r"cannot write .*schema.json: Permission denied"):
        execute(work(), tmp_path / "out")


def test_ctrl_c_says_how_far_it_came_and_how_to_go_on(tmp_path, undisturbed):
    def stop(event):
        if event == PartitionDone(1, 2000, event.bytes if isinstance(event, PartitionDone) else 0):
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="stopped after 2 of 5 partitions; continue with --resume"):
        execute(work(), tmp_path / "out", on_event=stop)
    execute(work(), tmp_path / "out", existing="resume")
    assert hashes(tmp_path / "out") == undisturbed


@pytest.mark.parametrize(
    "error, raised", [(KeyboardInterrupt(), Interrupted), (OSError(28, "No space left on device"), RunError)]
)
@pytest.mark.parametrize("step", ["schema.json", "manifest.json"])
def test_a_run_that_ends_before_its_first_or_in_its_last_file_leaves_no_draft(
    tmp_path, monkeypatch, undisturbed, step, error, raised
):
    move = Path.replace

    def stop(self, target):
        if Path(target).name == step:
            raise error
        return move(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", stop)
        with pytest.raises(raised):
            execute(work(), tmp_path / "out")
    assert not (tmp_path / "out" / "_run" / "tmp").exists()
    execute(work(), tmp_path / "out", existing="continue")
    assert hashes(tmp_path / "out") == undisturbed


class Unfinished:
    """A runner that is stopped when a task has completed some partitions and has not told it."""

    def run(self, batch, on_event):
        receipts = [run_partition(batch.work, partition, batch.site) for partition in batch.partitions[:3]]
        yield receipts[0]
        raise KeyboardInterrupt


def test_ctrl_c_counts_the_partitions_of_unfinished_tasks(tmp_path, undisturbed):
    """It says what the status says, and what a resumed run keeps."""
    with pytest.raises(Interrupted, match="stopped after 3 of 5 partitions"):
        execute(work(), tmp_path / "out", Unfinished())
    assert status_of(LocalStore(tmp_path / "out")).done == 3
    (tmp_path / "out" / "users" / "part-00001.parquet").write_bytes(b"short")
    with pytest.raises(Interrupted, match="stopped after 5 of 5 partitions"):
        execute(work(), tmp_path / "out", Unfinished(), existing="resume")
    execute(work(), tmp_path / "out", existing="resume")
    assert hashes(tmp_path / "out") == undisturbed


def test_a_lost_or_shortened_file_is_made_again_on_resume(tmp_path, undisturbed):
    execute(work(), tmp_path / "out")
    (tmp_path / "out" / "users" / "part-00001.parquet").unlink()
    (tmp_path / "out" / "visits" / "part-00002.parquet").write_bytes(b"short")
    (tmp_path / "out" / "_run" / "receipts" / "part-00004.json").write_text("{")
    reported = []
    execute(work(), tmp_path / "out", existing="resume", on_event=reported.append)
    assert {event.index for event in reported if isinstance(event, PartitionDone)} == {1, 2, 4}
    assert hashes(tmp_path / "out") == undisturbed


def test_an_engine_that_makes_other_rows_than_planned_is_found_out_before_anything_shows(tmp_path):
    def short(plan, partition):
        yield from list(fakes.make(plan, partition))[:1]

    with pytest.raises(RunError, match="table 'users', partition 0: 1,000 rows were planned and 500 made"):
        execute(Work(fakes.plan(), short), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("there", [False, True])
def test_a_run_that_fails_before_a_partition_is_complete_leaves_nothing(tmp_path, there):
    """A folder that was there stays, with what was in it."""
    out, trap = tmp_path / "out", tmp_path / "trap"
    if there:
        out.mkdir()
        (out / ".gitignore").write_text("*")
    trap.write_text("full 0")
    with pytest.raises(RunError, match="No space left"):
        execute(work(trap=str(trap)), out)
    assert sorted(path.name for path in tmp_path.glob("out/*")) == [".gitignore"] * there
    execute(work(), out)
    assert (out / "_SUCCESS").exists()


def test_a_run_that_fails_later_keeps_complete_partitions_and_says_nothing_of_success(tmp_path):
    trap = tmp_path / "trap"
    trap.write_text("full 2")
    with pytest.raises(RunError, match="No space left"):
        execute(work(trap=str(trap)), tmp_path / "out")
    names = sorted(hashes(tmp_path / "out"))
    parts = [f"{table}/part-0000{k}.parquet" for table in ("users", "visits", "_truth/users") for k in (0, 1)]
    own = ["_run/receipts/part-00000.json", "_run/receipts/part-00001.json", "_run/run.json", "schema.json"]
    assert names == sorted([*parts, *own])


def test_a_failed_resume_keeps_what_the_run_before_wrote(tmp_path):
    trap = tmp_path / "trap"
    trap.write_text("full 2")
    for existing in ("refuse", "resume"):
        trap.write_text("full 2")
        with pytest.raises(RunError, match="No space left"):
            execute(work(trap=str(trap)), tmp_path / "out", existing=existing)
    assert (tmp_path / "out" / "_run" / "receipts" / "part-00001.json").exists()


@pytest.mark.parametrize("sink", [Csv(), JsonLines()], ids=["csv", "jsonl"])
def test_other_formats_run_and_resume_as_well(tmp_path, sink):
    execute(work(output=sink), tmp_path / "out")
    before = hashes(tmp_path / "out")
    (tmp_path / "out" / "users" / f"part-00001.{sink.extension}").unlink()
    execute(work(output=sink), tmp_path / "out", existing="resume")
    assert hashes(tmp_path / "out") == before


def test_files_of_a_run_that_begins_meanwhile_are_not_taken_for_those_of_others(tmp_path, monkeypatch):
    out, listed = tmp_path / "out", layout.foreign_files

    def begun_meanwhile(*args):
        monkeypatch.setattr(layout, "foreign_files", listed)
        execute(work(), out)
        return listed(*args)

    monkeypatch.setattr(layout, "foreign_files", begun_meanwhile)
    with pytest.raises(OutputError, match="has a finished run"):
        execute(work(), out)


def test_of_two_runs_racing_for_a_folder_one_wins_and_the_other_says_so(tmp_path, undisturbed):
    gate, outcomes = threading.Barrier(2), []

    def race():
        gate.wait()
        try:
            execute(work(wait=0.05), tmp_path / "out")
            outcomes.append("won")
        except OutputError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lost = next(outcome for outcome in outcomes if outcome != "won")
    assert min(outcomes, key=len) == "won"
    assert "another run is writing" in lost or "has a finished run" in lost
    assert {k: v for k, v in hashes(tmp_path / "out").items() if k != "_run/run.json"} == {
        k: v for k, v in undisturbed.items() if k != "_run/run.json"
    }
