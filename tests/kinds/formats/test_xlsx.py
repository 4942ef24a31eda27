"""Workbooks are read by the library of the field, and hold no more than a sheet can."""

from __future__ import annotations

import datetime as dt
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

import datagen
from datagen.errors import OutputError, PlanError
from datagen.kinds.formats.support.sheets import MOST_COLUMNS, MOST_TEXT
from datagen.kinds.formats.xlsx import Xlsx
from tests.promises.documents import busy

DOCUMENT: dict[str, Any] = {
    "datagen": 1,
    "name": "book",
    "seed": 1,
    "window": {"start": "2024-01-01", "end": "2025-01-01"},
    "output": "xlsx",
    "tables": {
        "people": {
            "rows": {"type": "arrivals", "count": 300},
            "columns": {
                "person_id": {"type": "key"},
                "name": {"type": "person_name", "modifiers": [{"type": "nulls", "share": 0.1}]},
                "since": {"type": "arrival_time"},
                "day": {"type": "expression", "expression": "CAST(since AS DATE)"},
                "paid": {"type": "lognormal", "median": 9, "sigma": 1, "decimals": 2},
            },
        }
    },
}


def test_the_content_is_that_of_any_format_and_is_validated(tmp_path: Path) -> None:
    made = datagen.generate(busy(), tmp_path / "out", format="xlsx")
    assert datagen.fingerprint(made.folder) == datagen.fingerprint(busy())
    assert datagen.validate(busy(), made.folder).passed


def test_openpyxl_reads_the_values_in_their_types(tmp_path: Path) -> None:
    made = datagen.generate(DOCUMENT, tmp_path / "out")
    (path,) = made["people"].files
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        head, *rows = book.active.values
    expected = made["people"].to_arrow().to_pylist()
    assert head == ("person_id", "name", "since", "day", "paid")
    assert len(rows) == 300
    for row, one in zip(rows, expected, strict=True):
        assert (row[0], row[1], row[4]) == (one["person_id"], one["name"], one["paid"])
        assert abs(row[2] - one["since"]) < dt.timedelta(milliseconds=1)  # it reads times to the millisecond
        assert row[3].date() == one["day"]


def test_times_are_exact_to_the_microsecond(tmp_path: Path) -> None:
    times = [0, 1, 999_999, 2**50 + 12_345, 1_700_000_000_123_457, -2_203_891_200_000_001, 4_000_000_000_000_001, None]
    times += [1_600_000_000_000_000 + 7_919_000_003 * k for k in range(5_000)]
    table = pa.table({"at": pa.array(times, pa.timestamp("us"))})
    writer = Xlsx().open(tmp_path / "x", table.schema, {})
    writer.write(table)
    writer.close()
    assert Xlsx().read(tmp_path / "x", table.schema) == table


def test_texts_that_look_like_escapes_or_are_no_xml_are_read_back(tmp_path: Path) -> None:
    """The end of an escape can begin the next, and Excel reads small hexadecimal digits, too."""
    texts = ["_x0041_x0042_", "_x00e9_", "__x0041__", "\ufffe_\uffff", "\x01\x1f\r\n\t", "<&>", " a ", "_x41_", None]
    table = pa.table({"_x0041_x": texts})
    writer = Xlsx().open(tmp_path / "x.xlsx", table.schema, {})
    writer.write(table)
    writer.close()
    assert Xlsx().read(tmp_path / "x.xlsx", table.schema) == table
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "_x005F_x0041_x005F_x0042_" in sheet and "_x005F_x00e9_" in sheet
    with closing(openpyxl.load_workbook(tmp_path / "x.xlsx", read_only=True)) as workbook:
        assert len(list(workbook.active.values)) == len(texts) + 1


def test_a_table_of_too_many_rows_is_a_problem_of_the_document() -> None:
    large = {**DOCUMENT, "tables": {"people": {"rows": 1_048_576, "columns": {"person_id": {"type": "key"}}}}}
    (problem,) = datagen.check(large)
    assert problem.place == "$.tables.people.rows" and "1,048,575" in problem.message
    with pytest.raises(PlanError, match="1,048,575"):
        datagen.plan(DOCUMENT, scale=10_000)
    assert not datagen.check({**large, "output": "csv"})


def test_a_text_that_no_cell_holds_stops_the_run(tmp_path: Path) -> None:
    table = pa.table({"text": ["x" * (MOST_TEXT + 1)]})
    with pytest.raises(OSError, match="longer than the 32,767"):
        Xlsx().open(tmp_path / "x", table.schema, {}).write(table)


def test_a_workbook_of_others_is_distinguished(tmp_path: Path) -> None:
    made = datagen.generate(DOCUMENT, tmp_path / "out")
    book = openpyxl.Workbook()
    book.active.append(["person_id"])
    book.save(made["people"].files[0])
    with pytest.raises(OutputError, match="not a workbook that datagen wrote"):
        datagen.fingerprint(made.folder)


def test_texts_and_tables_that_a_sheet_cannot_hold_are_problems() -> None:
    columns = {"id": {"type": "key"}, "text": {"type": "constant", "value": "x" * (MOST_TEXT + 1)}}
    document = {"datagen": 1, "name": "book", "output": "xlsx", "tables": {"t": {"rows": 1, "columns": columns}}}
    assert [one.place for one in datagen.check(document)] == ["$.tables.t.columns.text"]
    assert datagen.check(document | {"output": "csv"}) == ()
    hidden = {"type": "constant", "value": "x" * 40_000, "hidden": True}
    columns |= {"long": hidden, "text": {"type": "expression", "expression": "LEFT(long, 8000)"}}
    assert datagen.check(document) == ()
    columns |= {f"c{number}": {"type": "constant", "value": 1} for number in range(MOST_COLUMNS)}
    assert [one.place for one in datagen.check(document)] == ["$.tables.t.columns"]
