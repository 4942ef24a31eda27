"""Tables with more rows than are held: counted over all rows, sampled by families, the same on any workers."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from distributed import Client

import datagen
from datagen.authoring.starters import starters
from datagen.interop.export import export
from datagen.interop.infer import Inferred, infer
from datagen.interop.infer.file_parts import HashSample, summarize, take
from datagen.interop.infer.sources.databases import RowsPart, settled
from datagen.interop.infer.summary import SKETCH, ColumnSummary, KeySketch
from tests.interop.infer.test_infer import keys, kinds

MOST = 3000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About 44,000 rows in several files."""
    folder = tmp_path_factory.mktemp("shop") / "out"
    datagen.generate(starters()["shop"].text, folder, scale=0.4, partition_rows=6000)
    return folder


@pytest.fixture(scope="module")
def whole(shop: Path) -> Inferred:
    return infer(shop, "shop")


@pytest.fixture(scope="module")
def sample(shop: Path) -> Inferred:
    return infer(shop, "shop", most_rows=MOST)


def test_a_sample_gives_the_schema_of_all_rows(whole: Inferred, sample: Inferred) -> None:
    assert sample.problems == () and any("are a sample" in note for note in sample.notes)
    assert keys(sample) == keys(whole) and kinds(sample) == kinds(whole)
    for name, table in whole.document["tables"].items():
        found = sample.document["tables"][name]
        assert list(found["columns"]) == list(table["columns"]) and found.get("parent") == table.get("parent")
        if not isinstance(table["rows"], dict):
            assert found["rows"] == table["rows"]
            continue
        assert found["rows"]["type"] == table["rows"]["type"]
        for part in ("count", "before_window"):
            if isinstance(table["rows"].get(part), int | float):
                assert found["rows"][part] == table["rows"][part]


def test_categories_nulls_and_calendars_are_those_of_all_rows(whole: Inferred, sample: Inferred) -> None:
    compared = 0
    for name, table in whole.document["tables"].items():
        found = sample.document["tables"][name]
        for column, made in table["columns"].items():
            if made["type"] == "choice":
                assert found["columns"][column]["values"] == made["values"]
                compared += 1
        for one, other in zip(table.get("behaviors", ()), found.get("behaviors", ()), strict=True):
            if one["type"] == "seasonality":
                assert one.get("hour") == other.get("hour")
                compared += 1
    assert compared >= 5


def test_csv_gives_what_parquet_gives(shop: Path, sample: Inferred, tmp_path: Path) -> None:
    for name in sample.document["tables"]:
        pyarrow.csv.write_csv(plain_rows(shop, name), tmp_path / f"{name}.csv")
    assert infer(tmp_path, "shop", most_rows=MOST).document == sample.document


def plain_rows(shop: Path, name: str) -> pa.Table:
    """The rows of a table, without dictionaries."""
    plain = pq.read_table(shop / name)
    kinds = [f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in plain.schema]
    return plain.cast(pa.schema(list(zip(plain.column_names, kinds, strict=True))))


def sqlite(shop: Path, place: Path) -> Path:
    with closing(sqlite3.connect(place / "shop.sqlite")) as connection:
        connection.executescript(export(starters()["shop"].text, "ddl"))
        for name in ("products", "customers", "orders", "order_lines"):
            columns = [
                (pc.strftime(one, format="%Y-%m-%d %H:%M:%S") if pa.types.is_timestamp(one.type) else one).to_pylist()
                for one in plain_rows(shop, name).columns
            ]
            places = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {name} VALUES ({places})", zip(*columns, strict=True))
        connection.commit()
    return place / "shop.sqlite"


def duck(shop: Path, place: Path) -> Path:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(str(place / "shop.duckdb")) as connection:
        connection.execute(export(starters()["shop"].text, "ddl"))
        for name in ("products", "customers", "orders", "order_lines"):
            connection.register("rows_", plain_rows(shop, name))
            connection.execute(f"INSERT INTO {name} SELECT * FROM rows_")
    return place / "shop.duckdb"


