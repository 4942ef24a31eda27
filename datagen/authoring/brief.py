"""The brief: everything that a person's chat or an agent needs to write a schema, read from the registry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

from datagen.errors import ProblemCode
from datagen.registry import FAMILIES, load
from datagen.schema.document import Document, Table
from datagen.schema.json_schema import json_schema
from datagen.schema.kind_catalog import Entry, Field, found
from datagen.schema.layout import json_text
from datagen.schema.problems.known_keys import field_names
from datagen.version import VERSION

_COMMON = {"description", "hidden", "modifiers"}
"""Fields of every column, listed once."""

_TASK = """You write schemas for Datagen, which makes relational datasets with realistic behavior from one JSON
document. Answer with the whole document in one fenced block and nothing else. If the description is ambiguous, ask at
most two questions first."""

EXAMPLE: dict[str, Any] = {
    "datagen": 1,
    "name": "clinic",
    "window": {"start": "2023-01-01", "end": "2025-01-01"},
    "tables": {
        "doctors": {
            "rows": 40,
            "columns": {
                "doctor_id": {"type": "key"},
                "name": {"type": "person_name"},
                "field": {"type": "choice", "values": {"general": 6, "cardiology": 2, "dermatology": 2}},
            },
        },
        "patients": {
            "rows": {"type": "arrivals", "count": 3000, "before_window": 0.4},
            "columns": {
                "patient_id": {"type": "key"},
                "registered_at": {"type": "arrival_time"},
                "insurance": {"type": "choice", "values": {"public": 85, "private": 15}},
            },
            "behaviors": [{"type": "segments", "column": "insurance", "multiply": {"private": {"appointments": 1.4}}}],
        },
        "appointments": {
            "parent": "patients",
            "rows": {"type": "events", "mean_per_year": 4, "dispersion": 0.8},
            "columns": {
                "appointment_id": {"type": "key"},
                "patient_id": {"type": "parent_key"},
                "doctor_id": {"type": "reference", "table": "doctors", "popularity": {"type": "zipf", "exponent": 0.6}},
                "at": {"type": "event_time"},
                "status": {"type": "choice", "values": {"attended": 88, "no_show": 12}},
                "minutes": {"type": "lognormal", "median": 14, "sigma": 0.4, "decimals": 0},
            },
            "behaviors": [
                {"type": "seasonality", "weekday": {"sat": 0.1, "sun": 0.02}, "hour": "office"},
                {"type": "trend", "shape": "exponential", "growth_per_year": 0.1},
            ],
        },
    },
    "expectations": [
        {
            "type": "share",
            "name": "about one appointment in eight is missed",
            "table": "appointments",
            "expression": "status = 'no_show'",
            "between": [0.1, 0.14],
        }
    ],
}


def rules() -> list[str]:
    """The rules of the language in a few sentences each."""
    text = resources.files("datagen").joinpath("data/authoring/rules.md").read_text(encoding="utf-8")
    return [re.sub(r"\s+", " ", rule).strip() for rule in re.split(r"^- ", text, flags=re.MULTILINE) if rule.strip()]


def brief(description: str = "") -> str:
    """A prompt for any chat: what to write, the rules, every kind with its fields and an example, a whole document, and
    last the description of the data, if there is one.
    """
    load()
    parts = [
        _TASK,
        "# Rules\n\n" + "\n".join(f"- {rule}" for rule in rules()),
        _keys(),
        *(_family(family) for family in FAMILIES if FAMILIES[family].members and family != "formats"),
        f"# A whole document\n\n```json\n{json_text(EXAMPLE)}\n```",
        *([f"# The description\n\n{description.strip()}"] if description.strip() else []),
    ]
    return "\n\n".join(parts) + "\n"


def brief_data(description: str = "") -> dict[str, Any]:
    """All that an agent needs in one read: rules, JSON Schema, kinds, codes of problems, commands, an example."""
    return {
        "datagen": VERSION,
        "rules": rules(),
        "json_schema": json_schema(),
        "kinds": [entry.as_json() for entry in found(None)],
        "problem_codes": {str(code): code.explanation for code in ProblemCode},
        "example": EXAMPLE,
        "prompt": brief(description),
    }


def _keys() -> str:
    document = ", ".join(field_names(Document))
    table = ", ".join(field_names(Table))
    common = ", ".join(sorted(_COMMON))
    return f"# Keys\n\n- document: {document}\n- table: {table}\n- every column, beside its own fields: {common}"


def _family(family: str) -> str:
    """The kinds of a family, one line each and an example below. Fields that all of them have are listed once."""
    base = FAMILIES[family]
    head = (base.__doc__ or "").strip().splitlines()[0]
    entries = [entry for entry in found(family) if entry.family == family]
    fields = [[_field(field) for field in entry.fields if field.name not in _COMMON] for entry in entries]
    shared = [field for field in fields[0] if len(fields) > 1 and all(field in others for others in fields)]
    lines = [f"Fields of all: {'; '.join(shared)}\n"] if shared else []
    for entry, own in zip(entries, fields, strict=True):
        lines += _kind(entry, [field for field in own if field not in shared])
    return f"# {family}: {head}\n\n" + "\n".join(lines)


def _kind(entry: Entry, fields: list[str]) -> Iterator[str]:
    yield f"- {entry.name}: {entry.summary}" + (f" Fields: {'; '.join(fields)}" if fields else "")
    if entry.use is not None:
        yield f"  {json.dumps(entry.use[1], ensure_ascii=False)}"


def _field(field: Field) -> str:
    default = ", required" if field.default == "required" else f", default {field.default}" if field.default else ""
    return f"{field.name} ({field.type}{default})"
