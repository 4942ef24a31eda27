"""The README's picture of the report is small, sound, safe, and shows what today's code finds."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.docs.pages import ROOT
from tests.docs.picture import PICTURE, drawn


def texts(drawing: str) -> list[str]:
    return [part.text or "" for part in ET.fromstring(drawing).iter() if part.tag.endswith("}text")]


def test_the_picture_is_small_and_loads_nothing() -> None:
    drawing = PICTURE.read_text(encoding="utf-8")
    assert len(drawing) < 60_000
    assert "<script" not in drawing
    assert not re.search(r"""(href|src)=["'](?!#)|url\(|@import""", drawing)
    assert "prefers-color-scheme: dark" in drawing


@pytest.mark.slow
def test_the_picture_shows_what_is_found_today() -> None:
    """Where it does not, `python -m tests.docs.picture` draws it anew."""
    assert texts(PICTURE.read_text(encoding="utf-8")) == texts(drawn())


def test_the_page_of_examples_has_a_picture_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    from example_pictures import write

    examples = tmp_path / "from"
    examples.mkdir()
    (examples / "shop.json").write_text((ROOT / "examples" / "shop.json").read_text())
    write(tmp_path / "examples", examples, scale=0.01)
    page = (tmp_path / "examples" / "index.md").read_text()
    assert "](shop.svg)" in page
    shown = texts((tmp_path / "examples" / "shop.svg").read_text())
    assert {"customers", "orders", "order_items", "products"} <= set(shown)
