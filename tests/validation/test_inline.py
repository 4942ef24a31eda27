"""What is seen while the data is made is what is seen in its files."""

from __future__ import annotations

import pytest

import datagen
from datagen.validation import inline
from tests.validation.folders import SHOP


def summarized(report):
    """The constraints, but for the files themselves, which only a validation of files compares."""
    found = [f for f in report.findings if f.group == "constraint" and f.measure != "FileIntegrity"]
    return [(f.table, f.column, f.measure, f.subject, f.verdict) for f in found]


@pytest.fixture(autouse=True)
def every_block(monkeypatch):
    monkeypatch.setattr(inline, "EVERY", 1)


@pytest.mark.parametrize("rows", [1500, 10**6])
def test_the_same_findings_as_in_the_files(rows, tmp_path):
    dataset = datagen.generate(SHOP, tmp_path / "out", partition_rows=rows, validate=True)
    assert summarized(dataset.report) == summarized(datagen.validate(SHOP, tmp_path / "out"))
    assert dataset.report.passed
    assert dataset.report.rows["products"] == 40


def test_the_bytes_are_the_same_as_without(tmp_path):
    plain = datagen.generate(SHOP, tmp_path / "plain")
    watched = datagen.generate(SHOP, tmp_path / "watched", validate=True)
    assert plain.report is None
    hashes = [[f.xxh3 for t in d.manifest.tables.values() for f in t.files] for d in (plain, watched)]
    assert hashes[0] == hashes[1]


def test_partitions_kept_from_before_are_read_from_their_files(tmp_path):
    datagen.generate(SHOP, tmp_path / "out", partition_rows=1500)
    again = datagen.generate(SHOP, tmp_path / "out", partition_rows=1500, resume=True, validate=True)
    key = next(f for f in again.report.findings if f.measure == "KeyUniqueness" and f.table == "items")
    assert f"no duplicates among {again.table('items').rows:,}" in key.message
    assert summarized(again.report) == summarized(datagen.validate(SHOP, tmp_path / "out"))


@pytest.mark.slow
def test_workers_see_what_one_process_sees(tmp_path):
    """Slices observed by the workers of a cluster give the same report, and so do blocks that they make."""
    dataset = datagen.generate(SHOP, tmp_path / "out", partition_rows=300, workers=2, validate=True)
    here, there = datagen.validate(SHOP, tmp_path / "out"), datagen.validate(SHOP, tmp_path / "out", workers=2)
    assert here.to_json() == there.to_json()
    assert summarized(dataset.report) == summarized(here)
