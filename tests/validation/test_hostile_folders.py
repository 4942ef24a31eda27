"""Every file of a folder from anyone is read, or named with its fault; nothing hangs, nothing ends in a traceback."""

from __future__ import annotations

import decimal
import os
import random
import socket
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datagen
from datagen.errors import DataError
from datagen.validation.inputs.plain_types import joined, original_type, plain

N = 20
SCHEMA = {
    "datagen": 1,
    "name": "x",
    "window": {"start": "2024-01-01", "end": "2025-01-01"},
    "tables": {
        "t": {
            "rows": {"type": "arrivals", "count": N},
            "columns": {
                "k": {"type": "key"},
                "at": {"type": "arrival_time"},
                "day": {"type": "uniform", "min": "1950-01-01", "max": "2005-12-31", "as": "date"},
                "c": {"type": "choice", "values": {"a": 1, "b": 2}},
                "s": {"type": "pattern", "pattern": "??##"},
                "v": {"type": "lognormal", "median": 12, "sigma": 0.4, "decimals": 2},
            },
        }
    },
}


def same(value, type_=None):
    return pa.array([value] * N, type_)


FAR = 9 * 10**18
ARRAYS = {
    "text": same("x"),
    "dictionary": same("x").dictionary_encode(),
    "large": same("x", pa.large_string()),
    "view": same("x").cast(pa.string_view()),
    "numbers": same(3),
    "null": pa.nulls(N),
    "bytes": same(b"\xff\xfe"),
    "fixed": same(b"abcd", pa.binary(4)),
    "list": same([1]),
    "struct": same({"a": 1}),
    "map": same([("a", 1)], pa.map_(pa.string(), pa.int64())),
    "decimal256": same(decimal.Decimal(10) ** 60, pa.decimal256(70, 2)),
    "decimal256 small": same(decimal.Decimal("12.34"), pa.decimal256(70, 2)),
    "many digits": same(decimal.Decimal("1e-37"), pa.decimal128(38, 37)),
    "us far": same(FAR, pa.timestamp("us")),
    "us early": same(-FAR, pa.timestamp("us")),
    "ms far": same(FAR, pa.timestamp("ms")),
    "ns": same(FAR, pa.timestamp("ns")),
    "no such zone": same(10**15, pa.timestamp("us", "Mars/Olympus")),
    "no such offset": same(10**15, pa.timestamp("us", "+99:99")),
    "date64": same(10**15, pa.date64()),
    "date32": same(2**31 - 1, pa.date32()),
    "time": same(1, pa.time32("s")),
    "duration": same(2**62, pa.duration("s")),
    "uint64": same(2**64 - 1, pa.uint64()),
    "least": same(-(2**63)),
    "dictionary of times": pa.DictionaryArray.from_arrays(
        pa.array([0] * N, pa.int8()), pa.array([FAR], pa.timestamp("us"))
    ),
    "nan": same(float("nan")),
    "huge": same(1e308),
    "bool": same(True),
    "steering": same("\x1b[31m\x00"),
}


