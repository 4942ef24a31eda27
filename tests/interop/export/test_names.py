"""Names in any language reach every other tool as they are, in quotes where it needs them."""

from __future__ import annotations

import ast
from pathlib import Path

import duckdb
import pytest
import sqlglot
from ruamel.yaml import YAML

import datagen
from datagen.interop.export import export
from datagen.interop.export.sql import DIALECTS
from tests.test_names import NAMED


def test_databases_take_the_names_and_the_rows(tmp_path: Path) -> None:
    dataset = datagen.generate(NAMED, tmp_path)
    with duckdb.connect() as duck:
        duck.execute(export(NAMED, "ddl", dialect="duckdb"))
        for name in ("customers", "orders"):
            duck.execute(f"INSERT INTO \"{name}\" SELECT * FROM '{tmp_path}/{name}/*.parquet'")
            assert [row[0] for row in duck.execute(f'DESCRIBE "{name}"').fetchall()] == dataset.table(name).schema.names


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_the_names(dialect: str) -> None:
    statements = sqlglot.parse(export(NAMED, "ddl", dialect=dialect), read=dialect)
    assert sum(type(one).__name__ == "Create" for one in statements) == 2


def test_dbt_quotes_them() -> None:
    models = YAML(typ="safe").load(export(NAMED, "dbt"))["models"]
    quoted = {column["name"]: column.get("quote", False) for model in models for column in model["columns"]}
    assert quoted["Order ID"] and quoted["客户"] and quoted["2024"] and not quoted["am"]


def test_models_have_names_of_python_with_the_real_ones_as_aliases() -> None:
    module = ast.parse(export(NAMED, "pandera"))
    for model in (node for node in module.body if isinstance(node, ast.ClassDef)):
        fields = [node for node in model.body if isinstance(node, ast.AnnAssign)]
        attributes = [field.target.id for field in fields if isinstance(field.target, ast.Name)]
        aliases = [field.value.keywords[0].value.value for field in fields]  # type: ignore[union-attr]
        table = "customers" if "Customers" in model.name else "orders"
        assert aliases == list(NAMED["tables"][table]["columns"])
        assert len(set(attributes)) == len(aliases) and not any(name.startswith("_") for name in attributes)


def test_a_diagram_shows_names_without_spaces_and_says_them_beside() -> None:
    lines = export(NAMED, "mermaid").splitlines()
    assert '        int Order_ID PK "Order ID"' in lines
    assert any(line.strip().startswith("int _2024 ") for line in lines)
