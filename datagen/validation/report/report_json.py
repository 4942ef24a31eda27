"""The JSON of a report, and its JSON Schema."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args

from datagen.validation.metrics.base import Finding, Group, Verdict

if TYPE_CHECKING:
    from datagen.validation.report.report import Report

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


def to_json(report: Report) -> str:
    """The report; the same text for the same findings."""
    return json.dumps(as_data(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain JSON values."""
    lost = {loss.finding: loss.points for loss in report.losses}
    return {
        "report": VERSION,
        "schema": report.schema,
        "folder": report.folder,
        "plan_id": report.plan_id,
        "seed": report.seed,
        "score": round(report.score, 3),
        "realism": None if report.realism is None else round(report.realism, 3),
        "passed": report.passed,
        "verdict": report.verdict,
        "rows": dict(report.rows),
        "findings": [_finding(f, lost.get(i, 0.0)) for i, f in enumerate(report.findings)],
        "details": _plain(report.details),
    }


def _finding(finding: Finding, points: float) -> dict[str, Any]:
    told = {field.name: _plain(getattr(finding, field.name)) for field in fields(finding)}
    return {**told, "points_lost": round(points, 4)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(cell) for key, cell in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(cell) for cell in value]
    if hasattr(value, "item"):
        value = value.item()  # a numpy scalar
    return None if isinstance(value, float) and not math.isfinite(value) else value


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
