"""AT TIME ZONE agrees with DuckDB in both directions, across gaps and folds; formats keep instants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import datagen
from datagen.columnar.block import CATEGORY, TIMESTAMP, Column, Type
from datagen.expressions import compile_expression
from datagen.interop.export import export
from datagen.time_units import DAY, HOUR, parse_instant

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
N = 4000


@pytest.fixture(scope="module")
def columns() -> dict[str, Column]:
    """Times every few hours of three years, with those around changes of clocks."""
    times = parse_instant("2022-01-01") + np.arange(N) * (3 * DAY * 365 // N)
    around = parse_instant("2024-03-31") + np.arange(400) * (HOUR // 8)
    times[:400], times[400:800] = around, around + (parse_instant("2024-10-27") - parse_instant("2024-03-31"))
    zones = Column(CATEGORY, (np.arange(N) % len(ZONES)).astype(np.int32), None, pa.array(ZONES))
    return {"t": Column(TIMESTAMP, times), "i": Column(Type("timestamp", zone="UTC"), times), "zone": zones}


@pytest.mark.parametrize("text", [
    "i AT TIME ZONE 'Europe/Berlin'", "t AT TIME ZONE 'Europe/Berlin'", "i AT TIME ZONE zone", "t AT TIME ZONE zone",
    "(t AT TIME ZONE 'Asia/Kolkata') AT TIME ZONE 'America/New_York'", "EXTRACT(HOUR FROM i AT TIME ZONE zone)",
    "DATE_TRUNC('day', i AT TIME ZONE zone)", "(i + INTERVAL 2 HOUR) AT TIME ZONE 'Europe/Berlin'",
    "COALESCE(i, i) AT TIME ZONE 'Europe/Berlin'", "CASE WHEN t > i THEN i ELSE i END AT TIME ZONE zone",
])  # fmt: skip
def test_it_is_what_duckdb_gives(text: str, columns: dict[str, Column]) -> None:
    compiled = compile_expression(text, {name: v.type for name, v in columns.items()}.get, list(columns))
    values = compiled.evaluate(N, columns.__getitem__)
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    times = pa.array(columns["t"].data).cast(pa.timestamp("us"))
    zones = columns["zone"].dictionary.take(pa.array(columns["zone"].data))
    table = pa.table({"t": times, "i": times.cast(pa.timestamp("us", "UTC")), "zone": zones, "row": range(N)})
    connection.register("r", table)
    sql = f"SELECT epoch_us(x) FROM (SELECT {text} AS x, row FROM r) ORDER BY row"
    if "EXTRACT" in text:
        sql = sql.replace("epoch_us(x)", "x")
    theirs = [row[0] for row in connection.execute(sql).fetchall()]
    assert values.data.tolist() == theirs


def shops(**sold: Any) -> dict[str, Any]:
    return {
        "datagen": 1,
        "name": "zoned",
        "window": {"start": "2024-01-01", "end": "2024-12-01"},
        "tables": {
            "sales": {
                "rows": {"type": "arrivals", "count": 300},
                "columns": {
                    "sold_at": {"type": "arrival_time", "zone": "Europe/Berlin", **sold},
                    "local": {"type": "expression", "expression": "sold_at AT TIME ZONE 'Europe/Berlin'"},
                    "back": {"type": "expression", "expression": "local AT TIME ZONE 'Europe/Berlin'"},
                },
            }
        },
    }


@pytest.mark.parametrize("name", ["parquet", "csv", "jsonl", "arrow"])
def test_every_format_keeps_instants(name: str, tmp_path: Path) -> None:
    datagen.generate({**shops(), "output": {"type": name}}, tmp_path / "out")
    report = datagen.validate(shops(), tmp_path / "out")
    assert report.passed, report.failed
    datagen.generate(shops(), tmp_path / "one")
    assert datagen.fingerprint(tmp_path / "out") == datagen.fingerprint(tmp_path / "one")
    schema = datagen.plan(shops()).tables["sales"].schema
    assert schema.field("sold_at").type == pa.timestamp("us", "Europe/Berlin")
    assert schema.field("local").type == pa.timestamp("us")


def test_ddl_says_with_time_zone() -> None:
    assert '"sold_at" TIMESTAMPTZ NOT NULL' in export(shops(), "ddl", dialect="postgres")
    assert '"local" TIMESTAMP NOT NULL' in export(shops(), "ddl", dialect="postgres")


def test_problems() -> None:
    (wrong,) = datagen.check(shops(zone="Europe/Berln"))
    assert "there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?" in str(wrong)
    document = shops()
    document["tables"]["sales"]["columns"]["n"] = {"type": "ordinal", "zone": "UTC"}
    document["tables"]["sales"]["columns"]["n"] = {"type": "normal", "mean": 1, "sd": 1, "zone": "UTC"}
    (wrong,) = datagen.check(document)
    assert "cells of type float have no time zone" in str(wrong)
    document = shops()
    document["tables"]["sales"]["columns"]["local"]["expression"] = "sold_at AT TIME ZONE 'Mars/Olympus'"
    assert any("there is no time zone 'Mars/Olympus'" in str(problem) for problem in datagen.check(document))
