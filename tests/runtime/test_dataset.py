from __future__ import annotations

import json
import os

import pytest

import datagen
from datagen.errors import OutputError
from datagen.kinds.formats.csv import Csv
from datagen.kinds.formats.jsonl import JsonLines
from datagen.kinds.formats.parquet import Parquet
from datagen.runtime.dataset import Dataset
from datagen.runtime.run import execute
from datagen.runtime.task import Work
from tests.runtime import fakes

SINKS = [Parquet(), Csv(), JsonLines()]


@pytest.fixture(params=SINKS, ids=lambda sink: sink.type)
def dataset(request, tmp_path):
    execute(Work(fakes.plan(output=request.param), fakes.make), tmp_path / "out")
    return Dataset(tmp_path / "out")


def test_every_format_gives_the_same_tables(dataset):
    assert dataset.tables == ("users", "visits", "shops")
    users, visits = dataset.table("users"), dataset["visits"]
    assert (users.rows, len(users.files), users.schema) == (4000, 4, fakes.USERS)
    assert users.to_arrow()["user_id"].to_pylist() == list(range(4000))
    assert users.to_arrow().schema == fakes.USERS
    assert visits.to_arrow()["at"].type == "timestamp[us]"
    assert visits.to_arrow()["note"].null_count == 600


def test_a_dataset_is_a_collection_of_tables(dataset):
    assert list(dataset) == ["users", "visits", "shops"]
    assert "visits" in dataset and "people" not in dataset


def test_columns_can_be_chosen(dataset):
    assert dataset.table("users").to_arrow(["city"]).column_names == ["city"]
    assert list(dataset.table("users").to_pandas(["city"]).columns) == ["city"]
    with pytest.raises(KeyError, match="has no column 'town'; known: user_id, city"):
        dataset.table("users").to_arrow(["town"])


def test_hidden_columns_are_found_under_their_name(dataset):
    assert dataset.table("_truth/users").to_arrow()["mood"].to_pylist()[7] == 1.0


def test_dask_reads_one_file_per_partition_and_the_same_rows(dataset):
    frame = dataset.table("users").to_dask()
    assert frame.npartitions == 4
    computed = frame.compute(scheduler="synchronous")
    assert computed["user_id"].tolist() == list(range(4000))
    assert computed["city"].astype(str).tolist()[:3] == ["Oslo", "Rome", "Lima"]


def test_it_shows_itself(dataset):
    assert "users             4,000 rows" in repr(dataset)
    assert "3,000 rows, 4 files" in repr(dataset.table("visits"))
    assert "<td>user_id</td><td>int64</td><td>not null</td>" in dataset.table("users")._repr_html_()


def test_what_stands_in_the_manifest_is_escaped_in_a_notebook(tmp_path):
    execute(Work(fakes.plan(name="<script>"), fakes.make), tmp_path / "<b>")
    html = Dataset(tmp_path / "<b>")._repr_html_()
    assert "<script>" not in html
    assert "<b></code>" not in html
    assert "&lt;script&gt;" in html


def test_an_unknown_table_is_reported_with_the_known_ones(dataset):
    with pytest.raises(KeyError, match=r"no table 'orders'.*known: users, visits, shops"):
        dataset.table("orders")


def test_an_unfinished_run_opens_only_on_request_with_its_complete_partitions(tmp_path):
    trap = tmp_path / "trap"
    trap.write_text("fail 2")
    with pytest.raises(ValueError, match="defect"):
        execute(Work(fakes.plan(trap=str(trap)), fakes.make), tmp_path / "out")
    with pytest.raises(OutputError, match="is not finished: resume it, or open it with partial=True"):
        Dataset(tmp_path / "out")
    partial = Dataset(tmp_path / "out", partial=True)
    assert partial.table("users").to_arrow().num_rows == partial.table("users").rows == 2000
    assert partial.table("shops").to_arrow().num_rows == 0


def test_a_folder_without_a_dataset_is_refused(tmp_path):
    with pytest.raises(OutputError, match="has no dataset"):
        Dataset(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="has no dataset"):
        Dataset(tmp_path / "file")


def test_a_file_that_is_gone_or_broken_is_named(tmp_path):
    execute(Work(fakes.plan(), fakes.make), tmp_path / "out")
    table = Dataset(tmp_path / "out").table("users")
    table.files[1].write_bytes(b"PAR1 nonsense")
    with pytest.raises(OutputError, match=r"cannot read .*users/part-00001.parquet"):
        table.to_arrow()
    table.files[0].unlink()
    with pytest.raises(OutputError, match=r"cannot read .*users/part-00000.parquet"):
        table.to_arrow()


def test_a_pipe_in_the_place_of_a_part_is_an_error_of_every_reader(dataset):
    part = dataset.table("users").files[2]
    part.unlink()
    os.mkfifo(part)
    for read in (dataset.table("users").to_arrow, lambda: datagen.fingerprint(part.parents[1])):
        with pytest.raises(OutputError, match=r"cannot read .*users/part-00002.*: it is not a regular file"):
            read()


@pytest.mark.parametrize("damage", ["truncate", "path", "table", "schema", "sink"])
def test_a_manifest_that_lies_is_refused(tmp_path, damage):
    execute(Work(fakes.plan(), fakes.make), tmp_path / "out")
    path = tmp_path / "out" / "manifest.json"
    data = json.loads(path.read_text())
    if damage == "path":
        data["tables"]["users"]["files"][0]["name"] = "../../secret"
    elif damage == "table":
        data["tables"]["../users"] = data["tables"]["users"]
    elif damage == "schema":
        data["tables"]["users"]["arrow_schema"] = "00ff"
    elif damage == "sink":
        data["sink"] = {"type": "pickle"}
    path.write_text("{" if damage == "truncate" else json.dumps(data))
    with pytest.raises(OutputError):
        Dataset(tmp_path / "out").table("../users")
