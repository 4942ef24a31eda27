"""Delta tables are read back by the library of their field, and a commit that is repeated adds nothing twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

import datagen
from datagen.kinds.formats.delta import _delta_type
from datagen.kinds.stores.local import LocalStore
from tests.promises.documents import busy

STAYS = {
    "datagen": 1,
    "name": "stays",
    "seed": 3,
    "tables": {
        "stays": {
            "rows": 200,
            "columns": {
                "stay_id": {"type": "key"},
                "ward": {"type": "choice", "values": {"north": 2, "south": 1}},
                "took": {"type": "lognormal", "median": "2h", "sigma": 0.5},
            },
        }
    },
}


def rows_of(folder: Path) -> pa.Table:
    return pa.table(DeltaTable(folder).to_pyarrow_dataset().to_table())


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[datagen.Dataset, Path]:
    folder = tmp_path_factory.mktemp("lake")
    return datagen.generate(busy(), folder / "out", format="delta", partition_rows=800), folder / "out"


def test_the_tables_are_those_of_plain_parquet(lake: tuple[datagen.Dataset, Path], tmp_path: Path) -> None:
    dataset, folder = lake
    plain = datagen.generate(busy(), tmp_path / "plain", partition_rows=800)
    for name in dataset.tables:
        table = DeltaTable(folder / name)
        assert table.version() == 0
        assert sum(table.get_add_actions(flatten=True)["num_records"].to_pylist()) == plain[name].rows
        expected = plain[name].to_arrow()
        found = rows_of(folder / name)
        key = expected.column_names[0]
        assert found.column_names == expected.column_names
        assert found.sort_by(key)[key].to_pylist() == expected.sort_by(key)[key].to_pylist()
    assert datagen.fingerprint(folder) == datagen.fingerprint(tmp_path / "plain")


def test_a_commit_that_is_repeated_leaves_the_same_log(lake: tuple[datagen.Dataset, Path]) -> None:
    _, folder = lake
    logs = {path: path.read_text() for path in folder.rglob("_delta_log/*.json")}
    assert logs
    (folder / "_SUCCESS").unlink()
    datagen.generate(busy(), folder, format="delta", partition_rows=800, resume=True)
    assert {path: path.read_text() for path in folder.rglob("_delta_log/*")} == logs


def test_an_overwrite_removes_the_log_before_the_files_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader in between finds no table, and not a part of one."""
    datagen.generate(busy(), tmp_path / "out", format="delta")
    removed, delete = [], LocalStore.delete
    monkeypatch.setattr(LocalStore, "delete", lambda store, key: (removed.append(key), delete(store, key))[1])
    datagen.generate(busy(), tmp_path / "out", format="delta", overwrite=True)
    logs = [at for at, key in enumerate(removed) if "_delta_log" in key]
    files = [at for at, key in enumerate(removed) if key.endswith(".parquet")]
    assert logs and files and max(logs) < min(files)


def test_the_files_have_the_types_of_the_log_for_readers_that_use_the_schema_of_arrow(tmp_path: Path) -> None:
    """Polars reads the types that Arrow stores in a file, and refuses a table whose log names others."""
    made = datagen.generate(STAYS, tmp_path / "out", format="delta")
    for path in made["stays"].files:
        found = pq.ParquetFile(path).schema_arrow
        assert (found.field("took").type, found.field("ward").type) == (pa.int64(), pa.string())
    polars = pytest.importorskip("polars")
    assert polars.read_delta(str(tmp_path / "out" / "stays")).height == made["stays"].rows
    assert datagen.fingerprint(tmp_path / "out") == datagen.fingerprint(STAYS)


def test_it_is_validated_like_any_other(lake: tuple[datagen.Dataset, Path]) -> None:
    assert datagen.validate(busy(), lake[1]).passed


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        (pa.dictionary(pa.int8(), pa.string()), "string"),
        (pa.decimal128(38, 4), "decimal(38,4)"),
        (pa.timestamp("us"), "timestamp_ntz"),
        (pa.timestamp("us", "UTC"), "timestamp"),
        (pa.duration("us"), "long"),
        (pa.int16(), "short"),
        (pa.list_(pa.string()), {"type": "array", "elementType": "string", "containsNull": True}),
        (
            pa.map_(pa.string(), pa.int64()),
            {"type": "map", "keyType": "string", "valueType": "long", "valueContainsNull": True},
        ),
    ],
)
def test_types_have_the_names_of_the_protocol(type_: pa.DataType, name: Any) -> None:
    assert _delta_type(type_) == name
    nested = _delta_type(pa.struct([pa.field("inner", type_)]))
    assert nested["fields"][0]["type"] == name and json.dumps(nested)


def test_a_type_that_delta_has_not_is_refused() -> None:
    with pytest.raises(OSError, match="no type for"):
        _delta_type(pa.time64("us"))
