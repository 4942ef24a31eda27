"""Documents that gave wrong values or failed, with the values that are right."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
import pytest

import datagen

CASES = Path(__file__).parents[1] / "cases"


def table(columns: dict[str, Any], rows: int = 20, output: str = "parquet") -> dict[str, Any]:
    """A document of one table `t` with a key `id` and these columns; a text is an expression."""
    declared = {
        name: {"type": "expression", "expression": it} if isinstance(it, str) else it for name, it in columns.items()
    }
    columns = {"id": {"type": "key"}, **declared}
    return {"datagen": 1, "name": "case", "tables": {"t": {"rows": rows, "columns": columns}}, "output": output}


def made(document: Any, folder: Path) -> dict[str, list[Any]]:
    """The columns of the only table, generated and validated."""
    dataset = datagen.generate(document, folder, validate=True)
    assert dataset.report is not None and dataset.report.passed
    name = next(iter(dataset.tables))
    return dict(pyarrow.parquet.read_table(folder / name).to_pydict())


def test_products_of_decimals_are_exact(tmp_path: Path) -> None:
    cells = made(CASES / "decimal-product.yaml", tmp_path)
    for price, quantity, *products in zip(
        *(cells[name] for name in ("price", "quantity", "notional", "notional9")), strict=True
    ):
        assert products == [float(Decimal(str(price)) * quantity)] * 2
    assert cells["same"] == cells["price"]


MONEY = {
    "price": {"type": "uniform", "min": 0.01, "max": 99.99, "decimals": 2},
    "rate": {"type": "uniform", "min": 0.0001, "max": 0.9999, "decimals": 4},
    "tiny": {"type": "uniform", "min": 1e-9, "max": 9e-9, "decimals": 9},
}


def test_products_of_many_factors_keep_their_decimals(tmp_path: Path) -> None:
    cells = made(table({**MONEY, "fee": "price * rate * rate", "dust": "tiny * rate"}), tmp_path)
    exact = [
        {name: Decimal(repr(cell)) for name, cell in zip(MONEY, row, strict=True)}
        for row in zip(*(cells[n] for n in MONEY), strict=True)
    ]
    assert cells["fee"] == [float(row["price"] * row["rate"] * row["rate"]) for row in exact]
    assert cells["dust"] == pytest.approx([float(row["tiny"] * row["rate"]) for row in exact], rel=1e-15)


def test_the_column_rounds_a_product_half_away_from_zero(tmp_path: Path) -> None:
    half = {"type": "choice", "values": [0.5, -0.5, 1.5]}
    declared = {"type": "expression", "expression": "half * 0.01", "decimals": 2}
    cells = made(table({"half": half, "cent": declared}), tmp_path)
    assert {*zip(cells["half"], cells["cent"], strict=True)} == {(0.5, 0.01), (-0.5, -0.01), (1.5, 0.02)}


READERS = {
    "parquet": pyarrow.parquet.read_table,
    "csv": lambda path: pyarrow.csv.read_csv(next(path.glob("*.csv*"))),
    "jsonl": lambda path: pyarrow.json.read_json(next(path.glob("*.jsonl*"))),
}
OVERFLOWS = {
    "i": "1e308 * 10 * id",
    "j": "i - i",
    "k": "id / 0",
    "l": "CAST(id AS DOUBLE) * 1e308 * 2",
    "m": "l * 0",
    "n": "POWER(10, 400 * id)",
}


@pytest.mark.parametrize("output", READERS)
def test_an_overflow_is_missing_in_every_format(output: str, tmp_path: Path) -> None:
    document = table({**OVERFLOWS, "x": "1e300 * id"}, 3, output)
    dataset = datagen.generate(document, tmp_path, validate=True)
    assert dataset.report is not None and dataset.report.passed
    found = READERS[output](tmp_path / "t")
    assert found["x"].to_pylist() == [1e300, 2e300, 3e300]
    for name in {*OVERFLOWS} & {*found.column_names}:
        assert found[name].null_count == 3, name


def test_the_overflow_of_the_case_is_missing(tmp_path: Path) -> None:
    cells = made(CASES / "float-overflow.yaml", tmp_path)
    assert cells["i"] == cells["j"] == cells["e"] == [None] * 3


def test_a_step_below_the_precision_of_a_float_rounds_nothing_away(tmp_path: Path) -> None:
    rounded = {"type": "expression", "expression": "1.5e308", "modifiers": [{"type": "round_to", "step": 0.01}]}
    assert made(table({"x": rounded}), tmp_path)["x"] == [1.5e308] * 20


@pytest.mark.parametrize("output", READERS)
def test_times_outside_the_calendar_are_missing_and_read_back(output: str, tmp_path: Path) -> None:
    document = json.loads((CASES / "times-out-of-range-csv.json").read_text())
    dataset = datagen.generate({**document, "output": output}, tmp_path, validate=True)
    assert dataset.report is not None and dataset.report.passed
    found = READERS[output](tmp_path / "t")
    for name in {"m", "t", "b", "neg"} & {*found.column_names}:
        assert found[name].null_count == 20, name


@pytest.mark.parametrize("name", ["date-wraps", "time-beyond-9999"])
def test_times_that_are_computed_never_wrap(name: str, tmp_path: Path) -> None:
    assert made(CASES / f"{name}.json", tmp_path)["m"] == [None] * 20


def test_times_at_the_end_of_the_calendar_are_there_or_missing(tmp_path: Path) -> None:
    cells = made(
        table({"d": "DATE '9999-12-01' + id", "t": "TIMESTAMP '9999-12-31' + id * INTERVAL '2' HOUR"}, 40), tmp_path
    )
    assert [day is not None for day in cells["d"]] == [id_ <= 30 for id_ in cells["id"]]
    assert [at is not None for at in cells["t"]] == [id_ < 12 for id_ in cells["id"]]
