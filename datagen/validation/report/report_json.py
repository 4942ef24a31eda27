"""The JSON Schema of a report."""

from __future__ import annotations

from typing import Any, get_args

from datagen.validation.metrics.base import Group, Verdict

VERSION = 2
_NUMBER = {"type": ["number", "null"]}
_FINDING: dict[str, Any] = {
    "group": {
        "enum": list(get_args(Group)),
        "description": "constraints are exact, realism tests are separate, the others are scored",
    },
    "measure": {"type": "string", "description": "the name of the metric, as in SDMetrics if it exists there"},
    "table": {"type": "string"},
    "column": {"type": ["string", "null"]},
    "verdict": {"enum": list(get_args(Verdict))},
    "message": {"type": "string"},
    "subject": {"type": "string", "description": "the subject, if a column has several findings of this metric"},
    "score": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "weight": {"type": "number", "minimum": 0},
    "planted": _NUMBER,
    "found": _NUMBER,
    "error": {**_NUMBER, "description": "standard error of the estimate"},
    "z": _NUMBER,
    "statistic": _NUMBER,
    "threshold": _NUMBER,
    "count": {"type": "integer", "minimum": 0, "description": "violating rows"},
    "share": {"type": "number"},
    "rows": {"type": "array", "items": {"type": "object"}, "description": "a few violating rows"},
    "details": {"type": "object"},
    "points_lost": {"type": "number", "minimum": 0},
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the report."""
    properties: dict[str, Any] = {
        "report": {"const": VERSION},
        "schema": {"type": "string", "description": "the name of the schema document"},
        "folder": {"type": "string"},
        "plan_id": {"type": ["string", "null"], "description": "of the plan of the data, if known"},
        "seed": {"type": ["integer", "null"]},
        "score": {"type": "number", "minimum": 0, "maximum": 100},
        "realism": {
            "type": ["number", "null"],
            "minimum": 0,
            "maximum": 100,
            "description": "share of applicable realism tests that pass; not part of the score",
        },
        "passed": {"type": "boolean", "description": "every constraint holds"},
        "verdict": {"type": "string"},
        "rows": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
        "findings": {"type": "array", "items": _object(_FINDING)},
        "details": {"type": "object"},
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "datagen validation report"}
    return {**head, **_object(properties)}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
