from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from datagen.kinds.formats import arrow, csv, jsonl, parquet, xlsx
from datagen.kinds.formats.base import Sink

SINKS = [
    arrow.ArrowIpc(),
    arrow.ArrowIpc(compression="none"),
    csv.Csv(),
    csv.Csv(separator=";", decimal=",", bom=True),
    csv.Csv(separator="tab", quoting="all"),
    csv.Csv(separator="|", decimal=",", quoting="all"),
    csv.Csv(quoting="minimal"),
    jsonl.JsonLines(),
    xlsx.Xlsx(),
    parquet.Parquet(),
    parquet.Parquet(compression="zstd"),
    parquet.Parquet(compression="none"),
    parquet.Parquet(codecs={"s": "zstd", "i": "none"}, level=2, row_group_rows=1000),
]
EVERY_SINK = pytest.mark.parametrize(
    "sink", SINKS, ids=lambda sink: "-".join(map(str, sink.model_dump(exclude_defaults=True).values())) or sink.type
)

TEXTS = [
    "",
    None,
    "plain",
    'a "quoted", text',
    "two\nlines\r\n",
    "tab\t\x01 control",
    "back\\slash",
    "žluť 🐎",
    "null",
    "NA",
]
UTC = dt.UTC


def awkward() -> pa.Table:
    """Ten rows of everything that is hard to write down."""
    times = [dt.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC).replace(tzinfo=None), None] * 5
    return pa.table(
        {
            "i": pa.array([0, -1, 2**63 - 1, -(2**63), None] * 2, pa.int64()),
            "f": pa.array([0.1, -0.0, 1e300, 5e-324, None] * 2, pa.float64()),
            "b": pa.array([True, False, None, True, False] * 2),
            "s": pa.array(TEXTS),
            "c": pa.array(TEXTS).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
            "t": pa.array(times, pa.timestamp("us")),
            "z": pa.array(times, pa.timestamp("us", "UTC")),
            "d": pa.array([dt.date(1900, 2, 28), None] * 5),
            "m": pa.array([decimal.Decimal("-12345678.90"), None] * 5, pa.decimal128(12, 2)),
            "u": pa.array([-1, None, 0, 10**12, 5] * 2, pa.duration("us")),
        }
    )


def write(sink: Sink, path, *tables: pa.Table, encodings=None) -> bytes:
    writer = sink.open(path, tables[0].schema, encodings or {})
    for table in tables:
        writer.write(table)
    writer.close()
    return path.read_bytes()


@EVERY_SINK
def test_what_is_written_is_read_back(sink, tmp_path):
    table = awkward()
    write(sink, tmp_path / "x", table)
    back = sink.read(tmp_path / "x", table.schema)
    assert back.schema == table.schema
    assert back.to_pylist() == table.to_pylist()


@EVERY_SINK
def test_the_same_tables_give_the_same_bytes(sink, tmp_path):
    once, twice = (write(sink, tmp_path / name, awkward(), awkward()) for name in ("a", "b"))
    assert hashlib.sha256(once).digest() == hashlib.sha256(twice).digest()


@EVERY_SINK
def test_a_file_without_rows_keeps_its_columns(sink, tmp_path):
    empty = awkward().slice(0, 0)
    write(sink, tmp_path / "x", empty)
    assert sink.read(tmp_path / "x", empty.schema) == empty


@EVERY_SINK
def test_columns_can_be_read_alone_and_in_another_order(sink, tmp_path):
    write(sink, tmp_path / "x", awkward())
    assert (
        sink.read(tmp_path / "x", awkward().schema, ["t", "i"]).to_pylist() == awkward().select(["t", "i"]).to_pylist()
    )


@EVERY_SINK
def test_a_missing_cell_in_an_only_column_is_still_a_row(sink, tmp_path):
    table = pa.table({"only": pa.array([1, None, None], pa.int64())})
    write(sink, tmp_path / "x", table)
    assert sink.read(tmp_path / "x", table.schema) == table


