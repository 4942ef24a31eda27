"""A resume keeps what is proven to be whole: right names, rows and bytes. Everything else is made again or refused."""

from __future__ import annotations

import json
import os

import pytest

import datagen
from datagen.errors import DataError, OutputError
from datagen.runtime.dataset import Dataset
from datagen.runtime.events import PartitionDamaged, PartitionDone
from datagen.runtime.run import execute
from datagen.runtime.task import Work
from tests.runtime import fakes
from tests.runtime.folders import hashes


@pytest.fixture
def out(tmp_path):
    execute(Work(fakes.plan(), fakes.make), tmp_path / "out")
    return tmp_path / "out"


def resumed(out, existing="resume"):
    """What was damaged and what was made again."""
    reported = []
    execute(Work(fakes.plan(), fakes.make), out, existing=existing, on_event=reported.append)
    damaged = {event.index: event.reason for event in reported if isinstance(event, PartitionDamaged)}
    return damaged, {event.index for event in reported if isinstance(event, PartitionDone)}


def test_zeros_in_a_part_of_the_same_size_are_found(out):
    before, part = hashes(out), out / "users" / "part-00001.parquet"
    with part.open("r+b") as file:
        file.seek(100)
        file.write(bytes(400))
    assert resumed(out) == ({1: "users/part-00001.parquet has another hash than its receipt"}, {1})
    assert hashes(out) == before


@pytest.mark.parametrize("folder", ["visits", "_truth/users"])
def test_one_byte_in_any_file_is_found(out, folder):
    before, part = hashes(out), out / folder / "part-00002.parquet"
    data = bytearray(part.read_bytes())
    data[-20] ^= 1
    part.write_bytes(data)
    assert resumed(out)[1] == {2}
    assert hashes(out) == before


def test_fast_compares_sizes_only(out):
    part = out / "users" / "part-00001.parquet"
    part.write_bytes(bytes(part.stat().st_size))
    assert resumed(out, "resume-fast") == ({}, set())
    part.write_bytes(b"short")
    assert resumed(out, "resume-fast")[1] == {1}


@pytest.mark.parametrize(
    "change",
    [
        lambda receipt: receipt | {"files": []},
        lambda receipt: receipt | {"files": receipt["files"][:1]},
        lambda receipt: receipt | {"files": receipt["files"] * 2},
        lambda receipt: receipt | {"files": [file | {"rows": 7} for file in receipt["files"]]},
        lambda receipt: receipt | {"files": [file | {"table": "shops"} for file in receipt["files"]]},
        lambda receipt: receipt | {"files": [file | {"name": "part-00002.parquet"} for file in receipt["files"]]},
        lambda receipt: receipt | {"files": [file | {"name": "../../x"} for file in receipt["files"]]},
        lambda receipt: receipt | {"partition": 2},
        lambda receipt: receipt | {"plan_id": "other"},
        lambda receipt: {},
        lambda receipt: [],
    ],
)
def test_a_receipt_that_is_not_that_of_the_plan_proves_nothing(out, change):
    before, path = hashes(out), out / "_run" / "receipts" / "part-00001.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    damaged, made = resumed(out)
    assert set(damaged) == made == {1}
    assert hashes(out) == before


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"a":' * 200_000, "9" * 5000, "\ud800".encode("utf-8", "surrogatepass"), b"\xff"]
)
def test_a_receipt_of_any_bytes_is_made_again(out, text):
    path = out / "_run" / "receipts" / "part-00003.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert resumed(out) == ({3: "its receipt cannot be read"}, {3})


@pytest.mark.parametrize(
    "name",
    [
        "users/part-99999.parquet",
        "users/part-00005.parquet",
        "users/part-00004.parquet",
        "shops/part-00000.parquet",
        "users/part-00000.csv",
        "users/part-000000.parquet",
        "_run/receipts/part-00077.json",
    ],
)
def test_a_part_that_the_plan_does_not_foresee_is_named_and_refused(out, name):
    (out / name).write_bytes(b"stray")
    with pytest.raises(OutputError, match=f"has files that datagen did not write: {name}"):
        resumed(out)


