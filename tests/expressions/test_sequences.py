"""Functions use the rows of a parent give what DuckDB gives with PARTITION BY the parent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datagen
from datagen.columnar.block import CATEGORY, DATE, FLOAT, INT, TEXT, Block, Column, Rows, decimal
from datagen.errors import ExpressionError, RunError
from datagen.expressions import compile_expression, numbers_rows
from tests.expressions.sample import cells
from tests.expressions.test_agrees_with_duckdb import alike

RANDOM = np.random.default_rng(3)
COUNTS = np.concatenate([[0, 1, 40], RANDOM.integers(0, 9, 60), [1, 0]])
N = int(COUNTS.sum())
VALID = RANDOM.random(N) > 0.3
COLUMNS = {
    "i": Column(INT, RANDOM.integers(-9, 9, N)),
    "i_n": Column(INT, RANDOM.integers(-9, 9, N), VALID),
    "m": Column(decimal(2), RANDOM.integers(-999, 999, N)),
    "m_n": Column(decimal(2), RANDOM.integers(-999, 999, N), RANDOM.random(N) > 0.5),
    "x": Column(FLOAT, np.round(RANDOM.normal(0, 1, N), 1)),
    "x_n": Column(FLOAT, np.round(RANDOM.normal(0, 1, N), 1), VALID),
    "s": Column(CATEGORY, RANDOM.integers(0, 3, N).astype(np.int32), None, pa.array(["b", "a", "é"])),
    "s_n": Column(CATEGORY, RANDOM.integers(0, 3, N).astype(np.int32), VALID, pa.array(["b", "a", "é"])),
    "t": Column(TEXT, pa.array([f"{'zyx'[k % 3]}{k % 7}" for k in range(N)])),
    "d": Column(DATE, RANDOM.integers(0, 400, N)),
    "d_n": Column(DATE, RANDOM.integers(0, 5, N), VALID),
}
TYPES = {name: values.type for name, values in COLUMNS.items()}
ROWS = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
ALL = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"

CALLS = [
    "LAG(i)",
    "LAG(i_n, 2)",
    "LAG(s, 1)",
    "LAG(t)",
    "LAG(m, 1, 0)",
    "LAG(i, 1, i_n)",
    "LAG(s_n, 1, 'none')",
    "LAG(d, 0)",
    "LAG(i, 30)",
    "LEAD(x)",
    "LEAD(d_n, 3)",
    "LEAD(t, 1, s)",
    "LEAD(i * 2 + 1)",
    "ROW_NUMBER()",
    "SUM(i)",
    "SUM(i_n)",
    "SUM(m_n * i)",
    "SUM(-m)",
    "COUNT(*)",
    "COUNT(i_n)",
    "COUNT(s_n)",
    "MIN(i)",
    "MIN(i_n)",
    "MAX(x_n)",
    "MAX(t)",
    "MIN(s_n)",
    "MAX(s)",
    "MIN(d_n)",
    "MAX(m_n)",
    "AVG(i)",
    "AVG(m_n)",
    "FIRST_VALUE(i_n)",
    "FIRST_VALUE(s)",
    "LAST_VALUE(d)",
    "LAST_VALUE(x_n)",
    "SUM(CASE WHEN i > 0 THEN 1 ELSE 0 END)",
    "MAX(i + 1)",
]
ORDERS = [
    "",
    "ORDER BY d",
    "ORDER BY d_n DESC",
    "ORDER BY s_n",
    "ORDER BY t DESC",
    "ORDER BY x_n, i DESC",
    "ORDER BY i",
]
AROUND = [
    "i - LAG(i) OVER ({})",
    "CASE WHEN i > 0 THEN COUNT(*) OVER ({}) ELSE -1 END",
    "COALESCE(LAG(s_n) OVER ({}), 'first') || s",
    "SUM(i) OVER ({}) + ROW_NUMBER() OVER ({}) * 2",
    "IF(MAX(i) OVER ({}) = i, 'top', s)",
]


@pytest.fixture(scope="module")
def duck() -> Any:
    connection = duckdb.connect(config={"threads": 1})
    types = {"int": pa.int64(), "float": pa.float64(), "date": pa.date32()}
    arrow = {
        name: pa.array(
            cells(v),
            pa.decimal128(18, v.type.scale) if v.type.name == "decimal" else types.get(v.type.name, pa.string()),
        )
        for name, v in COLUMNS.items()
    }
    parent = np.repeat(np.arange(len(COUNTS)), COUNTS)
    connection.register("r", pa.table({"row": pa.array(range(N)), "parent": pa.array(parent), **arrow}))
    yield connection
    connection.close()


def theirs(text: str) -> str:
    """The same in DuckDB's words: the parent, the order of the rows, and the rows up to this one."""
    for order in ["", *ORDERS]:
        frame = ALL if "LAST_VALUE" in text or "FIRST_VALUE" in text else ROWS
        more = f"{order}, row" if order else "ORDER BY row"
        text = text.replace(f"OVER ({order})", f"OVER (PARTITION BY parent {more} {frame})")
    return text


