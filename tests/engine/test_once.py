"""A document is parsed and compiled once per process, and a process that uses datagen as a library stays as it was."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import datagen
from datagen import malloc
from datagen.engine.program import Program
from datagen.point_process.nhpp import Poisson
from datagen.schema.reading import read as reading

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop.json"


@pytest.fixture
def counted(monkeypatch) -> Counter[str]:
    """How often a document was parsed, and how often one was compiled."""
    found: Counter[str] = Counter()
    parse, compile_ = reading.validate_as_meant, Program.__init__

    def parsed(raw):
        found["parsed"] += 1
        return parse(raw)

    def compiled(self, *given):
        found["compiled"] += 1
        compile_(self, *given)

    monkeypatch.setattr(reading, "validate_as_meant", parsed)
    monkeypatch.setattr(Program, "__init__", compiled)
    return found


def test_events_are_placed_in_time_only_where_their_times_are_read(monkeypatch, tmp_path):
    """Rows are counted before they are made. The items of an order depend on it, not on its time."""
    rows = {"type": "per_parent", "count": {"type": "poisson", "mean": 2}}
    orders = {"parent": "users", "rows": {"type": "events", "mean_per_month": 6}, "columns": {"order": {"type": "key"}}}
    document = {
        "datagen": 1,
        "name": "counted",
        "window": {"start": "2024-01-01", "end": "2024-04-10"},
        "tables": {
            "users": {"rows": 50, "columns": {"user": {"type": "key"}}},
            "orders": orders,
            "items": {"parent": "orders", "rows": rows, "columns": {"item": {"type": "key"}}},
        },
    }
    monkeypatch.setattr(Poisson, "_times", lambda *_: pytest.fail("times of events that nothing reads"))
    untimed = datagen.generate(document, tmp_path / "without").table("items").to_arrow()
    monkeypatch.undo()
    orders["columns"]["at"] = {"type": "event_time"}
    timed = datagen.generate(document, tmp_path / "with").table("items").to_arrow()
    assert timed.equals(untimed) and len(timed) > 100


@pytest.mark.parametrize("validate", [False, True])
def test_a_run_parses_and_compiles_its_document_once(counted, tmp_path, validate):
    made = datagen.generate(SHOP, tmp_path / "out", scale=0.002, seed=8101 + validate, workers=1, validate=validate)
    assert counted == {"parsed": 1, "compiled": 1}
    assert (made.report is not None) == validate


def test_a_run_with_an_empty_table_parses_once(counted, tmp_path):
    document = json.loads(SHOP.read_text()) | {"name": "no_items"}
    document["tables"]["order_items"]["rows"] = {
        "type": "per_parent",
        "count": {"type": "poisson", "mean": 1e-9},
    }
    datagen.generate(document, tmp_path / "out", scale=0.002, workers=1, validate=True)
    assert counted["parsed"] == 1


def test_a_validation_parses_and_compiles_its_document_once(counted, tmp_path):
    datagen.generate(SHOP, tmp_path / "out", scale=0.002, seed=8104, workers=1)
    counted.clear()
    datagen.validate(SHOP, tmp_path / "out", workers=1)
    assert counted == {"parsed": 1, "compiled": 1}


def test_a_run_as_a_library_leaves_malloc_alone(tmp_path, monkeypatch):
    loaded = []
    malloc.keep_freed_memory.cache_clear()
    monkeypatch.setattr(malloc.ctypes, "CDLL", lambda *given: loaded.append(given))
    datagen.generate(SHOP, tmp_path / "out", scale=0.002, workers=1)
    datagen.validate(SHOP, tmp_path / "out", workers=1)
    assert loaded == []