@EVERY_SINK
def test_closing_twice_is_harmless(sink, tmp_path):
    writer = sink.open(tmp_path / "x", awkward().schema, {})
    writer.write(awkward())
    writer.close()
    writer.close()
    assert sink.read(tmp_path / "x", awkward().schema) == awkward()


def test_every_json_line_is_json_for_everyone(tmp_path):
    text = write(jsonl.JsonLines(), tmp_path / "x", awkward()).decode("utf-8")
    rows = [json.loads(line) for line in text.removesuffix("\n").split("\n")]
    assert [row["s"] for row in rows] == TEXTS
    assert [row["i"] for row in rows] == awkward()["i"].to_pylist()
    assert rows[0]["t"] == "1969-12-31T23:59:59.999999"


def test_numbers_that_json_has_no_word_for_are_null(tmp_path):
    table = pa.table({"x": [1.5, float("nan"), float("inf"), float("-inf")]})
    assert write(jsonl.JsonLines(), tmp_path / "x", table) == b'{"x":1.5}\n{"x":null}\n{"x":null}\n{"x":null}\n'


def test_a_slice_of_a_table_is_written_alone(tmp_path):
    table = pa.table({"x": list(range(10))}).slice(3, 2)
    assert write(jsonl.JsonLines(), tmp_path / "x", table) == b'{"x":3}\n{"x":4}\n'


def test_parquet_uses_the_requested_encodings(tmp_path):
    encodings = {"i": "delta", "f": "byte_stream_split", "c": "dictionary", "t": "byte_stream_split", "m": "delta"}
    write(parquet.Parquet(), tmp_path / "x", awkward(), encodings=encodings)
    group = pq.read_metadata(tmp_path / "x").row_group(0)
    found = {group.column(k).path_in_schema: set(group.column(k).encodings) for k in range(group.num_columns)}
    assert "DELTA_BINARY_PACKED" in found["i"]
    assert "DELTA_BINARY_PACKED" in found["m"]
    assert "BYTE_STREAM_SPLIT" in found["f"] & found["t"]
    assert "RLE_DICTIONARY" in found["c"]
    assert "RLE_DICTIONARY" not in found["s"]


def test_small_blocks_become_row_groups_of_a_quarter_million_rows_and_large_ones_are_cut_evenly(tmp_path):
    small = pa.table({"x": pa.array(range(30_000))})
    large = pa.table({"x": pa.nulls(1_500_000, pa.int64())})
    write(parquet.Parquet(), tmp_path / "x", *[small] * 10, large)
    meta = pq.read_metadata(tmp_path / "x")
    assert [meta.row_group(k).num_rows for k in range(meta.num_row_groups)] == [270_000, 765_000, 765_000]


def test_wide_rows_are_not_held_back_beyond_the_bound(tmp_path):
    wide = pa.table({"x": pa.array(["y" * 1000] * 20_000)})
    writer = parquet.Parquet().open(tmp_path / "x", wide.schema, {}, spare=50_000_000)
    for _ in range(5):
        writer.write(wide)
        assert sum(t.nbytes for t in writer._held) < 50_000_000
    writer.close()


def test_statistics_can_be_left_out(tmp_path):
    write(parquet.Parquet(statistics=False), tmp_path / "x", awkward())
    assert pq.read_metadata(tmp_path / "x").row_group(0).column(0).statistics is None


def test_a_sink_is_named_in_short_or_in_full():
    assert Sink.parse("csv") == csv.Csv()
    assert Sink.parse({"type": "parquet", "compression": "zstd", "level": 9}).level == 9


@pytest.mark.parametrize("data", ["parket", {"type": "csv", "delimiter": ";"}, {"type": "parquet", "level": 99}, 3, {}])
def test_an_invalid_format_is_refused(data):
    with pytest.raises((ValidationError, PydanticCustomError)):
        Sink.parse(data)
