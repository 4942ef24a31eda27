from __future__ import annotations

import re

import pytest

import datagen
from tests.promises.documents import tables


def document(template: str, **more: str) -> dict:
    columns = {
        "id": {"type": "key"},
        "name": {"type": "choice", "values": ["Ann", "Bo"], "modifiers": [{"type": "nulls", "share": 0.2}]},
        "born on": {"type": "uniform", "min": "1950-01-01", "max": "2000-01-01", "as": "date"},
        "it": {"type": "template", "template": template, **more},
    }
    return {"datagen": 1, "name": "a", "tables": {"t": {"rows": 200, "columns": columns}}}


def test_columns_and_random_characters_stand_in_the_text() -> None:
    for row in tables(document("{name}-{id}/{born on}.{##?}", case="lower"))["t"].to_pylist():
        if row["name"] is None:
            assert row["it"] is None
        else:
            assert re.fullmatch(f"{row['name'].lower()}-{row['id']}/{row['born on']}.[0-9][0-9][a-z]", row["it"])


def test_random_characters_differ_from_row_to_row_and_from_place_to_place() -> None:
    texts = tables(document("{####}:{####}"))["t"]["it"].to_pylist()
    assert len(set(texts)) == 200 and sum(text[:4] == text[5:] for text in texts) < 5


@pytest.mark.parametrize("template, code", [("fixed", "no-effect"), ("{nobody}", "unknown-column"), ("{it}", "cycle")])
def test_problems(template: str, code: str) -> None:
    assert code in [problem.code for problem in datagen.check(document(template))]
