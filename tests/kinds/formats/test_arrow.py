from __future__ import annotations

import pyarrow as pa
import pytest
from typer import BadParameter

import datagen
from datagen.cli.options import parse_format
from datagen.errors import PlanError
from datagen.kinds.formats.arrow import ArrowIpc

SHOP = {
    "datagen": 1,
    "name": "formats",
    "seed": 5,
    "window": {"start": "2024-01-01", "end": "2025-01-01"},
    "tables": {
        "people": {
            "rows": 3000,
            "columns": {
                "person_id": {"type": "key"},
                "kind": {"type": "choice", "values": {"a": 3, "b": 1}, "modifiers": [{"type": "nulls", "share": 0.1}]},
                "born": {"type": "uniform", "min": 1, "max": 90, "decimals": 2},
            },
        }
    },
}


def test_blocks_with_other_dictionaries_make_one_file(tmp_path):
    """An IPC file has one dictionary per column; values are written in its place."""
    one = pa.table({"c": pa.array(["a", None]).dictionary_encode()})
    two = pa.table({"c": pa.array(["b", "a"]).dictionary_encode()})
    writer = ArrowIpc().open(tmp_path / "x", one.schema, {})
    writer.write(one)
    writer.write(two)
    writer.close()
    assert ArrowIpc().read(tmp_path / "x", one.schema)["c"].to_pylist() == ["a", None, "b", "a"]


@pytest.mark.parametrize("name", ["parquet", "csv", "jsonl", "arrow"])
def test_the_same_content_is_read_back_from_every_format(tmp_path, name):
    made = datagen.generate(SHOP, tmp_path / "out", format=name)
    assert [file.suffix for file in made["people"].files] == [f".{name}"]
    assert datagen.fingerprint(tmp_path / "out") == datagen.fingerprint(SHOP)
    assert datagen.validate(SHOP, tmp_path / "out").passed


def test_a_format_with_options_takes_the_place_of_the_documents(tmp_path):
    document = SHOP | {"output": "csv"}
    datagen.generate(document, tmp_path / "out", format={"type": "arrow", "compression": "none"})
    with pa.memory_map(str(tmp_path / "out" / "people" / "part-00000.arrow")) as source:
        assert pa.ipc.open_file(source).read_all().num_rows == 3000


@pytest.mark.parametrize(
    "asked, words",
    [
        ("parqet", "did you mean 'parquet'"),
        ("feather", "use 'arrow'"),
        ({"type": "csv", "x": 1}, "unknown key 'x'; known: bom"),
        (
            {"type": "parquet", "level": 99, "time_zone": "Asia/Tokyo"},
            "time_zone: needs 'UTC', not 'Asia/Tokyo'; also level: needs at most 22, not 99",
        ),
        ({"type": "csv", "decimal": ","}, "both the separator and the decimal mark; write"),
        ({"type": "duckdb", "memory": "1TB"}, "memory: '1TB' is not a size for DuckDB; write one such as"),
        ({"type": "parquet", "partition_by": "a", "codecs": {"b": "none"}}, "no table has a column 'b'.*also.* 'a'"),
    ],
)
def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path, asked, words):
    with pytest.raises(PlanError, match=words):
        datagen.generate(SHOP, tmp_path / "out", format=asked)
    assert not (tmp_path / "out").exists()


def test_a_name_that_the_database_uses_itself_is_a_problem_of_the_document() -> None:
    columns = {"ctid": {"type": "key"}, "CTID2": {"type": "boolean"}, "xmin": {"type": "boolean", "hidden": True}}
    made = {"datagen": 1, "name": "system", "tables": {"t": {"rows": 3, "columns": columns}}}
    assert datagen.check(made) == ()
    (problem,) = datagen.check({**made, "output": "postgresql"})
    assert problem.place == "$.tables.t.columns.ctid" and "of its own" in problem.message


def test_an_option_that_is_given_twice_is_refused() -> None:
    with pytest.raises(BadParameter, match="'separator' is given twice for the format csv"):
        parse_format("csv:separator=;,bom=true,separator=|")
