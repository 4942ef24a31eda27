"""What a manifest of dbt or a data contract declares is in the document: types, keys, references, nulls, categories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.errors import DataError
from datagen.interop.infer import Inferred, infer


def model(name: str, kind: str = "model", **types: str | None) -> dict[str, Any]:
    columns = {column: {"name": column, "data_type": written} for column, written in types.items()}
    return {"name": name, "resource_type": kind, "columns": columns, "config": {}}


def asserted(kind: str, at: str, column: str, *others: str, where: str | None = None, **asked: Any) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "test_metadata": {"name": kind, "kwargs": {"column_name": column, **asked}},
        "column_name": column,
        "attached_node": at,
        "depends_on": {"nodes": [*others, at]},
        "config": {"where": where},
    }


def manifest() -> dict[str, Any]:
    customers, orders = "model.shop.customers", "model.shop.orders"
    tests = [
        asserted("unique", customers, "customer_id"),
        asserted("not_null", customers, "customer_id"),
        asserted("unique", customers, "email"),
        asserted("not_null", customers, "email"),
        asserted("accepted_values", customers, "level", values=[1, 2, 3], quote=False),
        asserted("unique", orders, "order_id"),
        asserted("not_null", orders, "order_id"),
        asserted("not_null", orders, "customer_id"),
        asserted("not_null", orders, "note", where="status = 'paid'"),
        asserted("accepted_values", orders, "status", values=["paid", "open"]),
        asserted("relationships", orders, "customer_id", customers, to="ref('customers')", field="customer_id"),
        asserted("relationships", orders, "country", "seed.shop.countries", to="ref('countries')", field="code"),
    ]
    countries = model("countries", "seed", code="varchar(2)", label="text")
    countries["columns"]["code"]["constraints"] = [{"type": "primary_key"}]
    nodes = {
        customers: model("customers", customer_id="NUMBER(38,0)", email="TEXT", level="INTEGER", extra="VARIANT"),
        orders: model(
            "orders", order_id="int", customer_id="int", country=None, status=None, paid_at=None, note="text"
        ),
        "seed.shop.countries": countries,
        "model.shop.bare": model("bare"),
    }
    raw = {"source.shop.raw.orders": {**model("orders", "source", id="bigint"), "source_name": "raw"}}
    return {"nodes": nodes | {f"test.{at}": test for at, test in enumerate(tests)}, "sources": raw}


def inferred(data: Any, path: Path) -> Inferred:
    path.write_text(json.dumps(data))
    made = infer(path)
    assert made.problems == ()
    datagen.preview(made.document, rows=2)
    return made


def test_a_manifest_of_dbt(tmp_path: Path) -> None:
    made = inferred(manifest(), tmp_path / "manifest.json")
    tables = made.document["tables"]
    assert set(tables) == {"customers", "model_orders", "countries", "raw_orders"}
    customers, orders = tables["customers"]["columns"], tables["model_orders"]
    assert customers["customer_id"] == {"type": "key"}
    assert customers["email"] == {"type": "email", "unique": True}
    assert customers["level"]["values"] == [1, 2, 3] and customers["level"]["modifiers"]
    assert tables["customers"]["rows"] == 1000
    assert orders["parent"] == "customers"
    assert orders["columns"]["country"]["table"] == "countries"
    assert orders["columns"]["status"]["values"] == ["paid", "open"]
    assert orders["columns"]["paid_at"]["min"] == "2023-01-01"
    assert orders["columns"]["note"]["modifiers"], "a test of some rows says nothing of the others"
    told = "\n".join(made.notes)
    assert "no numbers of rows: 1,000 per table" in told
    assert "bare: has no columns" in told
    assert "customers.extra: a column of type VARIANT is left out" in told
    assert "no type of country, status, paid_at" in told


def test_tests_of_earlier_versions_name_their_model_in_jinja(tmp_path: Path) -> None:
    data = manifest()
    for node in data["nodes"].values():
        at = node.pop("attached_node", None)
        if at is not None:
            node["test_metadata"]["kwargs"]["model"] = f"{{{{ get_where_subquery(ref('{at.split('.')[-1]}')) }}}}"
    one = inferred(data, tmp_path / "manifest.json")
    assert one.document == inferred(manifest(), tmp_path / "manifest.json").document


@pytest.mark.parametrize(
    "key",
    [
        {"to": '"db"."shop"."customers"', "to_columns": ["customer_id"]},
        {"to": "ref('customers')", "to_columns": ["customer_id"]},
        {"expression": 'references "shop"."customers" ("customer_id")'},
    ],
)
def test_a_foreign_key_of_a_contract_of_dbt(key: dict[str, Any], tmp_path: Path) -> None:
    data = manifest()
    column = data["nodes"]["model.shop.orders"]["columns"]["note"]
    column |= {"data_type": "int", "constraints": [{"type": "foreign_key", **key}]}
    found = inferred(data, tmp_path / "manifest.json").document["tables"]["model_orders"]["columns"]["note"]
    assert found == {"type": "reference", "table": "customers", "null_share": 0.05}


CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop
schema:
  - name: customers
    id: customers_object
    properties:
      - {name: customer_id, id: key_of_customers, logicalType: integer, primaryKey: true}
      - {name: email, logicalType: string, required: true, unique: true}
      - {name: score, logicalType: number, physicalType: INT, required: true}
      - {name: address, logicalType: object}
      - name: level
        logicalType: string
        quality:
          - {metric: nullValues, mustBe: 0}
          - {metric: invalidValues, arguments: {validValues: [gold, silver]}, mustBe: 0}
  - name: orders
    properties:
      - {name: order_id, logicalType: string, required: true, quality: [{rule: duplicateCount, mustBe: 0}]}
      - name: customer_id
        logicalType: integer
        required: true
        relationships: [{to: customers.customer_id}]
      - {name: referred_by, logicalType: integer}
      - {name: ordered_at, logicalType: date, physicalType: timestamp, required: true}
    relationships:
      - {from: orders.referred_by, to: /schema/customers_object/properties/key_of_customers}
      - {from: [orders.a, orders.b], to: [customers.a, customers.b]}
"""


