"""Explains each statement of a description: its declaration, its check, and the result of the check."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from datagen.authoring.answer import Claim
from datagen.authoring.author import Draft
from datagen.authoring.repair.change import shown
from datagen.schema.reading.json_values import Keys
from datagen.schema.reading.read import read_tolerant
from datagen.validation.metrics.base import Finding

_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]|\[\"([^\"]*)\"\]|\['([^']*)'\]")


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """One statement. `declaration` is the part of the document at its place (empty if there is none), `found` the
    result of the trial run.
    """

    words: str
    place: str
    declaration: str
    check: str
    found: str
    holds: bool | None

    @property
    def covered(self) -> bool:
        """Whether the statement is declared and no measurement contradicts it."""
        return bool(self.declaration) and self.holds is not False


def explained(draft: Draft) -> list[ClaimResult]:
    """Every claim of a valid draft, with its declaration and its check."""
    raw = read_tolerant(draft.answer.text).raw
    findings = draft.report.findings if draft.report is not None else ()
    return [_explained(claim, raw, findings) for claim in draft.answer.claims]


def _explained(claim: Claim, raw: Any, findings: tuple[Finding, ...]) -> ClaimResult:
    keys = keys_of(claim.place)
    value = _at(raw, keys) if keys else None
    finding = next((f for f in findings if claim.expectation and f.subject == claim.expectation), None)
    finding = finding or _measured(keys, findings)
    check = claim.expectation or (f"{finding.measure} {finding.subject}".strip() if finding is not None else "")
    holds = None if finding is None else finding.verdict in ("pass", "recovered")
    declaration = "" if value is None else shown(value)
    return ClaimResult(claim.words, claim.place, declaration, check, finding.message if finding else "", holds)


def _measured(keys: Keys | None, findings: tuple[Finding, ...]) -> Finding | None:
    """The findings of validation at the column or table of a place."""
    if not keys or len(keys) < 4 or keys[0] != "tables":
        return None
    column = keys[3] if keys[2] == "columns" else None
    measured = (f for f in findings if f.table == keys[1] and f.column == column and f.group != "realism")
    return next((f for f in measured if f.verdict in ("pass", "recovered", "fail", "not recovered")), None)


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
