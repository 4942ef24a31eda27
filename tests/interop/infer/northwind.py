"""A database shaped like Northwind: text keys, composite keys, references that are not called like their table."""

from __future__ import annotations

from typing import Any

NORTHWIND_DDL = """
CREATE TABLE region (region_id SMALLINT PRIMARY KEY, region_description VARCHAR(60) NOT NULL);
CREATE TABLE territories (territory_id VARCHAR(20) PRIMARY KEY, territory_description VARCHAR(60) NOT NULL,
    region_id SMALLINT NOT NULL REFERENCES region);
CREATE TABLE categories (category_id SMALLINT PRIMARY KEY, category_name VARCHAR(15) NOT NULL, description TEXT,
    picture BYTEA);
CREATE TABLE suppliers (supplier_id SMALLINT PRIMARY KEY, company_name VARCHAR(60) NOT NULL, country VARCHAR(15));
CREATE TABLE shippers (shipper_id SMALLINT PRIMARY KEY, company_name VARCHAR(60) NOT NULL, phone VARCHAR(24));
CREATE TABLE products (product_id INTEGER PRIMARY KEY, product_name VARCHAR(60) NOT NULL,
    supplier_id SMALLINT REFERENCES suppliers, category_id SMALLINT REFERENCES categories, unit_price REAL,
    discontinued BOOLEAN NOT NULL);
CREATE TABLE employees (employee_id INTEGER PRIMARY KEY, last_name VARCHAR(40) NOT NULL, first_name VARCHAR(40)
    NOT NULL, birth_date DATE, reports_to INTEGER REFERENCES employees);
CREATE TABLE employee_territories (employee_id INTEGER REFERENCES employees, territory_id VARCHAR(20) REFERENCES
    territories, PRIMARY KEY (employee_id, territory_id));
CREATE TABLE customers (customer_id CHAR(5) PRIMARY KEY, company_name VARCHAR(60) NOT NULL, contact_name VARCHAR(60),
    city VARCHAR(40), country VARCHAR(15));
CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id CHAR(5) NOT NULL REFERENCES customers, employee_id
    INTEGER REFERENCES employees, order_date DATE NOT NULL, shipped_date DATE, ship_via SMALLINT REFERENCES shippers,
    freight NUMERIC(10, 2));
CREATE TABLE order_details (order_id INTEGER NOT NULL REFERENCES orders, product_id INTEGER NOT NULL REFERENCES
    products, unit_price REAL NOT NULL, quantity SMALLINT NOT NULL, discount REAL NOT NULL,
    PRIMARY KEY (order_id, product_id));
"""
NORTHWIND_KEYS = {
    ("territories", "region_id", "region"),
    ("products", "supplier_id", "suppliers"),
    ("products", "category_id", "categories"),
    ("employees", "reports_to", "employees"),
    ("employee_territories", "employee_id", "employees"),
    ("employee_territories", "territory_id", "territories"),
    ("orders", "customer_id", "customers"),
    ("orders", "employee_id", "employees"),
    ("orders", "ship_via", "shippers"),
    ("order_details", "order_id", "orders"),
    ("order_details", "product_id", "products"),
}


def _text(pattern: str, **more: Any) -> dict[str, Any]:
    return {"type": "pattern", "pattern": pattern, **more}


