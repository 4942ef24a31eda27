"""Hidden columns, keys among them: what is validated through them, and that validation ends with a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.schema.reading.read import read

CASES = Path(__file__).parents[1] / "cases"
KEY = {"type": "key"}


def findings(document: Any, out: Path) -> dict[tuple[str, str | None, str], str]:
    """The verdicts by table, column and measure; nothing scored may fail."""
    datagen.generate(document, out)
    report = datagen.validate(document, out)
    found = {(one.table, one.column, one.measure): one.verdict for one in report.findings}
    assert "fail" not in {one.verdict for one in report.findings if one.group == "constraint"}
    return found


def test_lookups_and_references_through_a_hidden_key_are_validated(tmp_path: Path) -> None:
    found = findings(CASES / "hidden_key.yaml", tmp_path)
    assert found["tickets", "ck", "ReferentialIntegrity"] == "pass"
    assert [verdict for (table, column, _), verdict in found.items() if (table, column) == ("tickets", "customer_id")]
    assert found["customers", "k", "KeyUniqueness"] == "pass"


def test_a_wrong_lookup_through_a_hidden_key_is_found(tmp_path: Path) -> None:
    document = dict(read(CASES / "hidden_key.yaml").raw)
    datagen.generate(document, tmp_path / "one")
    datagen.generate({**document, "name": "another"}, tmp_path / "other")
    (tmp_path / "one" / "tickets").rename(tmp_path / "kept")
    (tmp_path / "other" / "tickets").rename(tmp_path / "one" / "tickets")
    report = datagen.validate(document, tmp_path / "one")
    wrong = {(one.table, one.column) for one in report.findings if one.verdict == "fail"}
    assert ("tickets", "customer_id") in wrong


FAMILIES: dict[str, dict[str, Any]] = {
    "children below a hidden key": {
        "a": {"rows": 30, "columns": {"k": {**KEY, "hidden": True}, "code": {"type": "uuid"}}},
        "b": {
            "parent": "a",
            "rows": {"type": "per_parent", "count": 2},
            "columns": {
                "b": KEY,
                "p": {"type": "parent_key", "hidden": True},
                "code": {"type": "expression", "expression": "a.code"},
            },
        },
    },
    "hidden keys on both sides": {
        "a": {"rows": 30, "columns": {"k": {**KEY, "hidden": True}, "code": {"type": "uuid"}}},
        "b": {
            "rows": 50,
            "columns": {
                "b": {**KEY, "hidden": True},
                "at": {"type": "reference", "table": "a", "hidden": True},
                "code": {"type": "lookup", "through": "at", "column": "code"},
            },
        },
        "c": {
            "rows": 50,
            "columns": {
                "c": KEY,
                "at": {"type": "reference", "table": "b", "hidden": True},
                "code": {"type": "lookup", "through": "at", "column": "code"},
            },
        },
    },
    "a hidden column looked up": {
        "a": {
            "rows": 30,
            "columns": {"k": KEY, "price": {"type": "uniform", "min": 1, "max": 9, "decimals": 2, "hidden": True}},
        },
        "b": {
            "rows": 50,
            "columns": {
                "b": KEY,
                "at": {"type": "reference", "table": "a"},
                "price": {"type": "lookup", "through": "at", "column": "price"},
            },
        },
    },
    "addresses of a hidden name": {
        "a": {
            "rows": 30,
            "columns": {
                "k": KEY,
                "name": {"type": "person_name", "hidden": True},
                "mail": {"type": "email", "from": "name"},
            },
        },
    },
    "addresses of a name that is looked up": {
        "a": {"rows": 30, "columns": {"k": KEY, "name": {"type": "person_name"}}},
        "b": {
            "rows": 50,
            "columns": {
                "b": KEY,
                "at": {"type": "reference", "table": "a"},
                "name": {"type": "lookup", "through": "at", "column": "name"},
                "mail": {"type": "email", "from": "name"},
            },
        },
    },
    "addresses of a hidden name two tables up": {
        "a": {"rows": 30, "columns": {"k": KEY, "name": {"type": "person_name", "hidden": True}}},
        "b": {
            "parent": "a",
            "rows": {"type": "per_parent", "count": 2},
            "columns": {"b": KEY, "p": {"type": "parent_key"}},
        },
        "c": {
            "parent": "b",
            "rows": {"type": "per_parent", "count": 2},
            "columns": {
                "c": KEY,
                "p": {"type": "parent_key"},
                "mail": {"type": "email", "from": "a.name", "unique": True},
            },
        },
    },
    "hidden addresses of a parent's word": {
        "a": {"rows": 30, "columns": {"k": {**KEY, "hidden": True}, "word": {"type": "choice", "values": ["u", "v"]}}},
        "b": {
            "parent": "a",
            "rows": {"type": "per_parent", "count": 2},
            "columns": {
                "b": KEY,
                "p": {"type": "parent_key"},
                "mail": {"type": "email", "from": "a.word", "hidden": True},
            },
        },
    },
}


@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_hidden_validates_with_what_reads_it(name: str, tmp_path: Path) -> None:
    document = {"datagen": 1, "name": "hidden", "tables": FAMILIES[name]}
    found = findings(document, tmp_path)
    last = [*FAMILIES[name]][-1]
    column = [*FAMILIES[name][last]["columns"]][-1]
    judged = {verdict for (table, own, _), verdict in found.items() if (table, own) == (last, column)}
    assert "pass" in judged


@pytest.mark.parametrize(
    ("name", "verdict"), [("email_from_parent.json", "not applicable"), ("email_hidden.json", "pass")]
)
def test_addresses_of_a_parents_column_validate(name: str, verdict: str, tmp_path: Path) -> None:
    """Without a parent_key nothing says whose name an address is made of."""
    found = findings(CASES / name, tmp_path)
    assert [one for (_, _, measure), one in found.items() if measure == "NameMatch"] == [verdict]


def test_hidden_columns_of_other_rows_are_left_out(tmp_path: Path) -> None:
    """A hidden key says nothing of rows that are not those of `_truth/`: nothing is judged by it, and
    nothing breaks.
    """
    document = {"datagen": 1, "name": "hidden", "tables": FAMILIES["hidden keys on both sides"]}
    datagen.generate(document, tmp_path)
    fewer = {**document, "tables": {**document["tables"], "a": {**document["tables"]["a"], "rows": 20}}}
    datagen.generate(fewer, tmp_path / "fewer")
    (tmp_path / "a").rename(tmp_path / "kept")
    (tmp_path / "fewer" / "a").rename(tmp_path / "a")
    report = datagen.validate(document, tmp_path)
    verdicts = {one.measure: one.verdict for one in report.findings if (one.table, one.column) == ("b", "code")}
    assert "fail" not in verdicts.values()