SOUND = {"numbers", "decimal256 small", "many digits", "no such zone", "no such offset"}
"""Of another type than declared, perhaps, but no cell need be wrong."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    datagen.generate(SCHEMA, folder / "out")
    return pq.read_table(folder / "out" / "t" / "part-00000.parquet")


def put(rows, column, array):
    at = rows.schema.get_field_index(column)
    return rows.set_column(at, pa.field(column, array.type), array)


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["some", "all"])
@pytest.mark.parametrize("name", ARRAYS)
def test_a_column_of_any_type_is_judged(name, whole, sound, tmp_path):
    """In a file of its own, and before and after a part in the right type: a constraint names the column, in each
    place. Unless `whole`, each column of a type is in one of the three places, each place has a column.
    """
    for turn, column in enumerate(("k", "at", "v") if name != "null" else ("k",)):
        other = put(sound, column, ARRAYS[name])
        for number, parts in enumerate(([other], [sound, other], [other, sound])):
            if not whole and name != "null" and number != (turn + len(name)) % 3:
                continue
            folder = tmp_path / f"{column}{number}" / "t"
            folder.mkdir(parents=True)
            for at, part in enumerate(parts):
                pq.write_table(part, folder / f"{at}.parquet")
            report = datagen.validate(SCHEMA, folder.parent)
            report.to_json()
            assert name in SOUND or not report.passed
            assert name in SOUND or column in {finding.column for finding in report.failed}


def test_parts_with_text_in_other_dress_are_one_column(sound, tmp_path):
    """Dictionaries, large strings and views are text; integers of other widths are integers; any unit is a time."""
    dresses = [
        {"c": lambda a: a.cast(pa.string()), "s": lambda a: a.cast(pa.large_string())},
        {"s": lambda a: a.combine_chunks().dictionary_encode(), "k": lambda a: a.cast(pa.int32())},
        {
            "s": lambda a: a.cast(pa.string_view()),
            "k": lambda a: a.cast(pa.uint64()),
            "at": lambda a: a.cast(pa.timestamp("ns")),
        },
    ]
    (tmp_path / "t").mkdir()
    for number, dress in enumerate(dresses):
        part = sound.slice(number * 7, 7)
        for column, change in dress.items():
            changed = change(part.column(column))
            part = put(part, column, changed)
        pq.write_table(part, tmp_path / "t" / f"{number}.parquet")
    report = datagen.validate(SCHEMA, tmp_path)
    assert [finding.message for finding in report.failed] == []


def test_what_does_not_fit_is_named_as_it_stands_in_the_file(sound, tmp_path):
    pq.write_table(put(sound, "at", ARRAYS["ms far"]), tmp_path / "t.parquet")
    report = datagen.validate(SCHEMA, tmp_path)
    assert "at" in {finding.column for finding in report.failed}
    assert "outside of the years 1 to 9999" in report.to_json()


def refused(folder):
    with pytest.raises(DataError) as reported:
        datagen.validate(SCHEMA, folder)
    assert "\n" not in str(reported.value)
    return str(reported.value)


def reported(folder, *, may_pass=False):
    """The refusal, else the names of the files: then the data was judged, and not found to be sound."""
    try:
        report = datagen.validate(SCHEMA, folder)
    except DataError as error:
        return str(error)
    report.to_json()
    assert may_pass or not report.passed
    return " ".join(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t.jsonl", "t/a.parquet"])
def test_a_pipe_a_socket_or_a_folder_in_place_of_a_file_is_named(name, tmp_path, monkeypatch):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    monkeypatch.chdir((tmp_path / name).parent)  # the name of a socket is short
    short = Path(Path(name).name)
    os.mkfifo(short)
    assert "it is not a regular file" in refused(tmp_path)
    short.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(short))
        assert "it is not a regular file" in refused(tmp_path)
    short.unlink()
    short.mkdir()
    assert "it is not a regular file" in refused(tmp_path)


DEEP = 100_000


@pytest.mark.parametrize(
    "content",
    [
        '{"k": ' + "[" * DEEP + "]" * DEEP + "}\n",
        '{"k": 1}\n{"k": ' + "[" * 5000 + "]" * 5000 + "}\n",
        '{"a":' * DEEP,
        "[" * DEEP,
        '{"k": 1' + "0" * 6000 + "}\n",
        '{"k": 1, "k": 2}\n',
        '{"k": "\\ud800"}\n',
        "\x00" * 100,
    ],
)
def test_json_lines_of_any_depth_are_reported(content, tmp_path):
    (tmp_path / "t.jsonl").write_text(content)
    assert "t.jsonl" in reported(tmp_path)


@pytest.mark.parametrize("extension", ["parquet", "csv", "jsonl"])
def test_an_empty_file_is_reported(extension, tmp_path):
    (tmp_path / f"t.{extension}").write_bytes(b"")
    assert f"t.{extension}" in reported(tmp_path)


def test_a_file_cut_or_damaged_anywhere_is_reported(sound, tmp_path):
    path, draw = tmp_path / "t.parquet", random.Random(5)
    pq.write_table(sound, path)
    whole = path.read_bytes()
    for _ in range(60):
        data = bytearray(whole)
        if draw.random() < 0.3:
            del data[draw.randrange(len(data)) :]
        else:
            for _ in range(draw.choice([1, 3, 20])):
                data[draw.randrange(len(data))] = draw.randrange(256)
        path.write_bytes(data)
        assert "t.parquet" in reported(tmp_path, may_pass=True)


def test_files_of_systems_beside_the_data_are_no_data(sound, tmp_path):
    (tmp_path / "t").mkdir()
    pq.write_table(sound, tmp_path / "t" / "0.parquet")
    for name in ("._0.parquet", ".hidden.parquet", "_metadata.parquet"):
        (tmp_path / "t" / name).write_bytes(b"no data")
    assert datagen.validate(SCHEMA, tmp_path).failed == ()


@pytest.mark.parametrize("name", ARRAYS)
def test_plain_columns_can_be_shown_and_keep_their_missing_cells(name):
    array = ARRAYS[name]
    with_null = pa.concat_arrays([array.slice(0, 2), pa.nulls(1, array.type)])
    made = plain(pa.table({"c": with_null}))
    assert len(made.column("c").to_pylist()) == 3
    assert made.column("c").null_count == (3 if name == "null" else 1)


def test_types_that_differ_between_files_become_text():
    parts = [plain(pa.table({"c": [1, 2]})), plain(pa.table({"c": ["a", None]})), plain(pa.table({"d": [1.5]}))]
    assert joined(parts).column("c").to_pylist() == ["1", "2", "a", None, None]
    assert [original_type(field) for field in parts[0].schema] == [""]
