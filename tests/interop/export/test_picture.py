"""A picture of the tables that stands alone: no links, no variables, nothing that a text of the document could
break.
"""

from __future__ import annotations

import builtins
import re
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import datagen
from datagen.errors import DataError, OutputError, SchemaError
from tests.interop.export.hostile import HOSTILE

SHOP = Path(__file__).parents[3] / "examples" / "shop.json"
SVG = "{http://www.w3.org/2000/svg}"


def test_it_is_an_svg_that_names_every_table_and_key() -> None:
    text = datagen.to_picture(SHOP)
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    reported = {"".join(one.itertext()) for one in root.iter(f"{SVG}text")}
    assert {"customers", "orders", "order_items", "products", "20,000", "customer_id", "PK", "FK"} <= reported
    assert not re.search(r"var\(|href|https?://(?!www\.w3\.org/2000/svg)|<script|:hover", text)
    links = [one for one in root.iter(f"{SVG}g") if "link" in one.get("class", "")]
    assert len(links) == 3
    assert text == datagen.to_picture(SHOP)
    assert text._repr_svg_() == text


def test_light_and_dark_differ_in_colours_only() -> None:
    light, dark = datagen.to_picture(SHOP), datagen.to_picture(SHOP, dark=True)
    assert light != dark
    blank = re.compile(r"#[0-9a-f]{3,8}")
    assert blank.sub("#", light) == blank.sub("#", dark)


def test_hostile_texts_stay_texts() -> None:
    root = ET.fromstring(datagen.to_picture(HOSTILE))
    shown = {one.text for one in root.iter(f"{SVG}text")}
    assert {"Stores", "class", "customers", "orders"} <= shown


def test_files_are_written_by_their_suffix(tmp_path: Path) -> None:
    text = datagen.to_picture(SHOP, tmp_path / "shop.svg")
    assert (tmp_path / "shop.svg").read_text() == text
    datagen.to_picture(SHOP, tmp_path / "shop.png")
    data = (tmp_path / "shop.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    root = ET.fromstring(text)
    assert (width, height) == pytest.approx((2 * float(root.get("width", 0)), 2 * float(root.get("height", 0))), abs=2)


def test_invalid_values_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"\.svg or \.png"):
        datagen.to_picture(SHOP, tmp_path / "shop.gif")
    with pytest.raises(OutputError, match="cannot write"):
        datagen.to_picture(SHOP, tmp_path / "none" / "shop.svg")
    with pytest.raises(SchemaError):
        datagen.to_picture({"datagen": 1})
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "resvg_py":
            raise ImportError
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DataError, match=r"pip install 'datagen\[picture\]'"):
        datagen.to_picture(SHOP, tmp_path / "shop.png")
