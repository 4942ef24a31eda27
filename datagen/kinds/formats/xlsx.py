"""Excel workbooks for small tables, without a library."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, ClassVar, Literal

import pyarrow as pa

from datagen.columnar.text import text_array
from datagen.kinds.formats.base import SPARE, Encodings, Sink
from datagen.kinds.formats.support.sheets import MOST_COLUMNS, MOST_ROWS, MOST_TEXT, parsed, rows, typed
from datagen.kinds.formats.support.slices import slices

_SHEET = "xl/worksheets/sheet1.xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_CONTENT}.styles+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_CONTENT}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="data" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet {_MAIN}><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy-mm-dd"/><numFmt numFmtId="165" formatCode="yyyy-mm-dd hh:mm:ss.000"/>'
    '</numFmts><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/>'
    '<xf numFmtId="164" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
"""Every part of a workbook but its sheet."""
_BEFORE = (
    f'<worksheet {_MAIN}><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews><sheetData>\n'
)
_AFTER = "</sheetData></worksheet>"


class Xlsx(Sink):
    """Excel workbooks of one sheet, for tables of up to 1,048,575 rows; larger ones are refused when they are planned.

    Times are dates of Excel, exact to the microsecond; those that Excel has not are ISO 8601 text. Whole numbers beyond
    2**53 and decimals of more than 15 digits are text, because Excel would round them. The files hold no time of the
    run.
    """

    extension: ClassVar[str] = "xlsx"
    inflation: ClassVar[float] = 3.0
    most_rows: ClassVar[int | None] = MOST_ROWS
    most_columns: ClassVar[int | None] = MOST_COLUMNS
    most_text: ClassVar[int | None] = MOST_TEXT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "as_workbook",
            "seed": 1,
            "output": {"type": "xlsx"},
            "tables": {"points": {"rows": 1000, "columns": {"point_id": {"type": "key"}}}},
        },
    )
    synonyms: ClassVar[tuple[str, ...]] = ("excel", "xls", "workbook", "spreadsheet")
    type: Literal["xlsx"] = "xlsx"

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> XlsxFile:
        return XlsxFile(path, schema)

    def read(self, source: str | Path | BinaryIO, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        selected = schema if columns is None else pa.schema([schema.field(name) for name in columns])
        try:
            found = read_sheet(source)
            return pa.Table.from_arrays([typed(found[one.name], one.type) for one in selected], schema=selected)
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise OSError(f"it is not a workbook that datagen wrote: {error}") from None

    @classmethod
    def read_all(cls, source: BinaryIO) -> pa.Table:
        return pa.table(read_sheet(source))


class XlsxFile:
    """An open workbook, compressed as it is written."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self._rows = 0
        for name, text in _PARTS.items():
            with self._zip.open(_entry(name), "w") as part:
                part.write((_HEAD + text).encode())
        self._sheet: IO[bytes] | None = self._zip.open(_entry(_SHEET), "w", force_zip64=True)
        self._sheet.write((_HEAD + _BEFORE).encode())
        self._sheet.write(rows(pa.RecordBatch.from_arrays([text_array([name]) for name in schema.names], schema.names)))

    def write(self, table: pa.Table) -> None:
        self._rows += table.num_rows
        if self._rows > MOST_ROWS or self._sheet is None:
            raise OSError(f"a sheet cannot have {self._rows:,} rows; write another format")
        for batch in slices(table):
            self._sheet.write(rows(batch))

    def close(self) -> None:
        if self._sheet is not None:
            self._sheet.write(_AFTER.encode())
            self._sheet.close()
            self._sheet = None
            self._zip.close()


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry without a time of its own."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def read_sheet(source: str | Path | BinaryIO) -> dict[str, pa.Array]:
    """The columns of a workbook as text. Raises BadZipFile, KeyError or ValueError where datagen did not write it."""
    with zipfile.ZipFile(source) as file:
        return parsed(file.read(_SHEET).decode("utf-8"))