def ours(text: str) -> Column:
    expression = compile_expression(text, TYPES.get, list(COLUMNS))
    values = expression.evaluate(N, COLUMNS.__getitem__, COUNTS)
    assert values.type == expression.type
    if values.missing:
        assert expression.nullable(lambda name: name.endswith("_n"))
    return values


@pytest.mark.parametrize("order", ORDERS)
def test_every_function_agrees_with_duckdb_in_every_order(order: str, duck: Any) -> None:
    for text in [f"{call} OVER ({order})" for call in CALLS] + [around.replace("{}", order) for around in AROUND]:
        found = [row[0] for row in duck.execute(f"SELECT {theirs(text)} FROM r ORDER BY row").fetchall()]
        differ = [pair for pair in zip(cells(ours(text)), found, strict=True) if not alike(*pair)]
        assert not differ, (text, differ[:3])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(-(2**61), 2**61), max_size=8), min_size=1, max_size=6))
def test_running_sums_are_exact_to_64_bits_or_refused(parents: list[list[int]]) -> None:
    numbers = np.array([number for below in parents for number in below], np.int64)
    counts = np.array([len(below) for below in parents])
    truth = [sum(below[: k + 1]) for below in parents for k in range(len(below))]
    expression = compile_expression("SUM(i) OVER ()", {"i": INT}.get, ["i"])
    column = {"i": Column(INT, numbers)}
    if all(-(2**63) <= total < 2**63 for total in truth):
        assert expression.evaluate(len(numbers), column.__getitem__, counts).data.tolist() == truth
    else:
        with pytest.raises(RunError, match="a running sum does not fit"):
            expression.evaluate(len(numbers), column.__getitem__, counts)


def test_a_running_sum_that_does_not_fit_is_named() -> None:
    counts = np.array([2, 3])
    columns = {"i": Column(INT, np.array([1, 2, 2**62, 2**62, 0]))}
    block = Block("lines", 10, np.arange(5, dtype=np.uint64), None, None, counts, columns=columns)
    expression = compile_expression("SUM(i) OVER ()", {"i": INT}.get, ["i"])
    with pytest.raises(RunError, match=r"row 13 \(counted from 0\) of 'lines'"):
        expression(Rows(block))


@pytest.mark.parametrize(
    "text", ["SUM(i) OVER (ORDER BY d)", "LAG(t) OVER () || s", "CASE WHEN i > 0 THEN LAG(i) OVER () END"]
)
def test_some_rows_have_what_they_have_among_all(text: str) -> None:
    block = Block("r", 0, np.arange(N, dtype=np.uint64), None, None, COUNTS, columns=dict(COLUMNS))
    expression = compile_expression(text, TYPES.get, list(COLUMNS))
    at = np.array([N - 1, 5, 5, 17])
    assert cells(expression(Rows(block, at))) == [cells(expression(Rows(block)))[k] for k in at]


