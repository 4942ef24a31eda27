"""The report: findings, score and realism; frozen, picklable, with JSON and notebook views."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from html import escape
from typing import Any

from datagen.validation.metrics.base import Finding
from datagen.validation.report.report_json import VERSION
from datagen.validation.score import Loss, realism_of


@dataclass(frozen=True)
class Report:
    """The validation result of one dataset under one schema.

    `score` (0 to 100) says how well the dataset follows the schema. `realism` (0 to 100, None if no test applies) says
    whether it looks like real data. `plan_id` and `seed` are those of its run, if known. `losses` are the points of the
    score that each finding cost. `findings` are in the order of the schema.
    """

    schema: str
    folder: str
    rows: Mapping[str, int]
    findings: tuple[Finding, ...]
    score: float
    losses: tuple[Loss, ...]
    plan_id: str | None = None
    seed: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The constraints that failed."""
        return tuple(f for f in self.findings if f.group == "constraint" and f.verdict == "fail")

    @property
    def unjudged(self) -> tuple[Finding, ...]:
        """The tables whose rows no constraint can check, with the reason."""
        return tuple(f for f in self.findings if f.group == "constraint" and f.verdict == "not identifiable")

    @property
    def passed(self) -> bool:
        """Whether every constraint holds."""
        return not self.failed

    @property
    def realism(self) -> float | None:
        """The share of applicable realism tests that pass, 0 to 100."""
        return realism_of(self.findings)

    @property
    def verdict(self) -> str:
        if self.passed:
            return f"score {self.score:.1f}: every constraint holds"
        return f"score {self.score:.1f}: {len(self.failed)} constraint{'s' if len(self.failed) > 1 else ''} failed"

    def to_json(self) -> str:
        """The report as JSON, the same text for the same findings; `report_json.json_schema()` describes it."""
        return json.dumps(self.as_data(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def as_data(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        lost = {loss.finding: loss.points for loss in self.losses}
        return {
            "report": VERSION,
            "schema": self.schema,
            "folder": self.folder,
            "plan_id": self.plan_id,
            "seed": self.seed,
            "score": round(self.score, 3),
            "realism": None if self.realism is None else round(self.realism, 3),
            "passed": self.passed,
            "verdict": self.verdict,
            "rows": dict(self.rows),
            "findings": [_finding(f, lost.get(i, 0.0)) for i, f in enumerate(self.findings)],
            "details": _plain(self.details),
        }

    def __repr__(self) -> str:
        return f"<report on {self.schema}: {self.verdict}, {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        shown = [*self.failed, *(f for f in self.findings if f.verdict == "not recovered")][:20]
        lines = "".join(f"<li>{escape(where(f))}: {escape(f.message)}</li>" for f in shown)
        return f"<div><b>{escape(self.schema)}</b>: {escape(self.verdict)}<ul>{lines}</ul></div>"


def where(finding: Finding) -> str:
    """The place of a finding as text: `orders.amount RowConsistency`."""
    column = f".{finding.column}" if finding.column else ""
    return f"{finding.table}{column} {finding.measure}"


def _finding(finding: Finding, points: float) -> dict[str, Any]:
    values = {field.name: _plain(getattr(finding, field.name)) for field in fields(finding)}
    return {**values, "points_lost": round(points, 4)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(cell) for key, cell in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(cell) for cell in value]
    if hasattr(value, "item"):
        value = value.item()  # a numpy scalar
    return None if isinstance(value, float) and not math.isfinite(value) else value
