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


@pytest.mark.parametrize("distribution", [{}, {"type": "pareto", "minimum": 3, "alpha": 1.3, "min": None, "max": None}])
def test_more_digits_than_the_precision_are_a_problem_of_the_document(distribution: dict) -> None:
    (problem,) = datagen.check(document(4, **distribution))
    assert (problem.code, problem.keys[-1]) == ("range", "precision")
    assert not datagen.check(document(4, **{**distribution, "max": 99}))


NUMBER = {"type": "lognormal", "median": 5, "sigma": 0.3, "decimals": 2}
CASES = {
    "type": "case",
    "column": "kind",
    "cases": {"a": NUMBER, "b": 1234},
    "min": None,
    "max": None,
    "decimals": None,
}
LARGE = {
    "outliers": ({"modifiers": [{"type": "outliers", "share": 0.2, "factor": [-100, 1]}]}, 7),
    "a step": ({"modifiers": [{"type": "round_to", "step": 1}]}, 6),
    "endings": ({"modifiers": [{"type": "round_to", "endings": {"0.49": 1}, "unit": 100}]}, 6),
    "cases": (CASES, 6),
    "cases with outliers": ({**CASES, "modifiers": [{"type": "outliers", "share": 0.2, "factor": [50, 100]}]}, 8),
    "a trend": ({**NUMBER, "min": None, "max": None}, 6),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_makes_numbers_larger_counts(name: str) -> None:
    column, digits = LARGE[name]

    def written(precision: int) -> dict:
        column_ = {key: value for key, value in column.items() if value is not None}
        world = document(precision, **column_)
        for key in column.keys() - column_.keys():
            del world["tables"]["t"]["columns"]["amount"][key]
        world["window"] = {"start": "2024-01-01", "end": "2025-01-01"}
        world["tables"]["t"]["rows"] = {"type": "arrivals", "count": 100}
        world["tables"]["t"]["columns"]["kind"] = {"type": "choice", "values": ["a", "b"]}
        if name == "a trend":
            trend = {"type": "trend", "shape": "linear", "growth_per_year": 40, "of": "amount"}
            world["tables"]["t"]["behaviors"] = [trend]
        return world

    (problem,) = datagen.check(written(digits - 1))
    assert problem.keys[:4] == ("tables", "t", "columns", "amount")
    assert not datagen.check(written(digits))


def test_a_number_with_more_digits_fails_the_run_at_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `check` knows no bound."""
    monkeypatch.setattr("datagen.engine.cell_bounds.Bounds.extent", lambda *_: None)
    world = document(5)
    world["tables"]["sums"] = {
        "parent": "t",
        "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 3}},
        "columns": {
            "t_id": {"type": "parent_key"},
            "balance": {"type": "random_walk", "start": 900, "sd": 24, "decimals": 2, "precision": 5},
        },
    }
    assert not datagen.check(world)
    with pytest.raises(ValueFault, match=r"\$\.tables\.sums\.columns\.balance: .* \(row .* more than 5 digits"):
        datagen.generate(world, tmp_path, workers=1)


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


def test_a_column_that_copies_another_is_written_as_that_one(tmp_path: Path) -> None:
    price = {"type": "lognormal", "median": 9, "sigma": 0.5, "max": 900, "decimals": 2, "precision": 8}
    of_lines = {"table": "lines", "expression": "price"}
    orders = {
        "order_id": {"type": "key", "precision": 20},
        "first": {"type": "first_of", **of_lines},
        "most": {"type": "max_of", **of_lines},
        "doubled": {"type": "max_of", "table": "lines", "expression": "2 * price"},
        "copy": {"type": "expression", "expression": "most"},
    }
    lines = {
        "order_id": {"type": "parent_key"},
        "earlier": {"type": "reference", "table": "orders", "null_share": 0.1},
        "price": price,
        "same": {"type": "expression", "expression": "price"},
        "net": {"type": "expression", "expression": "price / 1.19", "decimals": 2},
    }
    document = {
        "datagen": 1,
        "name": "copies",
        "tables": {
            "orders": {"rows": 60, "columns": orders},
            "lines": {"parent": "orders", "rows": {"type": "per_parent", "count": 3}, "columns": lines},
        },
    }
    made = datagen.generate(document, tmp_path / "out", workers=1)
    types = {table: {f.name: str(f.type) for f in made[table].schema} for table in document["tables"]}
    key, exact, plain = "decimal128(20, 0)", "decimal128(8, 2)", "double"
    assert types["orders"] == {"order_id": key, "first": exact, "most": exact, "doubled": plain, "copy": exact}
    assert types["lines"] == {"order_id": key, "earlier": key, "price": exact, "same": exact, "net": plain}
    assert datagen.validate(document, tmp_path / "out").passed


def test_a_precision_within_a_column_has_no_effect() -> None:
    part = {"type": "uniform", "min": 1, "max": 9, "decimals": 2, "precision": 4}
    whole = {"type": "case", "column": "sort", "cases": {"a": part}, "default": 1.5}
    columns = {"id": {"type": "key"}, "sort": {"type": "choice", "values": ["a", "b"]}, "price": whole}
    (problem,) = datagen.check({"datagen": 1, "name": "parts", "tables": {"t": {"rows": 5, "columns": columns}}})
    assert (problem.code, problem.keys[-2:]) == ("no-effect", ("a", "precision"))
