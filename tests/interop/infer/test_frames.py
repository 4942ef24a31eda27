"""DataFrames of pandas and Dask are inferred as files of the same rows are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dask.dataframe as dd
import pandas as pd
import pytest

import datagen
from datagen.errors import DataError
from tests.interop.infer.databases import music


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    return {name: table.to_pandas() for name, table in music(tmp_path_factory.mktemp("music") / "out").items()}


def test_frames_give_what_files_of_the_same_rows_give(frames: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    for name, frame in frames.items():
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    files = datagen.infer(tmp_path, name="music")
    ordered = {name: frames[name] for name in sorted(frames)}
    made = datagen.infer(ordered, name="music")
    assert made.problems == ()
    found, expected = made.document["tables"], files.document["tables"]
    assert {name: list(table["columns"]) for name, table in found.items()} == {
        name: list(table["columns"]) for name, table in expected.items()
    }
    assert found["invoice_line"] == expected["invoice_line"]


def test_dask_frames_give_what_pandas_frames_give(frames: dict[str, pd.DataFrame]) -> None:
    chosen = {name: frames[name] for name in ("customer", "invoice")}
    lazy = {name: dd.from_pandas(frame, npartitions=3) for name, frame in chosen.items()}
    assert datagen.infer(lazy).document == datagen.infer(chosen).document


def test_of_many_rows_the_first_are_read_and_all_are_counted() -> None:
    frame = dd.from_pandas(pd.DataFrame({"x": [float(i) + 0.5 for i in range(1000)]}), npartitions=10)
    made = datagen.infer(frame, name="one", most_rows=150)
    assert made.document["tables"]["one"]["rows"] == 1000
    assert "one: the first 150 of 1,000 rows were read" in made.notes


def test_keys_with_missing_cells_and_named_indexes_are_found() -> None:
    shops = pd.DataFrame({"city": ["a", "b"] * 50}, index=pd.RangeIndex(1, 101, name="shop_id"))
    bills = pd.DataFrame(
        {"bill_id": range(1, 401), "shop_id": [None if i % 10 == 0 else i % 100 + 1 for i in range(400)]}
    )
    assert bills["shop_id"].dtype == "float64"
    made = datagen.infer({"shops": shops, "bills": bills})
    assert made.problems == ()
    column = made.document["tables"]["bills"]["columns"]["shop_id"]
    assert (column["type"], column["table"], column["null_share"]) == ("reference", "shops", 0.1)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (7, "a source is a path"),
        ({"a": [1]}, "table 'a' is no DataFrame"),
        ({}, "there are no tables"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "two columns of one name"),
    ],
)
def test_an_invalid_source_is_reported(source: Any, told: str) -> None:
    with pytest.raises(DataError, match=told):
        datagen.infer(source)
