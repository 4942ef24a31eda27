"""A schema shows its tables in a notebook, or its problems; every text of the document is escaped."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from datagen.schema.reading.read import read, read_tolerant


def test_tables_and_columns_are_shown() -> None:
    columns = {"id": {"type": "key"}, **{f"x{k}": {"type": "uniform", "min": 0, "max": 1} for k in range(20)}}
    document = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 7, "columns": columns}}}
    html = read(document)._repr_html_()
    root = ET.fromstring(html)
    cells = [cell.text or "" for cell in root.iter("td")]
    assert cells[0] == "t" and cells[2] == "7"
    assert cells[3].startswith("id (key), x0 (uniform)") and cells[3].endswith("and 9 more")


def test_problems_are_shown_with_what_to_write_instead() -> None:
    html = read_tolerant({"datagen": 1, "name": "a", "tables": {"t": {"rows": 7, "columns": {"x": {"type": "nomal"}}}}})
    cells = [cell.text for cell in ET.fromstring(html._repr_html_()).iter("td")]
    assert cells == ["$.tables.t.columns.x.type", "has an unknown type 'nomal'", "did you mean 'normal'?"]


def test_texts_of_the_document_are_escaped() -> None:
    mark = "<img src=x onerror=alert(1)>"
    table = {"rows": {"type": "listed", "columns": ["a"], "rows": [[mark]]}, "columns": {"a": {"type": "listed"}}}
    document = {"datagen": 1, "name": "a", "description": mark, "tables": {"t": table}}
    assert "<img" not in read_tolerant(document)._repr_html_()
    assert "<img" not in read_tolerant({**document, "name": mark, mark: mark})._repr_html_()
