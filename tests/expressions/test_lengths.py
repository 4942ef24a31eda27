"""Texts that expressions make are bounded before they are made, charged to the plan, and refused where they are too
long.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datagen
from datagen.columnar.block import CATEGORY, FLOAT, INT, TEXT, Column, decimal
from datagen.columnar.text import strings
from datagen.errors import RunError
from datagen.expressions import compile_expression
from datagen.expressions.lengths import LONGEST_CELL
from tests.expressions.sample import cells
from tests.expressions.test_cases import CASES, table

TEXTS = ["", "a", "ab", "éß", "xx1xx", "ıÿſ", " pad ", "longer than the others 11"]
COLUMNS = {
    "t": Column(TEXT, pa.array(TEXTS)),
    "s": Column(CATEGORY, np.arange(8, dtype=np.int32) % 3, None, pa.array(["one", "ööö", "3"])),
    "i": Column(INT, np.array([0, -(2**63) + 1, 5, 7, 1, 2, 3, 2**62])),
    "m": Column(decimal(4), np.array([0, -(2**62), 5, 7, 1, 2, 3, 2**62])),
    "x": Column(FLOAT, np.array([0.1, -1.7e308, 5e-324, 1 / 3, 1, 2, 3, -1.2345678901234567e-300])),
}
LONGEST = {"t": 25, "s": 6}

ATOMS = ["t", "s", "'literal'", "CAST(i AS VARCHAR)", "CAST(m AS VARCHAR)", "CAST(x AS VARCHAR)"]
SHAPES = [
    "{a} || {b}",
    "CONCAT({a}, '-', {b})",
    "UPPER({a})",
    "LOWER({a})",
    "REPLACE({a}, '1', 'éé{k}')",
    "REPLACE({a}, 'xx', '')",
    "LPAD({a}, {k}, '€')",
    "RPAD({a}, {k}, '0')",
    "LEFT({a}, {k})",
    "RIGHT({a}, {k})",
    "SUBSTRING({a}, 2, {k})",
    "SUBSTRING({a}, {k})",
    "TRIM({a})",
    "CASE WHEN i > 0 THEN {a} ELSE {b} END",
    "COALESCE({a}, {b})",
    "NULLIF({a}, {b})",
    "GREATEST({a}, {b})",
    "CAST({a} AS VARCHAR)",
]
texts = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.builds(
        lambda shape, a, b, k: shape.replace("{a}", a).replace("{b}", b).replace("{k}", str(k)),
        st.sampled_from(SHAPES),
        inner,
        inner,
        st.integers(1, 9),
    ),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(texts)
def test_no_text_is_longer_than_its_bound(text: str) -> None:
    expression = compile_expression(text, {name: v.type for name, v in COLUMNS.items()}.get, list(COLUMNS))
    found = cells(expression.evaluate(8, COLUMNS.__getitem__))
    most = max((len(cell.encode()) for cell in found if cell is not None), default=0)
    assert most <= expression.longest(LONGEST.get) <= expression.widest(LONGEST.get)


def doubling(times: int, first: dict[str, Any]) -> dict[str, Any]:
    return {"c0": first, **{f"c{k}": f"c{k - 1} || c{k - 1}" for k in range(1, times + 1)}}


TEN = {"type": "pattern", "pattern": "##########"}
LONG = {"type": "choice", "values": ["a" * 300_000, "b"]}


@pytest.mark.parametrize(
    "columns, place",
    [
        (doubling(30, TEN), "c17"),
        ({"c": TEN, "r": f"REPLACE(c, '1', '{'x' * 900}')", "q": f"REPLACE(r, 'x', '{'y' * 900}')"}, "q"),
        ({"c": LONG, "d": "c || c || c || c"}, "d"),
        ({"c": LONG, "d": "LENGTH(c || c || c || c)"}, "d"),
        ({"c": LONG, "d": "CASE WHEN id > 3 THEN 'x' ELSE CONCAT(c, c, c, c) END"}, "d"),
        (
            {
                "c": LONG,
                "d": {
                    "type": "case",
                    "column": "id",
                    "cases": {"1": "x"},
                    "default": {"type": "expression", "expression": "c || c || c || c"},
                },
            },
            "d",
        ),
    ],
)
def test_texts_that_can_be_too_long_are_refused_once_with_their_column(columns: dict[str, Any], place: str) -> None:
    first = datagen.check(table(columns))[0]
    assert first.place.startswith(f"$.tables.t.columns.{place}"), first
    assert first.code == "too-large" and f"the limit is {LONGEST_CELL:,}" in first.message


def test_texts_of_other_kinds_are_bounded_as_well() -> None:
    chain = {f"c{i}": {"type": "template", "template": f"{{c{i - 1}}}{{c{i - 1}}}"} for i in range(1, 21)}
    many = {"type": "list", "of": TEN, "length": {"type": "uniform", "min": 1, "max": 100_000}}
    problems = datagen.check(table({"c0": TEN, **chain, "many": many}))
    assert [(problem.code, problem.keys[-1]) for problem in problems] == [("too-large", "c16"), ("too-large", "many")]


def test_the_chain_that_doubles_is_refused_by_the_plan() -> None:
    with pytest.raises(
        datagen.SchemaError, match=r"columns\.c17\.expression: a text of the expression can have 1,310,720 bytes"
    ):
        datagen.plan(CASES / "text-doubles.json")


def test_long_texts_make_small_blocks_and_are_charged() -> None:
    short, long = (datagen.plan(table(doubling(times, TEN), 100_000)) for times in (1, 10))
    assert short.families["t"].block == 100_000
    widths = sum(10 * 2**k for k in range(11))
    block = long.families["t"].block
    assert block * widths <= 500_000_000 < (block + 1) * (widths + 2 * 10 * 2**10)
    assert long.memory <= long.budget


def test_a_long_category_and_what_is_looked_up_are_charged() -> None:
    small, large = (
        datagen.plan(table({"c": {"type": "choice", "values": ["a" * size, "b"]}}, 1000)) for size in (60, 6000)
    )
    assert large.memory - small.memory >= 3 * 1000 * 5900
    document = table(
        {"p": {"type": "reference", "table": "u"}, "l": {"type": "lookup", "through": "p", "column": "c8"}}
    )
    document["tables"]["u"] = table(doubling(8, TEN), 1000)["tables"]["t"]
    assert datagen.plan(document).memory >= 1000 * 2560 * 2


def test_small_blocks_for_long_texts_change_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    document = table(doubling(5, TEN), 400)
    whole = datagen.fingerprint(document)
    monkeypatch.setattr("datagen.engine.planner.BLOCK_BYTES", 50_000)
    assert datagen.plan(document).families["t"].block < 100
    assert datagen.fingerprint(document) == whole


def test_memory_that_runs_out_is_one_error_with_its_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("datagen.expressions.compile.evaluate", exhausted)
    with pytest.raises(RunError, match=r"tables\.t\.columns\.e: not enough memory"):
        datagen.generate(table({"e": "id + 1"}), tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.parquet"))


def test_memory_that_runs_out_while_files_are_written_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_: Any) -> None:
        raise pa.lib.ArrowMemoryError

    monkeypatch.setattr("datagen.columnar.to_arrow.array", exhausted)
    with pytest.raises(RunError, match="not enough memory"):
        datagen.generate(table({"e": "id + 1"}), tmp_path / "out")


def test_texts_of_more_than_two_gigabytes_are_no_array() -> None:
    with pytest.raises(MemoryError):
        strings(np.zeros(1, np.uint8), np.array([0, 2**31]))