@pytest.mark.parametrize(
    "text, words",
    [
        ("SUM(i)", "SUM without OVER"),
        ("LAG(i)", "LAG without OVER"),
        ("COUNT(*)", "COUNT without OVER"),
        ("RANK() OVER ()", "RANK does not support OVER"),
        ("SUM(x) OVER ()", "a running SUM of floats"),
        ("AVG(x) OVER (ORDER BY i)", "a running AVG of floats"),
        ("SUM(s) OVER ()", "SUM needs numbers"),
        ("SUM(i) OVER (PARTITION BY s)", "PARTITION BY is not allowed"),
        ("SUM(i) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", "a frame"),
        ("LAG(i) OVER (ORDER BY i + 1)", "ORDER BY takes columns"),
        ("LAG(i) OVER (ORDER BY d NULLS FIRST)", "NULLS FIRST"),
        ("LAG(i, -1) OVER ()", "the number of rows in LAG"),
        ("LAG(i, j) OVER ()", "there is no column 'j'"),
        ("LAG(i, 1, s) OVER ()", "mixes"),
        ("SUM(LAG(i) OVER ()) OVER ()", "cannot be nested in another"),
        ("SUM(DISTINCT i) OVER ()", "DISTINCT"),
        ("LAG() OVER ()", "something is missing"),
        ("LAG(i IGNORE NULLS) OVER ()", "does not support OVER"),
        ("SUM(i) FILTER (WHERE i > 0) OVER ()", "does not support OVER"),
        ("MAX(NULL) OVER ()", "of NULL"),
        ("SUM(i) OVER w", "OVER with a name"),
    ],
)
def test_what_cannot_be_looked_along_is_refused(text: str, words: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text, TYPES.get, list(COLUMNS))
    assert words in raised.value.message


@pytest.mark.parametrize(
    "text, expected",
    [
        ("ROW_NUMBER() OVER ()", True),
        ("ROW_NUMBER() OVER (ORDER BY d DESC) * 1", False),
        ("ROW_NUMBER() OVER () - 1", True),
        ("10 + ROW_NUMBER() OVER ()", True),
        ("COUNT(*) OVER ()", False),
        ("i", False),
        ("ROW_NUMBER() OVER () - i", False),
    ],
)
def test_what_numbers_the_rows_of_a_parent_is_known(text: str, expected: bool) -> None:
    assert numbers_rows(text) is expected


def accounts(**columns: str) -> dict[str, Any]:
    """Accounts with entries, and these expressions over the entries."""
    return {
        "datagen": 1,
        "name": "ledger",
        "seed": 5,
        "window": {"start": "2024-01-01", "end": "2024-07-01"},
        "tables": {
            "accounts": {
                "rows": {"type": "arrivals", "count": 60},
                "columns": {"account_id": {"type": "key"}, "opened_at": {"type": "arrival_time"}},
            },
            "entries": {
                "parent": "accounts",
                "rows": {"type": "events", "mean_per_month": 4},
                "columns": {
                    "entry_id": {"type": "key"},
                    "account_id": {"type": "parent_key"},
                    "at": {"type": "event_time"},
                    "kind": {"type": "choice", "values": {"deposit": 2, "withdrawal": 1}},
                    "amount": {"type": "lognormal", "median": 50, "sigma": 1, "decimals": 2},
                    **{name: {"type": "expression", "expression": text} for name, text in columns.items()},
                },
            },
        },
    }


BALANCE = "SUM(CASE WHEN kind = 'deposit' THEN amount ELSE -amount END) OVER (ORDER BY at)"
COLUMNS_OF = {
    "line": "ROW_NUMBER() OVER ()",
    "balance": BALANCE,
    "since": "at - LAG(at) OVER ()",
    "first_kind": "FIRST(kind) OVER ()",
}