@pytest.mark.parametrize("database", [sqlite, duck])
def test_a_database_gives_what_files_give(
    database: Callable[[Path, Path], Path], shop: Path, sample: Inferred, tmp_path: Path
) -> None:
    made = infer(database(shop, tmp_path), "shop", most_rows=MOST)
    assert dict(made.document["tables"]) == dict(sample.document["tables"])
    assert set(made.notes) == set(sample.notes)


def test_rows_of_a_database_are_held_a_batch_at_a_time() -> None:
    """Rows that do not fit the types that are known widen them, and are read again."""
    held: list[weakref.ref[pa.RecordBatch]] = []
    most = 0

    def rows() -> Iterator[list[tuple[Any, ...]]]:
        for start in range(0, 4000, 100):
            yield [
                (at, at if at < 2000 else at + 0.5, None if at < 3000 else f"{at}") for at in range(start, start + 100)
            ]

    class Watched(RowsPart):
        def batches(self) -> Iterator[pa.RecordBatch]:
            nonlocal most
            for batch in super().batches():
                held.append(weakref.ref(batch))
                most = max(most, sum(one() is not None for one in held))
                yield batch

    part = Watched(rows, pa.schema([("id", pa.int64()), ("size", pa.int64()), ("code", pa.null())]))
    summaries = settled(summarize, part)
    assert {name: one.rows for name, one in summaries.items()} == {"id": 4000, "size": 4000, "code": 4000}
    assert summaries["code"].nulls == 3000 and part.schema.types == [pa.int64(), pa.float64(), pa.string()]
    chosen = settled(partial(take, HashSample("id", 2**64 // 10)), part)
    assert 300 < chosen.num_rows < 500 and chosen["size"].type == pa.float64()
    assert len(held) > 80 and most <= 2


def test_workers_give_the_same(shop: Path, sample: Inferred, client: Client) -> None:
    assert infer(shop, "shop", most_rows=MOST, client=client) == sample


def test_summaries_merge_in_any_order_to_that_of_all_rows() -> None:
    rng = np.random.default_rng(1)
    cells = pa.array([None if one < 300 else int(one) for one in rng.integers(0, 50_000, 30_000)])
    days = pa.array((rng.integers(18_000, 19_000, 30_000) * 86_400_000_000).astype("M8[us]"))
    for column in (cells, days, pa.array(rng.choice(["a", "b", "c"], 30_000))):
        whole, merged = ColumnSummary(), ColumnSummary()
        whole.add(column)
        for start in rng.permutation(range(0, 30_000, 5_000)).tolist():
            part = ColumnSummary()
            part.add(column[start : start + 5_000])
            merged.merge(part)
        assert (merged.rows, merged.nulls, merged.low) == (whole.rows, whole.nulls, whole.low)
        assert merged.values == whole.values and merged.days == whole.days
        assert (merged.hours == whole.hours).all() and (merged.sketch is None) == (whole.sketch is None)
        if whole.sketch is not None and merged.sketch is not None:
            assert (merged.sketch.hashes == whole.sketch.hashes).all()
            assert (merged.sketch.counts == whole.sketch.counts).all()


def test_sketches_judge_keys() -> None:
    every = KeySketch.of(pa.array(range(100_000)))
    assert len(every.hashes) == SKETCH and every.is_unique
    assert KeySketch.of(pa.array([*range(100_000), *range(0, 100_000, 50)])).is_unique is False
    assert KeySketch.of(pa.array(range(5, 100_000, 7))).is_within(every)
    assert not KeySketch.of(pa.array(range(-500, 90_000))).is_within(every)
    assert KeySketch.of(pa.array(["a", "b", None])).is_within(KeySketch.of(pa.array(["b", "c", "a"])))
