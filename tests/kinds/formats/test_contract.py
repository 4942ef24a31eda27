"""Every format has the same content, whichever kind it is. A new format is tested here without a line."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

import datagen
from datagen.engine.content_hash import ContentHash
from datagen.kinds.formats.base import Sink
from datagen.kinds.formats.postgresql import ADDRESS
from datagen.registry import load
from tests.kinds.formats import test_duckdb, test_iceberg, test_postgresql
from tests.postgres_server import INSTALLED, postgres
from tests.promises.documents import busy

load()
ZONED = [(kind, "UTC") for kind in ("csv", "delta", "duckdb", "iceberg", "jsonl", "parquet", "postgresql", "xlsx")]
Fingerprint = Mapping[str, str]


def document() -> dict[str, Any]:
    """Columns of every type: texts and categories with missing cells, exact decimals, dates, times, durations."""
    made: dict[str, Any] = copy.deepcopy(busy())
    made["tables"]["ledger"] = {
        "rows": {"type": "arrivals", "count": 500},
        "columns": {
            "entry_id": {"type": "key"},
            "at": {"type": "arrival_time"},
            "day": {"type": "expression", "expression": "CAST(at AS DATE)"},
            "sum": {"type": "lognormal", "median": 50, "sigma": 2, "decimals": 2, "precision": 14},
            "share": {"type": "normal", "mean": 0, "sd": 1},
            "open": {"type": "expression", "expression": "share > 0"},
            "kind": {
                "type": "choice",
                "values": {"a, b": 3, 'c "d"': 1},
                "modifiers": [{"type": "nulls", "share": 0.1}],
            },
            "due": {"type": "after", "column": "at", "delay": {"type": "lognormal", "median": "3d", "sigma": 1}},
            "wait": {"type": "expression", "expression": "due - at"},
            "place": {
                "type": "struct",
                "fields": {
                    "city": {"type": "choice", "values": {"Brno": 2, "Žďár": 1}},
                    "stay": {"type": "uniform", "min": "1h", "max": "3h"},
                    "seen": {"type": "expression", "expression": "due"},
                },
            },
            "tags": {
                "type": "list",
                "length": {"type": "poisson", "mean": 2},
                "of": {"type": "choice", "values": {"new": 2, "old": 1}},
            },
            "marks": {
                "type": "map",
                "keys": {"taste": 1, "look": 0.6},
                "values": {"type": "uniform", "min": 1, "max": 5},
            },
        },
    }
    return made


def _files(made: datagen.Dataset) -> Fingerprint:
    return datagen.fingerprint(made.folder)


def _delta(made: datagen.Dataset) -> Fingerprint:
    found = {}
    for name in made.tables:
        content = ContentHash()
        content.add(pa.table(DeltaTable(made.folder / name).to_pyarrow_dataset().to_table()))
        found[name] = content.digest()
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if not INSTALLED:
        pytest.skip("PostgreSQL is not installed")
    with postgres() as url:
        yield url


@pytest.fixture
def reader(kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Fingerprint]:
    """Reads back what a format has made, by the library of its field where there is one."""
    if kind == "postgresql":
        url = request.getfixturevalue("server")
        monkeypatch.setenv(ADDRESS, url)
        return lambda made: test_postgresql.fingerprint(url, made)
    own = {"delta": _delta, "duckdb": test_duckdb.fingerprint, "iceberg": test_iceberg.fingerprint}
    return own.get(kind, _files)


@pytest.mark.parametrize("kind, zone", [(kind, None) for kind in sorted(Sink.members)] + ZONED)
def test_the_content_that_is_read_back_is_that_of_the_document(
    kind: str, zone: str | None, reader: Callable[..., Fingerprint], tmp_path: Path
) -> None:
    made = datagen.generate(
        document(), tmp_path / "out", format={"type": kind, "time_zone": zone}, partition_rows=800, overwrite=True
    )
    assert made["ledger"].schema.field("at").type == pa.timestamp("us", zone)
    expected = datagen.fingerprint(document())
    assert reader(made) == expected
    assert datagen.fingerprint(tmp_path / "out") == expected


def test_times_have_the_zone_of_the_format_where_a_table_is_empty(tmp_path: Path) -> None:
    empty = {"rows": {"type": "count", "count": 0}, "columns": {"none_id": {"type": "key"}}}
    made = {**document(), "tables": {**document()["tables"], "none": empty}}
    zoned = datagen.generate(made, tmp_path, format={"type": "jsonl", "time_zone": "UTC"})
    assert zoned["ledger"].schema.field("at").type == pa.timestamp("us", "UTC")


@pytest.mark.parametrize("kind", sorted(kind for kind, sink in Sink.members.items() if not sink.loads))
def test_equal_runs_have_equal_files(kind: str, tmp_path: Path) -> None:
    """But for metadata that names absolute addresses."""
    first, second = (datagen.generate(document(), tmp_path / one, format=kind) for one in ("a", "b"))
    texts = [
        {
            path.relative_to(made.folder): path.read_bytes()
            for path in made.folder.rglob("*")
            if path.is_file() and "metadata" not in path.parts
        }
        for made in (first, second)
    ]
    assert texts[0] == texts[1] and len(texts[0]) > 8


def test_decimals_are_exact_and_categories_dictionaries(tmp_path: Path) -> None:
    made = datagen.generate(document(), tmp_path / "out")
    types = {field.name: field.type for field in made["ledger"].schema}
    assert types["sum"] == pa.decimal128(14, 2) and types["due"] == pa.timestamp("us")
    assert types["kind"] == pa.dictionary(pa.int8(), pa.string()) and types["day"] == pa.date32()


def test_damaged_times_have_the_zone_too_and_are_taken_back(tmp_path: Path) -> None:
    faults = {"ledger": [{"type": "missing", "columns": ["due"], "rate": 0.2}]}
    made = datagen.generate({**document(), "faults": faults, "output": {"type": "csv", "time_zone": "UTC"}}, tmp_path)
    assert made["ledger"].schema.field("due").type == pa.timestamp("us", "UTC")
    assert made["ledger"].to_arrow()["due"].null_count > 50
    assert datagen.validate({**document(), "faults": faults}, tmp_path).passed
