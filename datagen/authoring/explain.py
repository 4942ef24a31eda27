"""Explains each statement of a description: its declaration, its check, and the result of the check."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from datagen.authoring.answer import Claim
from datagen.authoring.author import Draft
from datagen.authoring.repair.change import shown
from datagen.schema.reading.json_values import Keys
from datagen.schema.reading.read import read_tolerant
from datagen.validation.metrics.base import Finding

_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]|\[\"([^\"]*)\"\]|\['([^']*)'\]")


State = Literal["covered", "contradicted", "unmeasured", "undeclared"]
_EVERY_COLUMN = ("ColumnType", "NotNull", "Independence", "Repeats")
"""Measures that a column passes whatever it declares."""
_OF_ROWS = (
    "ArrivalRecovery",
    "CardinalityShapeSimilarity",
    "CountRecovery",
    "DispersionRecovery",
    "GapRecovery",
    "RateRecovery",
)
_OF_LIVES = ("SurvivalRecovery",)
_MOST_SHOWN = 3
_OF_PROCESSES = ("DwellTimes", "LegalTransitions", "TransitionRecovery")
_JUDGED = ("pass", "recovered", "fail", "not recovered")


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """One statement. `declaration` is the part of the document at its place (empty if there is none), `found` the
    result of the trial run. `holds` is None where nothing measured it.
    """

    words: str
    place: str
    declaration: str
    check: str
    found: str
    holds: bool | None

    @property
    def state(self) -> State:
        """Undeclared; declared and unmeasured; or what the measurement says of it."""
        if not self.declaration:
            return "undeclared"
        if self.holds is None:
            return "unmeasured"
        return "covered" if self.holds else "contradicted"

    @property
    def covered(self) -> bool:
        """Whether the statement is declared, was measured, and holds."""
        return self.state == "covered"

    def as_json(self) -> dict[str, str]:
        """The statement with its state, as plain JSON values."""
        parts = {name: getattr(self, name) for name in ("words", "place", "declaration", "check", "found")}
        return {**parts, "state": self.state}


def explained(draft: Draft) -> list[ClaimResult]:
    """Every claim of a valid draft, with its declaration and its check."""
    raw = read_tolerant(draft.answer.text).raw
    findings = draft.report.findings if draft.report is not None else ()
    return [_explained(claim, raw, findings) for claim in draft.answer.claims]


def _explained(claim: Claim, raw: Any, findings: tuple[Finding, ...]) -> ClaimResult:
    keys = keys_of(claim.place)
    value = _at(raw, keys) if keys else None
    judged = [f for f in findings if f.verdict in _JUDGED and f.group != "realism"]
    measured = [f for f in judged if claim.expectation and f.subject == claim.expectation]
    measured = measured or [f for f in judged if _concerns(f, keys or (), raw)]
    astray = [f for f in measured if f.verdict in ("fail", "not recovered")]
    telling = _telling(astray or measured)
    check = claim.expectation or "; ".join(f"{f.measure} {f.subject}".strip() for f in telling)
    holds = not astray if measured else None
    declaration = "" if value is None else shown(value)
    return ClaimResult(claim.words, claim.place, declaration, check, "; ".join(f.message for f in telling), holds)


def _telling(findings: Sequence[Finding]) -> list[Finding]:
    """One finding of each measure; rules that every row keeps only where nothing was estimated."""
    estimated = sorted((f for f in findings if f.group != "constraint"), key=lambda one: one.measure == "TailRecovery")
    return list({f.measure: f for f in reversed(estimated or findings)}.values())[::-1][:_MOST_SHOWN]


def _concerns(finding: Finding, keys: Keys, raw: Any) -> bool:
    """Whether a finding measures the table, column, rows, behavior or process at a place of the document."""
    if len(keys) < 2 or keys[0] != "tables":
        return False
    part = keys[2] if len(keys) > 2 else None
    if part == "behaviors":
        declared = _at(raw, keys[:4])
        kind = str(declared.get("type")) if isinstance(declared, dict) else "behaviors"
        if finding.measure in _OF_LIVES:
            return finding.table == keys[1] and isinstance(declared, dict) and "lifetime" in declared
        return finding.subject.startswith(kind) and (finding.table == keys[1] or finding.table in json.dumps(declared))
    if part == "processes":
        shown_by = _at(raw, ("tables", finding.table, "rows", "process"))
        return finding.measure in _OF_PROCESSES and keys[3:4] == (shown_by,)
    if finding.table != keys[1]:
        return False
    if part == "columns" and len(keys) > 3:
        return finding.column == keys[3] and finding.measure not in _EVERY_COLUMN
    return finding.measure in _OF_ROWS if part == "rows" else part is None and finding.measure == "TableStructure"


def keys_of(place: str) -> Keys | None:
    """The keys of a JSONPath such as `$.tables.orders.behaviors[0]`; None where it is none."""
    if not place.startswith("$"):
        return None
    keys: list[str | int] = []
    position = 1
    while position < len(place):
        step = _STEP.match(place, position)
        if step is None:
            return None
        keys.append(int(step[2]) if step[2] is not None else step[1] or step[3] or step[4] or "")
        position = step.end()
    return tuple(keys)


def _at(raw: Any, keys: Keys) -> Any:
    here: Any = raw
    for key in keys:
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            return None
    return here
