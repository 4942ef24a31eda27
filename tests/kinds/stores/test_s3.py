"""Datasets in S3: the same bytes as in a folder, nothing half-written, and the same run after kills, cuts and
throttling.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import datagen
from datagen.errors import AddressError, OutputError, RunError
from datagen.kinds.clusters.local import Local
from datagen.kinds.stores.base import store_at
from datagen.kinds.stores.s3 import S3Store
from datagen.kinds.stores.support import object_store
from datagen.runtime.run import execute
from datagen.runtime.task import Work
from tests.kinds.stores.promises import (
    check_that_entries_are_those_of_one_folder,
    check_that_one_of_many_creates_an_object,
)
from tests.runtime import fakes
from tests.runtime.folders import hashes

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
SHOP = {
    "datagen": 1,
    "name": "in_s3",
    "seed": 5,
    "window": {"start": "2024-01-01", "end": "2025-01-01"},
    "tables": {
        "people": {
            "rows": 3000,
            "columns": {"person_id": {"type": "key"}, "age": {"type": "uniform", "min": 1, "max": 90}},
        },
        "visits": {
            "parent": "people",
            "rows": {"type": "events", "mean_per_month": 0.5},
            "columns": {
                "visit_id": {"type": "key"},
                "person_id": {"type": "parent_key"},
                "at": {"type": "event_time"},
            },
        },
    },
}


def objects(prefix):
    """Key -> bytes of every object below a prefix."""
    import s3fs

    files = s3fs.S3FileSystem(use_listings_cache=False)
    files.invalidate_cache()
    root = prefix.removeprefix("s3://")
    return {path.removeprefix(root + "/"): files.cat_file(path) for path in files.find(root)}


def written(folder):
    return {name: (folder / name).read_bytes() for name in hashes(folder)}


def work(**options):
    return Work(fakes.plan(**options), fakes.make)


def test_a_dataset_in_s3_has_the_bytes_of_one_in_a_folder(prefix, tmp_path):
    made = datagen.generate(SHOP, prefix, partition_rows=7000)
    datagen.generate(SHOP, tmp_path / "out", partition_rows=7000)
    assert objects(prefix) == written(tmp_path / "out")
    assert made["people"].rows == 3000
    assert made["people"].to_arrow(["age"]).num_rows == 3000
    assert str(made["people"].files[0]).startswith(f"{prefix}/people/part-00000")


@pytest.mark.parametrize("output", ["parquet", "csv", "jsonl"])
def test_it_is_fingerprinted_and_validated_where_it_lies(prefix, output):
    document = SHOP | {"output": output}
    datagen.generate(document, prefix)
    assert datagen.fingerprint(prefix) == datagen.fingerprint(document)
    report = datagen.validate(document, prefix)
    assert report.passed
    assert datagen.Dataset(prefix).truth.parameters["tables"]


def test_a_second_run_into_the_same_prefix_is_refused_and_changes_nothing(prefix):
    execute(work(), prefix)
    before = objects(prefix)
    with pytest.raises(OutputError, match=r"has a finished run \(plan .*\); replace it with --overwrite"):
        execute(work(), prefix)
    with pytest.raises(OutputError, match="of another plan"):
        execute(work(users=3000), prefix, existing="resume")
    assert objects(prefix) == before


def test_after_a_run_that_failed_at_once_the_next_refusal_says_that_nothing_is_lost(prefix):
    with pytest.raises(RunError):
        datagen.generate(SHOP | {"output": {"type": "postgresql", "url": "postgresql://127.0.0.1:1/x"}}, prefix)
    with pytest.raises(OutputError, match="0 of its 1 partitions are complete; choose another folder, or replace it"):
        datagen.generate(SHOP, prefix)
    datagen.generate(SHOP, prefix, overwrite=True)
    assert datagen.Dataset(prefix)["people"].rows == 3000


def test_of_two_runs_that_begin_at_once_one_writes(prefix):
    def race(_):
        try:
            execute(work(users=1000, wait=0.1), prefix)
        except OutputError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(2) as pool:
        reported = sorted(pool.map(race, range(2)))
    assert reported[0] == "" and reported[1] != ""
    assert "_SUCCESS" in objects(prefix)


def test_what_another_wrote_there_is_refused(prefix):
    import s3fs

    s3fs.S3FileSystem().pipe_file(prefix.removeprefix("s3://") + "/notes.txt", b"mine")
    with pytest.raises(OutputError, match=r"has files that datagen did not write: notes.txt"):
        execute(work(), prefix, existing="overwrite")
    assert list(objects(prefix)) == ["notes.txt"]


def test_overwrite_leaves_only_the_new_run(prefix, tmp_path):
    execute(work(users=3000, size=500), prefix)
    execute(work(), prefix, existing="overwrite")
    execute(work(), tmp_path / "out")
    assert objects(prefix) == written(tmp_path / "out")


def test_while_an_overwrite_deletes_another_run_is_refused_and_changes_nothing(prefix):
    execute(work(), prefix)
    before, store = objects(prefix), store_at(prefix)
    with store.held("first"):
        store.take("first")
        with store.erasing("first"):
            for existing in ("resume", "overwrite"):
                with pytest.raises(OutputError, match=r"delete s3://.*/_run/erasing.json, and start again"):
                    execute(work(), prefix, existing=existing)
            store.check_held("first")
    assert objects(prefix) == before
    execute(work(), prefix, existing="resume")


def test_a_lost_and_a_damaged_object_are_made_again(prefix):
    execute(work(), prefix)
    before, store = objects(prefix), store_at(prefix)
    store.delete("users/part-00001.parquet")
    store.put_empty("visits/part-00002.parquet")
    execute(work(), prefix, existing="resume")
    assert objects(prefix) == before


def test_a_killed_run_is_finished_by_another_one(prefix, tmp_path):
    script = (
        "import sys, time; from datagen.runtime.run import execute; from datagen.runtime.task import Work\n"
        "from tests.runtime import fakes\n"
        "def make(plan, partition):\n"
        "    for block in fakes.make(plan, partition):\n"
        "        yield block\n"
        "        time.sleep(3600 * (partition.index == 2))\n"  # it does not end before it is killed
        "execute(Work(fakes.plan(), make), sys.argv[1], "
        "on_event=lambda event: print(type(event).__name__, flush=True))"
    )
    command = [sys.executable, "-c", script, prefix]
    driver = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    done = 0
    for line in driver.stdout:
        done += line.strip() == "PartitionDone"
        if done == 2:
            break
    time.sleep(0.3)
    os.kill(driver.pid, signal.SIGKILL)
    driver.communicate()
    assert done == 2
    assert "_SUCCESS" not in objects(prefix)
    reported = []
    execute(work(), prefix, existing="resume", on_event=reported.append)
    assert reported[0].kept >= 2
    execute(work(), tmp_path / "out")
    assert objects(prefix) == written(tmp_path / "out")


def test_a_cut_in_the_middle_of_every_upload_is_tried_again(s3, prefix, tmp_path):
    """Each object is cut once; nothing of it is visible, and the next try writes it whole."""
    cut = set()

    def fault(method, path):
        if method == "PUT" and "/runs/one/" in path and path not in cut:
            cut.add(path)
            return "cut"
        return ""

    s3.fault = fault
    execute(work(users=1000, shops=3), prefix)
    s3.fault = lambda _method, _path: ""
    execute(work(users=1000, shops=3), tmp_path / "out")
    assert len(cut) > 8
    assert objects(prefix) == written(tmp_path / "out")


def test_throttling_slows_a_run_down_and_does_not_end_it(s3, prefix, monkeypatch):
    monkeypatch.setattr(object_store, "PAUSES", (0.01,) * 7)
    count = 0

    def fault(method, path):
        nonlocal count
        count += 1
        return "slow" if "/runs/one/" in path and count % 2 else ""

    s3.fault = fault
    execute(work(users=1000, shops=3), prefix)
    s3.fault = lambda _method, _path: ""
    assert "_SUCCESS" in objects(prefix)


@pytest.mark.parametrize("fault", ["slow", "cut"])
@pytest.mark.parametrize("size", [4, 2**24])
def test_a_request_that_always_fails_is_sent_twice_in_each_attempt(s3, prefix, draft, monkeypatch, size, fault):
    """The retries of this package, s3fs and botocore would multiply: a bucket that throttles was asked 80 times."""
    monkeypatch.setattr(object_store, "PAUSES", (0.01, 0.01))
    draft.write_bytes(bytes(size))
    store = store_at(prefix)
    store.put("there", draft)
    operations = {"PUT": lambda: store.put("new", draft), "GET": lambda: store.get("there")}
    for failing, operation in operations.items():
        s3.seen.clear()
        s3.fault = lambda method, _path, failing=failing: fault if method == failing else ""
        with pytest.raises(OSError, match="runs/one"):
            operation()
        s3.fault = lambda _method, _path: ""
        asked = [path.partition("&uploadId")[0] for method, path in s3.seen if method == failing]
        again = 2 if fault == "cut" else 1  # the HTTP client sends a request again if its kept connection was closed
        assert 3 <= max(map(asked.count, asked)) <= 3 * 2 * again


def test_reads_of_an_opened_file_are_retried_by_the_libraries(s3, prefix, draft):
    store = store_at(prefix)
    store.put("there", draft)
    refused = ["slow"] * 4
    with store.open("there") as file:
        s3.fault = lambda method, _path: refused.pop() if method == "GET" and refused else ""
        assert file.read() == draft.read_bytes()
    assert refused == []


def test_an_upload_that_never_succeeds_ends_the_run_and_shows_nothing_of_the_partition(s3, prefix, monkeypatch):
    monkeypatch.setattr(object_store, "PAUSES", (0.01,))
    s3.fault = lambda method, path: "slow" if method == "PUT" and "one/users/part-00002" in path else ""
    with pytest.raises(RunError, match=rf"cannot write {prefix}/users/part-00002.parquet"):
        execute(work(), prefix)
    s3.fault = lambda _method, _path: ""
    there = objects(prefix)
    assert "users/part-00002.parquet" not in there and "_SUCCESS" not in there
    assert "_run/receipts/part-00001.json" in there and "_run/receipts/part-00002.json" not in there
    execute(work(), prefix, existing="resume")
    assert "_SUCCESS" in objects(prefix)


def test_a_driver_that_was_replaced_stops_before_it_writes_more(prefix):
    def replace(event):
        if type(event).__name__ == "PartitionDone" and event.index == 1:
            store_at(prefix).take("another")

    with pytest.raises(OutputError, match="another run has taken over"):
        execute(work(), prefix, on_event=replace)
    assert "_run/receipts/part-00002.json" not in objects(prefix)


def test_a_creation_whose_answer_is_lost_is_known_again_and_that_of_another_writer_is_not(s3, prefix, draft):
    store, lost = store_at(prefix), ["lost"]
    s3.fault = lambda method, path: lost.pop() if method == "PUT" and path.endswith("one.json") and lost else ""
    store.put_if_absent("one.json", draft)
    assert lost == [] and store.get("one.json") == draft.read_bytes()
    with pytest.raises(FileExistsError):
        store.put_if_absent("one.json", draft)


def test_a_large_object_is_uploaded_in_small_parts_and_again_if_the_answer_to_its_end_is_lost(s3, prefix, draft):
    draft.write_bytes(bytes(range(256)) * 2**16)  # 16 MiB: two parts
    store, lost = store_at(prefix), ["lost", "lost"]  # botocore tries twice
    s3.fault = lambda method, path: lost.pop() if method == "POST" and "uploadId=" in path and lost else ""
    store.put("large", draft)
    parts = [path.partition("partNumber=")[2][:1] for method, path in s3.seen if method == "PUT"]
    assert lost == [] and sorted(filter(None, parts)) == ["1", "1", "2", "2"]
    assert store.get("large") == draft.read_bytes()


def test_only_one_of_many_creates_an_object(prefix, draft):
    check_that_one_of_many_creates_an_object(prefix, draft)


def test_entries_are_those_of_one_folder(prefix, draft):
    check_that_entries_are_those_of_one_folder(prefix, draft)


def test_a_missing_bucket_is_reported(s3):
    with pytest.raises(RunError, match="cannot write s3://no-such-bucket-here/x"):
        execute(work(), "s3://no-such-bucket-here/x")


def test_without_credentials_it_says_where_they_come_from(s3, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(RunError, match=f"credentials are taken from the environment of process {os.getpid()} on "):
        execute(work(), "s3://some-bucket/without-credentials")


def test_an_address_without_a_bucket_or_without_the_package_is_refused(monkeypatch):
    with pytest.raises(AddressError, match="names no bucket"):
        store_at("s3://")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(AddressError, match=r"needs the package s3fs: pip install 'datagen\[s3\]'"):
        datagen.generate(SHOP, "s3://bucket/x")
    monkeypatch.setattr(S3Store, "extra", "")  # as a store of another distribution, which has no extra here
    with pytest.raises(AddressError, match=r"pip install s3fs\."):
        datagen.generate(SHOP, "s3://bucket/x")


def test_workers_of_a_cluster_write_and_read_there(prefix, tmp_path):
    with Local(workers=2).connected() as client:
        made = datagen.generate(SHOP, prefix, partition_rows=7000, client=client)
        assert datagen.validate(SHOP, prefix, client=client).passed
    datagen.generate(SHOP, tmp_path / "out", partition_rows=7000)
    assert objects(prefix) == written(tmp_path / "out")
    assert made["people"].to_dask(["age"]).map_partitions(len).compute(scheduler="threads").sum() == 3000
