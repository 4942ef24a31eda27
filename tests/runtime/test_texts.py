"""JSON files are readable, and the same text for the same data."""

from __future__ import annotations

import json

from datagen.runtime.storage.texts import to_json


def test_long_documents_are_the_same_data_with_a_line_for_each_entry() -> None:
    long = {"tables": {f"t{number}": {"columns": [{"name": "ä", "type": [1, None, {}]}] * 40} for number in range(400)}}
    short = {"tables": {"a": []}, "none": {}}
    for data in (long, short):
        text = to_json(data)
        assert json.loads(text) == data and text.endswith("}\n")
        assert max(map(len, text.splitlines())) < 200
    assert to_json(short) == json.dumps(short, indent=2) + "\n"
