"""Money is DECIMAL where the column says so: exact digits in the file, the same in DDL."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import datagen
from datagen.errors import ValueFault


def document(precision: int | None, /, **column: object) -> dict:
    amount = {"type": "uniform", "min": 0, "max": 999.99, "decimals": 2, "precision": precision, **column}
    columns = {"id": {"type": "key", "precision": 38}, "amount": amount}
    return {"datagen": 1, "name": "money", "tables": {"t": {"rows": 500, "columns": columns}}}


@pytest.mark.parametrize("precision", [5, 18, 38])
def test_the_file_holds_exact_decimals_of_the_declared_precision(tmp_path: Path, precision: int) -> None:
    datagen.generate(document(precision), tmp_path, workers=1)
    table = pq.read_table(next((tmp_path / "t").glob("*.parquet")))
    assert [str(field.type) for field in table.schema] == ["decimal128(38, 0)", f"decimal128({precision}, 2)"]
    cells = table["amount"].to_pylist()
    assert all(isinstance(cell, Decimal) and cell.as_tuple().exponent == -2 for cell in cells)
    plain = datagen.preview(document(None), rows=500)["t"]["amount"].to_pylist()
    assert [float(cell) for cell in cells] == plain
    assert datagen.validate(document(precision), tmp_path).passed


@pytest.mark.parametrize("law", [{}, {"type": "pareto", "minimum": 3, "alpha": 1.3, "min": None, "max": None}])
def test_more_digits_than_the_precision_are_a_problem_of_the_document(law: dict) -> None:
    (problem,) = datagen.check(document(4, **law))
    assert (problem.code, problem.keys[-1]) == ("range", "precision")
    assert not datagen.check(document(4, **{**law, "max": 99}))


def test_a_number_with_more_digits_fails_the_run_at_its_place(tmp_path: Path) -> None:
    outliers = {"type": "outliers", "share": 0.2, "factor": [50, 100]}
    with pytest.raises(ValueFault, match=r"\$\.tables\.t\.columns\.amount: .* more than 5 digits"):
        datagen.generate(document(5, modifiers=[outliers]), tmp_path, workers=1)


@pytest.mark.parametrize("column, code", [({"decimals": None}, "type"), ({"decimals": 3, "precision": 2}, "range")])
def test_a_precision_belongs_to_decimals_that_fit(column: dict, code: str) -> None:
    assert [(problem.code, problem.keys[-1]) for problem in datagen.check(document(5, **column))] == [
        (code, "precision")
    ]


def test_a_lookup_is_written_as_the_column_that_it_shows(tmp_path: Path) -> None:
    price = {"type": "lognormal", "median": 9, "sigma": 0.5, "max": 900, "decimals": 2, "precision": 8}
    shown = {"type": "lookup", "through": "product_id", "column": "price"}
    tables = {
        "products": {"rows": 30, "columns": {"product_id": {"type": "key"}, "price": price}},
        "lines": {
            "rows": 200,
            "columns": {
                "product_id": {"type": "reference", "table": "products"},
                "price": shown,
                "rounded": {**shown, "modifiers": [{"type": "round_to", "step": 0.5}]},
                "wide": {**shown, "precision": 20},
            },
        },
    }
    made = datagen.generate({"datagen": 1, "name": "prices", "tables": tables}, tmp_path / "out")["lines"]
    assert [str(made.schema.field(name).type) for name in ("price", "rounded", "wide")] == [
        "decimal128(8, 2)", "double", "decimal128(20, 2)",
    ]  # fmt: skip