@pytest.mark.parametrize("rows", [50, 1_000_000])
def test_balances_are_the_same_in_any_partition_and_validate(rows: int, tmp_path: Path) -> None:
    dataset = datagen.generate(accounts(**COLUMNS_OF), tmp_path, partition_rows=rows, validate=True)
    assert dataset.report is not None and dataset.report.passed
    entries = str(tmp_path / "entries" / "*.parquet")
    wrong = duckdb.sql(f"""SELECT count(*) FROM (SELECT *, row_number() OVER w AS n, lag("at") OVER w AS before,
        sum(if(kind = 'deposit', amount, -amount)) OVER w AS total, first_value(kind) OVER w AS f
        FROM '{entries}' WINDOW w AS (PARTITION BY account_id ORDER BY "at", entry_id))
        WHERE line <> n OR abs(balance - total) > 1e-6 OR since IS DISTINCT FROM epoch_us("at") - epoch_us(before)
            OR first_kind <> f""").fetchall()[0]
    assert wrong == (0,)


def test_partitions_change_no_cell_along_the_rows() -> None:
    document = accounts(**COLUMNS_OF)
    assert datagen.fingerprint(document, partition_rows=50) == datagen.fingerprint(document)


def test_a_column_along_the_rows_is_looked_up_from_another_family(tmp_path: Path) -> None:
    document = accounts(**COLUMNS_OF)
    document["tables"]["disputes"] = {
        "rows": 40,
        "columns": {
            "dispute_id": {"type": "key"},
            "entry_id": {"type": "reference", "table": "entries"},
            "balance": {"type": "lookup", "through": "entry_id", "column": "balance"},
        },
    }
    dataset = datagen.generate(document, tmp_path, validate=True)
    assert dataset.report is not None and dataset.report.passed
    found = duckdb.sql(f"""SELECT count(*), sum(d.balance <> e.balance) FROM '{tmp_path}/disputes/*.parquet' d
        JOIN '{tmp_path}/entries/*.parquet' e USING (entry_id)""").fetchall()[0]
    assert found == (40, 0)


def test_a_table_without_a_parent_has_no_row_order() -> None:
    document = {
        "datagen": 1,
        "name": "flat",
        "tables": {
            "t": {
                "rows": 5,
                "columns": {"id": {"type": "key"}, "n": {"type": "expression", "expression": "ROW_NUMBER() OVER ()"}},
            }
        },
    }
    (problem,) = datagen.check(document)
    assert problem.place == "$.tables.t.columns.n.expression"
    assert "'t' has no parent" in problem.message and "type key" in problem.hint


def test_sums_below_and_ancestors_see_columns_along_the_rows(tmp_path: Path) -> None:
    document = accounts(line="ROW_NUMBER() OVER ()", late="at - FIRST(at) OVER () > at - accounts.opened_at")
    document["tables"]["accounts"]["columns"]["firsts"] = {"type": "count_of", "table": "entries", "filter": "line = 1"}
    document["tables"]["accounts"]["columns"]["lines"] = {
        "type": "sum_of",
        "table": "entries",
        "expression": "LAG(line, 1, 0) OVER ()",
    }
    dataset = datagen.generate(document, tmp_path, validate=True)
    assert dataset.report is not None and dataset.report.passed
    found = duckdb.sql(
        f"SELECT max(firsts), bool_and(lines >= 0), sum(lines) FROM '{tmp_path}/accounts/*.parquet'"
    ).fetchall()[0]
    n = duckdb.sql(f"SELECT sum(line - 1) FROM '{tmp_path}/entries/*.parquet'").fetchall()[0]
    assert found == (1, True, n[0])


@pytest.mark.parametrize("line, accepted", [("ROW_NUMBER() OVER (ORDER BY at)", True), ("COUNT(kind) OVER ()", False)])
def test_a_key_of_parent_and_row_number_is_unique(line: str, accepted: bool, tmp_path: Path) -> None:
    document = accounts(line=line)
    entries = document["tables"]["entries"]
    del entries["columns"]["entry_id"]
    entries["primary_key"] = ["account_id", "line"]
    problems = datagen.check(document)
    assert accepted == (not problems)
    if accepted:
        dataset = datagen.generate(document, tmp_path, validate=True)
        assert dataset.report is not None and dataset.report.passed