def test_a_pipe_or_a_folder_in_the_place_of_a_part_is_named_and_refused(out):
    part = out / "users" / "part-00000.parquet"
    part.unlink()
    os.mkfifo(part)
    with pytest.raises(OutputError, match=r"did not write: users/part-00000\.parquet"):
        resumed(out)
    part.unlink()
    part.mkdir()
    (part / "precious").write_text("x")
    for existing in ("resume", "overwrite"):
        with pytest.raises(OutputError, match=r"did not write: users/part-00000\.parquet"):
            resumed(out, existing)


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini", "._part-00000.parquet"])
@pytest.mark.parametrize("folder", ["", "users", "_truth", "_truth/users", "_run", "_run/receipts"])
def test_what_systems_leave_anywhere_never_blocks_an_overwrite(out, name, folder):
    (out / folder / name).write_bytes(b"x")
    tables = fakes.plan()
    only = fakes.FakePlan(
        id="other",
        tables={"shops": tables.tables["shops"]},
        partitions=[fakes.FakePartition(0, "shops", 0, 10, {"shops": 0}, {"shops": 10})],
    )
    for _ in range(2):  # the folder of a table that there is no more must not be a stranger to the next run
        execute(Work(only, fakes.make), out, existing="overwrite")
    execute(Work(fakes.plan(), fakes.make), out, existing="overwrite")
    assert (out / "_SUCCESS").exists()


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"a":' * 200_000, "", "null", "1" * 5000, '{"datagen_run": 1}', '"x"', "\x00"]
)
def test_advice_for_a_damaged_record_works(out, text, tmp_path):
    """To remove the folder, or to take another one: both can be done."""
    (out / "_run" / "run.json").write_text(text)
    for existing in ("refuse", "resume", "overwrite"):
        with pytest.raises(OutputError, match="choose another folder, or remove this one yourself"):
            resumed(out, existing)
    execute(Work(fakes.plan(), fakes.make), tmp_path / "another")


@pytest.mark.parametrize(
    "key, value", [("partitions", "5"), ("partitions", -1), ("seed", None), ("scale", "x"), ("versions", {})]
)
def test_a_record_with_wrong_numbers_is_refused(out, key, value):
    path = out / "_run" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(OutputError, match="was not written by this version"):
        resumed(out)


@pytest.mark.parametrize(("old", "words"), [("plan_id", "it has no 'plan_id'"), ("", "'fingerprint' is unknown")])
def test_what_another_version_wrote_is_refused_in_a_plain_line(out, old, words):
    path = out / "_run" / "run.json"
    data = json.loads(path.read_text()) | {"fingerprint": "00"}
    data.pop(old, None)
    path.write_text(json.dumps(data))
    for overwrite in (False, True):
        with pytest.raises(OutputError) as refused:
            execute(Work(fakes.plan(), fakes.make), out, existing="overwrite" if overwrite else "resume")
        message = str(refused.value)
        assert f"was not written by this version of datagen ({words})" in message and "__init__" not in message


def test_a_record_that_is_a_pipe_does_not_hang(out):
    (out / "_run" / "run.json").unlink()
    os.mkfifo(out / "_run" / "run.json")
    with pytest.raises(OutputError, match="not a regular file"):
        resumed(out)


@pytest.mark.parametrize("text", ["[" * 200_000, "{}", "null", '{"tables": {"a": 5}}'])
def test_a_damaged_manifest_is_reported(out, text):
    (out / "manifest.json").write_text(text)
    with pytest.raises(OutputError, match=r"manifest.json cannot be read"):
        Dataset(out)


def test_an_unfinished_run_is_opened_without_receipts_that_name_nothing(out):
    (out / "_SUCCESS").unlink()
    (out / "_run" / "receipts" / "part-00001.json").write_text(
        json.dumps({"plan_id": "f4000x10", "partition": 1, "files": []})
    )
    assert Dataset(out, partial=True)["users"].rows == 3000


def test_an_unfinished_run_is_not_validated(tmp_path):
    document = {"datagen": 1, "name": "x", "tables": {"a": {"rows": 30, "columns": {"a_id": {"type": "key"}}}}}
    datagen.generate(document, tmp_path / "out", partition_rows=10)
    assert datagen.validate(document, tmp_path / "out").passed
    (tmp_path / "out" / "_SUCCESS").unlink()
    with pytest.raises(DataError, match=r"is not finished .* continue it with .* --resume"):
        datagen.validate(document, tmp_path / "out")
    with pytest.raises(DataError, match="is not finished"):
        datagen.validate(document, tmp_path / "out", workers=1)
