from __future__ import annotations

import json

import datagen
from tests.promises.documents import tables


def document(fields: object) -> dict:
    nulls = [{"type": "nulls", "share": 0.3}]
    columns = {
        "id": {"type": "key"},
        "quote": {"type": "choice", "values": ['say "hi"', "back\\slash", "two\nlines", "größe"], "modifiers": nulls},
        "price": {"type": "uniform", "min": 1, "max": 9, "decimals": 2, "modifiers": nulls},
        "good": {"type": "boolean"},
        "day": {"type": "uniform", "min": "2020-01-01", "max": "2021-01-01", "as": "date"},
        "it": {"type": "json", "fields": fields},
    }
    return {"datagen": 1, "name": "a", "tables": {"t": {"rows": 200, "columns": columns}}}


def test_every_text_reads_as_the_object_of_the_row() -> None:
    fields = {"id": "id", 'a "key"': "quote", "inner": {"price": "price", "deep": {"good": "good"}}, "day": "day"}
    for row in tables(document(fields))["t"].to_pylist():
        assert json.loads(row["it"]) == {
            "id": row["id"],
            'a "key"': row["quote"],
            "inner": {"price": row["price"], "deep": {"good": row["good"]}},
            "day": str(row["day"]),
        }


def test_columns_that_are_not_there_are_reported_at_their_place() -> None:
    found = datagen.check(document({"a": {"b": "nothing"}, "c": {"d": 3}}))
    assert [problem.place for problem in found] == [
        "$.tables.t.columns.it.fields.a.b",
        "$.tables.t.columns.it.fields.c.d",
    ]
