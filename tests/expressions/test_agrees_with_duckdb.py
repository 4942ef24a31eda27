from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from datagen.expressions import compile_expression
from tests.expressions.sample import N, cells, sample, table

_LINES = Path(__file__).with_suffix(".sql").with_name("agrees_with_duckdb.sql").read_text().splitlines()
CASES = [line for line in _LINES if line and not line.startswith("--")]


@pytest.fixture(scope="module")
def duck() -> Any:
    connection = duckdb.connect(config={"threads": 1})
    connection.register("r", table())
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def columns() -> Any:
    return sample()


def alike(ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    if isinstance(theirs, datetime) and not isinstance(ours, datetime):
        midnight = datetime.min.time()
        return isinstance(ours, date) and datetime.combine(ours, midnight) == theirs
    if isinstance(ours, float) or isinstance(theirs, float):
        return float(ours) == pytest.approx(float(theirs), rel=1e-12, abs=1e-12)
    if isinstance(theirs, str | bool | timedelta | date | datetime):
        return type(ours) is type(theirs) and bool(ours == theirs)
    return Decimal(ours) == Decimal(theirs)


@pytest.mark.parametrize("text", CASES)
def test_an_expression_gives_what_duckdb_gives(text: str, duck: Any, columns: Any) -> None:
    compiled = compile_expression(text, {name: v.type for name, v in columns.items()}.get, list(columns))
    values = compiled.evaluate(N, columns.__getitem__)
    assert values.type == compiled.type
    theirs = [row[0] for row in duck.execute(f"SELECT {compiled.to_sql()} FROM r ORDER BY row").fetchall()]
    differ = [(a, b) for a, b in zip(cells(values), theirs, strict=True) if not alike(a, b)]
    assert not differ, differ[:3]


@pytest.mark.parametrize("text", CASES)
def test_cells_declared_never_missing_never_are(text: str, columns: Any) -> None:
    compiled = compile_expression(text, {name: v.type for name, v in columns.items()}.get, list(columns))
    if compiled.evaluate(N, columns.__getitem__).missing:
        assert compiled.nullable(lambda name: name.endswith("_n"))
