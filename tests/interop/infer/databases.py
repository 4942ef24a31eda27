"""Small databases shaped like well-known ones, written as DDL and filled from a document of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

import datagen

MUSIC_DDL = """
CREATE TABLE artist (artist_id INTEGER PRIMARY KEY, name VARCHAR(120));
CREATE TABLE album (album_id INTEGER PRIMARY KEY, title VARCHAR(160) NOT NULL, artist_id INTEGER NOT NULL
    REFERENCES artist (artist_id));
CREATE TABLE genre (genre_id INTEGER PRIMARY KEY, name VARCHAR(120));
CREATE TABLE track (
    track_id INTEGER PRIMARY KEY, album_id INTEGER NOT NULL REFERENCES album (album_id), genre_id INTEGER
        REFERENCES genre (genre_id),
    milliseconds BIGINT NOT NULL, unit_price NUMERIC(10, 2) NOT NULL);
CREATE TABLE employee (
    employee_id INTEGER PRIMARY KEY, last_name VARCHAR(40) NOT NULL, reports_to INTEGER
        REFERENCES employee (employee_id));
CREATE TABLE customer (
    customer_id INTEGER PRIMARY KEY, first_name VARCHAR(40) NOT NULL, last_name VARCHAR(40) NOT NULL,
        email VARCHAR(80) NOT NULL,
    country VARCHAR(40), registered_at TIMESTAMP NOT NULL, support_rep_id INTEGER REFERENCES employee (employee_id));
CREATE TABLE invoice (
    invoice_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (customer_id),
        invoiced_at TIMESTAMP NOT NULL,
    total NUMERIC(12, 2));
CREATE TABLE invoice_line (
    invoice_line_id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoice (invoice_id),
    track_id INTEGER NOT NULL REFERENCES track (track_id), unit_price NUMERIC(10, 2) NOT NULL,
        quantity INTEGER NOT NULL);
"""
KEYS = {
    ("album", "artist_id", "artist"),
    ("track", "album_id", "album"),
    ("track", "genre_id", "genre"),
    ("employee", "reports_to", "employee"),
    ("customer", "support_rep_id", "employee"),
    ("invoice", "customer_id", "customer"),
    ("invoice_line", "invoice_id", "invoice"),
    ("invoice_line", "track_id", "track"),
}

RARE = "Atlantis"
"""A country that three customers have."""


def _key(table: str | None = None) -> dict[str, object]:
    return {"type": "key"} if table is None else {"type": "parent_key"}


MUSIC = {
    "datagen": 1,
    "name": "music",
    "seed": 4,
    "window": {"start": "2023-01-01", "end": "2025-01-01"},
    "tables": {
        "artist": {"rows": 80, "columns": {"artist_id": {"type": "key"}, "name": {"type": "person_name"}}},
        "album": {
            "parent": "artist",
            "rows": {"type": "per_parent", "count": {"type": "geometric", "mean": 1.8, "min": 1}},
            "columns": {
                "album_id": {"type": "key"},
                "title": {"type": "pattern", "pattern": "????? ???"},
                "artist_id": {"type": "parent_key"},
            },
        },
        "genre": {"rows": 12, "columns": {"genre_id": {"type": "key"}, "name": {"type": "pattern", "pattern": "????"}}},
        "track": {
            "parent": "album",
            "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 9}},
            "columns": {
                "track_id": {"type": "key"},
                "album_id": {"type": "parent_key"},
                "genre_id": {"type": "reference", "table": "genre", "popularity": {"type": "zipf", "exponent": 1.0}},
                "milliseconds": {"type": "lognormal", "median": 240000, "sigma": 0.4, "decimals": 0},
                "unit_price": {"type": "choice", "values": {"0.99": 90, "1.99": 10}},
            },
        },
        "employee": {
            "rows": 60,
            "columns": {
                "employee_id": {"type": "key"},
                "last_name": {"type": "person_name", "part": "last"},
                "reports_to": {"type": "reference", "table": "employee"},
            },
        },
        "customer": {
            "rows": {"type": "arrivals", "count": 900, "before_window": 0.4},
            "columns": {
                "customer_id": {"type": "key"},
                "first_name": {"type": "person_name", "part": "first"},
                "last_name": {"type": "person_name", "part": "last"},
                "email": {"type": "email", "unique": True},
                "country": {"type": "choice", "values": {"USA": 60, "Brazil": 30, "France": 9.6, RARE: 0.4}},
                "registered_at": {"type": "arrival_time"},
                "support_rep_id": {"type": "reference", "table": "employee"},
            },
        },
        "invoice": {
            "parent": "customer",
            "rows": {"type": "events", "mean_per_month": 0.5, "dispersion": 0.5},
            "behaviors": [{"type": "seasonality", "weekday": {"sat": 2, "sun": 2}}],
            "columns": {
                "invoice_id": {"type": "key"},
                "customer_id": {"type": "parent_key"},
                "invoiced_at": {"type": "event_time"},
                "total": {"type": "sum_of", "table": "invoice_line", "expression": "unit_price * quantity"},
            },
        },
        "invoice_line": {
            "parent": "invoice",
            "rows": {"type": "per_parent", "count": {"type": "geometric", "mean": 2.5, "min": 1}},
            "columns": {
                "invoice_line_id": {"type": "key"},
                "invoice_id": {"type": "parent_key"},
                "track_id": {"type": "reference", "table": "track", "popularity": {"type": "zipf", "exponent": 0.8}},
                "unit_price": {"type": "lookup", "through": "track_id", "column": "unit_price"},
                "quantity": {"type": "choice", "values": {"1": 80, "2": 20}},
            },
        },
    },
}


def music(folder: Path) -> dict[str, pa.Table]:
    """The tables of the music shop, made once per folder."""
    made = datagen.generate(MUSIC, folder)
    tables = {name: made[name].to_arrow() if hasattr(made[name], "to_arrow") else made[name] for name in made.tables}
    return {name: tables[name] for name in MUSIC["tables"]}  # type: ignore[attr-defined]


def statements(tables: dict[str, pa.Table]) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    """An INSERT per table with its rows, in the order of the keys."""
    for name, table in tables.items():
        columns = [column.to_pylist() for column in table.columns]
        yield f"INSERT INTO {name} ({', '.join(table.column_names)}) VALUES", list(zip(*columns, strict=True))