def test_a_data_contract(tmp_path: Path) -> None:
    (tmp_path / "shop.odcs.yaml").write_text(CONTRACT)
    made = infer(tmp_path / "shop.odcs.yaml")
    assert made.problems == ()
    datagen.preview(made.document, rows=2)
    customers, orders = (made.document["tables"][name]["columns"] for name in ("customers", "orders"))
    assert customers["customer_id"] == {"type": "key"}
    assert customers["email"] == {"type": "email", "unique": True}
    assert customers["score"]["decimals"] == 0
    assert customers["level"] == {"type": "choice", "values": ["gold", "silver"]}
    assert made.document["tables"]["orders"]["primary_key"] == ["order_id"]
    assert made.document["tables"]["orders"]["parent"] == "customers"
    assert orders["referred_by"] == {"type": "reference", "table": "customers", "null_share": 0.05}
    assert orders["ordered_at"] == {"type": "uniform", "min": "2023-01-01", "max": "2024-12-31"}
    told = "\n".join(made.notes)
    assert "customers.address: a column of type object is left out" in told
    assert "a relationship of several columns" in told and "no numbers of rows" in told


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.json", '{"datagen": 1}', "neither a manifest"),
        ("a.json", "{", "cannot read"),
        ("a.yaml", "a: [", "cannot read"),
        ("a.json", '{"nodes": {"a": 1}, "sources": {}}', "unexpected structure"),
        ("a.yaml", "{kind: DataContract, apiVersion: v2.2.2}", "apiVersion 'v2.2.2'"),
        ("a.yaml", "{kind: DataContract, apiVersion: v3.0.2}", "no tables"),
    ],
)
def test_other_documents_are_reported(name: str, text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=told):
        infer(tmp_path / name)
