"""JSON files are readable, and the same text for the same data."""

from __future__ import annotations

import json

from datagen.runtime.storage.texts import LazySequence, json_lines, to_json


def test_long_documents_are_the_same_data_with_a_line_for_each_entry() -> None:
    long = {"tables": {f"t{number}": {"columns": [{"name": "ä", "type": [1, None, {}]}] * 40} for number in range(400)}}
    short = {"tables": {"a": []}, "none": {}}
    for data in (long, short):
        text = to_json(data)
        assert json.loads(text) == data and text.endswith("}\n")
        assert max(map(len, text.splitlines())) < 200
    assert to_json(short) == json.dumps(short, indent=2) + "\n"


def test_a_long_lazy_sequence_is_written_in_pieces_as_the_same_text() -> None:
    entries = [{"name": f"part-{number:05d}.parquet", "xxh3": "0" * 32, "bytes": number} for number in range(9000)]
    for number in (0, 3, 9000):
        some = entries[:number]
        files = LazySequence(number, some.__iter__)
        lazy = {"rows": 1, "tables": {"a": {"files": files}}, "none": []}
        pieces = list(json_lines(lazy))
        assert "".join(pieces) == to_json({"rows": 1, "tables": {"a": {"files": some}}, "none": []})
        assert number < 9000 or max(map(len, pieces)) < 200