NORTHWIND: dict[str, Any] = {
    "datagen": 1,
    "name": "northwind",
    "seed": 8,
    "window": {"start": "2022-01-01", "end": "2024-01-01"},
    "tables": {
        "region": {"rows": 4, "columns": {"region_id": {"type": "key"}, "region_description": _text("???????")}},
        "territories": {
            "rows": 60,
            "columns": {
                "territory_id": _text("#####", unique=True),
                "territory_description": _text("????????"),
                "region_id": {"type": "reference", "table": "region"},
            },
        },
        "categories": {
            "rows": 8,
            "columns": {
                "category_id": {"type": "key"},
                "category_name": _text("??????"),
                "description": _text("???? ???"),
            },
        },
        "suppliers": {
            "rows": 60,
            "columns": {
                "supplier_id": {"type": "key"},
                "company_name": {"type": "company"},
                "country": {"type": "choice", "values": {"USA": 60, "Japan": 30, "Norway": 10}},
            },
        },
        "shippers": {
            "rows": 3,
            "columns": {
                "shipper_id": {"type": "key"},
                "company_name": {"type": "company"},
                "phone": _text("(###) ###-####"),
            },
        },
        "products": {
            "rows": 150,
            "columns": {
                "product_id": {"type": "key"},
                "product_name": {"type": "product_name"},
                "supplier_id": {"type": "reference", "table": "suppliers"},
                "category_id": {"type": "reference", "table": "categories"},
                "unit_price": {"type": "lognormal", "median": 20, "sigma": 0.8, "decimals": 2},
                "discontinued": {"type": "choice", "values": {"true": 20, "false": 80}},
            },
        },
        "employees": {
            "rows": 55,
            "columns": {
                "employee_id": {"type": "key"},
                "last_name": {"type": "person_name", "part": "last"},
                "first_name": {"type": "person_name", "part": "first"},
                "birth_date": {"type": "uniform", "min": "1960-01-01", "max": "2000-01-01", "as": "date"},
                "reports_to": {"type": "reference", "table": "employees"},
            },
        },
        "employee_territories": {
            "parent": "employees",
            "rows": {"type": "per_parent", "count": {"type": "uniform", "min": 2, "max": 6}},
            "columns": {
                "employee_id": {"type": "parent_key"},
                "territory_id": {"type": "reference", "table": "territories", "distinct": True},
            },
            "primary_key": ["employee_id", "territory_id"],
        },
        "customers": {
            "rows": 300,
            "columns": {
                "customer_id": _text("?????", unique=True),
                "company_name": {"type": "company"},
                "contact_name": {"type": "person_name"},
                "city": {"type": "place", "part": "city"},
                "country": {"type": "choice", "values": {"USA": 50, "Germany": 30, "Brazil": 18, "Atlantis": 2}},
            },
        },
        "orders": {
            "parent": "customers",
            "rows": {"type": "events", "mean_per_month": 0.5, "dispersion": 0.6},
            "behaviors": [{"type": "seasonality", "weekday": {"sat": 0, "sun": 0}}],
            "columns": {
                "order_id": {"type": "key", "start": 10248},
                "customer_id": {"type": "parent_key"},
                "employee_id": {"type": "reference", "table": "employees"},
                "ordered_at": {"type": "event_time", "hidden": True},
                "order_date": {"type": "expression", "expression": "CAST(ordered_at AS DATE)"},
                "shipped_date": {
                    "type": "expression",
                    "expression": "CAST(ordered_at + INTERVAL '5' DAY AS DATE)",
                    "modifiers": [{"type": "nulls", "share": 0.1}],
                },
                "ship_via": {"type": "reference", "table": "shippers", "null_share": 0.05},
                "freight": {"type": "lognormal", "median": 40, "sigma": 1.1, "decimals": 2},
            },
        },
        "order_details": {
            "parent": "orders",
            "rows": {"type": "per_parent", "count": {"type": "geometric", "mean": 2.6, "min": 1}},
            "columns": {
                "order_id": {"type": "parent_key"},
                "product_id": {"type": "reference", "table": "products", "distinct": True},
                "unit_price": {"type": "lookup", "through": "product_id", "column": "unit_price"},
                "quantity": {"type": "lognormal", "median": 18, "sigma": 0.7, "decimals": 0},
                "discount": {"type": "choice", "values": {"0": 60, "0.05": 20, "0.1": 15, "0.25": 5}},
            },
            "primary_key": ["order_id", "product_id"],
        },
    },
}
