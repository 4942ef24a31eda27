"""E-mail addresses that were exchanged between persons are detected; those derived from the names are accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datagen


def document(**email: Any) -> dict[str, Any]:
    name = {"type": "person_name", "locale": "fr", "modifiers": [{"type": "nulls", "share": 0.1}]}
    columns = {"id": {"type": "key"}, "name": name, "email": {"type": "email", "from": "name", **email}}
    return {"datagen": 1, "name": "people", "seed": 4, "tables": {"people": {"rows": 2000, "columns": columns}}}


def matches(folder: Path, unique: bool) -> list[tuple[str, float | None]]:
    report = datagen.validate(document(unique=unique), folder)
    return [(f.verdict, f.score) for f in report.findings if f.measure == "NameMatch"]


@pytest.mark.parametrize("unique", [True, False])
def test_every_address_is_made_of_its_name(tmp_path: Path, unique: bool) -> None:
    datagen.generate(document(unique=unique), tmp_path / "out")
    assert matches(tmp_path / "out", unique) == [("pass", 1.0)]


def test_exchanged_addresses_are_named_with_their_rows(tmp_path: Path) -> None:
    datagen.generate(document(unique=True), tmp_path / "out")
    (file,) = (tmp_path / "out" / "people").glob("*.parquet")
    people = pq.read_table(file)
    rows = np.flatnonzero(people["email"].is_valid().to_numpy())
    at = np.arange(len(people))
    at[rows[:2]] = rows[[1, 0]]
    emails = people["email"].take(pa.array(at))
    pq.write_table(people.set_column(2, people.schema.field("email"), emails), file)
    report = datagen.validate(document(unique=True), tmp_path / "out")
    (found,) = (f for f in report.findings if f.measure == "NameMatch")
    assert (found.verdict, found.count, found.message) == ("fail", 2, "2 of 2,000 are not derived from 'name'")
    assert all({"name", "email"} <= row.keys() for row in found.rows)


def test_shuffled_addresses_cost_points_but_break_no_rule(tmp_path: Path) -> None:
    datagen.generate(document(unique=True), tmp_path / "out")
    before = datagen.validate(document(unique=True), tmp_path / "out").score
    (file,) = (tmp_path / "out" / "people").glob("*.parquet")
    people = pq.read_table(file)
    rows = np.flatnonzero(people["email"].is_valid().to_numpy())
    at = np.arange(len(people))
    at[rows] = np.roll(rows, 7)
    pq.write_table(people.set_column(2, people.schema.field("email"), people["email"].take(pa.array(at))), file)
    report = datagen.validate(document(unique=True), tmp_path / "out", hashes=False)
    assert report.passed and report.score < before - 1
