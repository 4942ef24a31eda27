"""Popularity among rows that exist by then is recovered, and what breaks it is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datagen

WINDOW = {"start": "2023-01-01", "end": "2025-01-01"}


def sold(exponent: float, **others: Any) -> dict[str, Any]:
    product = {
        "type": "reference", "table": "products", "existing_at": "sold_at",
        "popularity": {"type": "zipf", "exponent": exponent},
    }  # fmt: skip
    return {
        "datagen": 1,
        "name": "sold",
        "window": WINDOW,
        "tables": {
            "products": {
                "rows": {"type": "arrivals", "count": 80, "before_window": 0.4},
                "columns": {"product_id": {"type": "key"}, "launched_at": {"type": "arrival_time"}},
            },
            "sales": {
                "rows": {"type": "arrivals", "count": 20_000},
                "columns": {
                    "sale_id": {"type": "key"},
                    "sold_at": {"type": "arrival_time"},
                    "product_id": product | others,
                },
            },
        },
    }


def found(document: dict[str, Any], out: Path, change: Callable[[pa.Table], np.ndarray] | None = None) -> Any:
    """The report of a dataset whose product of each sale was changed."""
    datagen.generate(document, out)
    for path in sorted((out / "sales").glob("*.parquet")) if change else ():
        table = pq.read_table(path)
        assert change is not None
        column = pa.array(change(table), table.schema.field("product_id").type)
        pq.write_table(
            table.set_column(table.schema.get_field_index("product_id"), table.schema.field("product_id"), column), path
        )
    return datagen.validate(document, out, hashes=False)


def exponent(report: Any) -> Any:
    (one,) = (finding for finding in report.findings if finding.measure == "PopularityRecovery")
    return one


@pytest.mark.parametrize("planted", [0.4, 1.0, 1.6])
def test_the_exponent_is_recovered_among_those_that_exist(tmp_path: Path, planted: float) -> None:
    one = exponent(found(sold(planted), tmp_path / "out"))
    assert one.verdict == "recovered"
    assert abs(one.z) < 4


def test_best_sellers_that_change_are_named(tmp_path: Path) -> None:
    """In the second half, other products among the old ones are the popular ones."""

    def change(table: pa.Table) -> np.ndarray:
        keys = table["product_id"].to_numpy()
        late = np.arange(len(keys)) > len(keys) // 2
        return np.where(late & (keys <= 32), 33 - keys, keys)

    assert exponent(found(sold(1.0), tmp_path / "out", change)).verdict == "not recovered"


def test_a_row_that_did_not_exist_then_is_named(tmp_path: Path) -> None:
    def change(table: pa.Table) -> np.ndarray:
        keys = table["product_id"].to_numpy().copy()
        keys[5] = 80
        return keys

    report = found(sold(1.0), tmp_path / "out", change)
    assert [f.measure for f in report.failed] == ["TemporalOrder"]
