"""DataFrames of pandas and Dask are inferred as files of the same rows are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dask.dataframe as dd
import pandas as pd
import pytest
from distributed import Client

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


@pytest.mark.parametrize("made_of", [lambda frame: frame, lambda frame: dd.from_pandas(frame, npartitions=7)])
def test_of_many_rows_a_sample_is_held_and_all_are_counted(made_of: Any) -> None:
    """Numbers that are whole with missing cells in some partitions are whole in all."""
    frame = pd.DataFrame({"x": [float(i) + 0.5 for i in range(4000)], "state": ["a", "a", "b", "b"] * 1000})
    frame["size"] = [None if i < 400 else i % 2000 for i in range(4000)]
    made = datagen.infer(made_of(frame), name="one", most_rows=500)
    table = made.document["tables"]["one"]
    assert table["rows"] == 4000 and any("of 4,000 rows are a sample" in note for note in made.notes)
    assert table["columns"]["state"]["values"] == {"a": 50.0, "b": 50.0}
    assert table["columns"]["size"]["decimals"] == 0
    assert table["columns"]["size"]["modifiers"] == [{"type": "nulls", "share": 0.1}]


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


def test_a_dask_frame_is_read_by_its_client_and_the_partitions_stay_there(client: Client) -> None:
    frame = pd.DataFrame({"visit_id": range(1, 3001), "length": [float(i % 97) for i in range(3000)]})
    lazy = dd.from_pandas(frame, npartitions=6)
    here = datagen.infer(lazy, name="visits", most_rows=800)
    kept = client.persist(lazy)
    assert datagen.infer(kept, name="visits", most_rows=800, client=client) == here


def test_few_parents_arrive_where_their_events_follow() -> None:
    """So the document makes as many events: they begin with their parents and not with the window."""
    first = pd.Timestamp("2023-01-01")
    machines = pd.DataFrame(
        {"machine_id": range(1, 61), "installed_at": [first + pd.Timedelta(9 * i, "D") for i in range(60)]}
    )
    readings = [(at.machine_id, at.installed_at + pd.Timedelta(day, "D"), day % 30)
                for at in machines.itertuples() for day in range(0, 720 - 9 * at.machine_id, 10)]  # fmt: skip
    frame = pd.DataFrame(readings, columns=["machine_id", "read_at", "level"])
    made = datagen.infer({"machines": machines, "readings": frame}).document["tables"]
    assert made["machines"]["rows"] == {"type": "arrivals", "count": 60}
    assert made["readings"]["rows"]["mean_per_month"] == pytest.approx(3.0, rel=0.1)


def test_numbers_that_count_within_a_group_and_tables_of_few_rows_are_no_children() -> None:
    visits = pd.DataFrame({"visit_id": range(1, 401), "ward": ["a", "b"] * 200})
    steps = pd.DataFrame({"visit": [1, 2, 3, 1, 2] * 80, "size": [float(i) for i in range(400)]})
    heads = pd.DataFrame({"head_id": [1, 2, 3], "visit_id": [7, 220, 399]})
    made = datagen.infer({"visits": visits, "steps": steps, "heads": heads}).document["tables"]
    assert made["steps"]["columns"]["visit"]["type"] == "choice" and "parent" not in made["steps"]
    assert made["heads"]["rows"] == 3 and made["heads"]["columns"]["visit_id"]["type"] == "reference"
