"""A hidden table is written to `_truth/` only, and is no part of the data anywhere else."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.interop.export import FORMATS, export
from datagen.validation.report.report import Report

KEY = {"type": "key"}
DOCUMENT: dict[str, Any] = {
    "datagen": 1,
    "name": "posts",
    "seed": 3,
    "window": {"start": "2024-01-01", "end": "2024-07-01"},
    "tables": {
        "moods": {
            "hidden": True,
            "rows": 5,
            "columns": {"mood_id": KEY, "level": {"type": "uniform", "min": 0, "max": 1}},
        },
        "seeds": {
            "hidden": True,
            "rows": {"type": "arrivals", "count": 300},
            "behaviors": [
                {
                    "type": "segments",
                    "latent": {"truth_column": "kind", "values": {"loud": 1, "calm": 2}},
                    "multiply": {"loud": {"posts": 3}, "calm": {"posts": 0.5}},
                }
            ],
            "columns": {"seed_id": KEY, "sown_at": {"type": "arrival_time"}},
        },
        "posts": {
            "parent": "seeds",
            "rows": {"type": "events", "mean_per_month": 3},
            "columns": {
                "post_id": KEY,
                "seed_id": {"type": "parent_key"},
                "mood_id": {"type": "reference", "table": "moods"},
                "posted_at": {"type": "event_time"},
            },
        },
    },
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> datagen.Dataset:
    return datagen.generate(DOCUMENT, tmp_path_factory.mktemp("hidden") / "out")


def failed(report: Report) -> list[Any]:
    """What does not hold; whether the posts look real is another question."""
    return [one for one in report.findings if one.verdict == "fail" and one.group != "realism"]


def test_it_lies_in_the_truth_with_its_latent_columns_and_not_among_the_data(made: datagen.Dataset) -> None:
    assert made.tables == ("posts",)
    assert not (made.folder / "seeds").exists()
    assert made.truth.tables == ("moods", "seeds")
    assert made.truth.table("seeds").schema.names == ["seed_id", "sown_at", "kind"]
    assert made.truth.table("seeds").rows == 300
    assert made.manifest.rows == made["posts"].rows
    assert made.truth.parameters["tables"]["seeds"]["hidden_table"] == "_truth/seeds"


def test_the_values_are_those_of_the_same_table_shown(made: datagen.Dataset, tmp_path: Path) -> None:
    shown = copy.deepcopy(DOCUMENT)
    del shown["tables"]["seeds"]["hidden"]
    other = datagen.generate(shown, tmp_path)
    columns = ["seed_id", "sown_at"]
    assert made.truth.table("seeds").to_arrow(columns).equals(other["seeds"].to_arrow(columns))
    assert datagen.fingerprint(shown)["posts"] == datagen.fingerprint(DOCUMENT)["posts"]


def test_a_plan_counts_it_apart_and_a_preview_shows_it_when_it_is_named() -> None:
    planned = datagen.plan(DOCUMENT)
    assert planned.total_rows == planned.tables["posts"].rows
    assert "seeds (hidden)" in planned.explain()
    assert list(datagen.preview(DOCUMENT)) == ["posts"]
    assert datagen.preview(DOCUMENT, "seeds", 4)["seeds"].num_rows == 4
    assert list(datagen.to_dask(DOCUMENT)) == ["posts"]


def test_fingerprints_are_those_of_the_data(made: datagen.Dataset) -> None:
    assert datagen.fingerprint(DOCUMENT) == datagen.fingerprint(made.folder)
    assert list(datagen.fingerprint(DOCUMENT)) == ["posts"]


@pytest.mark.parametrize("to", FORMATS)
def test_exports_name_neither_the_table_nor_keys_that_refer_to_it(to: str) -> None:
    text = export(DOCUMENT, to)
    assert "seeds" not in text
    assert "moods" not in text
    assert "FOREIGN KEY" not in text


def test_documents_beside_the_data_do_not_name_it(made: datagen.Dataset) -> None:
    for name in ("datapackage.json", "croissant.json", "er.mmd"):
        text = (made.folder / name).read_text()
        assert "posts" in text
        assert "moods" not in text


def test_validation_reads_it_from_the_truth_and_does_without_where_there_is_none(
    made: datagen.Dataset, tmp_path: Path
) -> None:
    whole = datagen.validate(DOCUMENT, made.folder)
    assert not failed(whole)
    assert {one.measure for one in whole.findings if one.table == "seeds"}
    shutil.copytree(made.folder / "posts", tmp_path / "posts")
    alone = datagen.validate(DOCUMENT, tmp_path)
    assert not failed(alone)
    assert alone.rows == {"posts": whole.rows["posts"]}


def test_a_run_that_validates_has_the_same_rows(tmp_path: Path, made: datagen.Dataset) -> None:
    watched = datagen.generate(DOCUMENT, tmp_path, validate=True)
    assert watched.report is not None
    assert not failed(watched.report)
    assert watched.manifest.tables.keys() == made.manifest.tables.keys()


def test_a_column_that_is_hidden_once_more_and_data_without_a_table_are_problems() -> None:
    twice = copy.deepcopy(DOCUMENT)
    twice["tables"]["moods"]["columns"]["level"]["hidden"] = True
    assert [(p.place, p.code) for p in datagen.check(twice)] == [("$.tables.moods.columns.level.hidden", "no-effect")]
    nothing = copy.deepcopy(DOCUMENT)
    nothing["tables"]["posts"]["hidden"] = True
    assert [(p.place, p.code) for p in datagen.check(nothing)] == [("$.tables", "no-effect")]
