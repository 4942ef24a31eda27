"""Texts and numbers of a report, shared by the terminal and the HTML page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from datagen.validation.metrics.base import Finding
from datagen.validation.realism.explanations import REAL
from datagen.validation.report.report import Report
from datagen.validation.score import CAP, counts

STATES: Mapping[str, str] = {
    "pass": "good", "recovered": "good", "fail": "bad", "not recovered": "bad",
    "not identifiable": "unsure", "not applicable": "none",
}  # fmt: skip
SIGNS: Mapping[str, str] = {"good": "\N{CHECK MARK}", "bad": "\N{BALLOT X}", "unsure": "?", "none": "\N{EN DASH}"}
TITLES: Mapping[str, str] = {
    "constraint": "Constraints",
    "recovery": "Recovery",
    "distribution": "Distributions",
    "cardinality": "Cardinality",
    "dependence": "Dependence",
    "time": "Time",
    "realism": "Realism",
}
MEANINGS: Mapping[str, str] = {
    "constraint": "Rules that hold for every row, or do not.",
    "recovery": "What the schema plants is estimated again from the data.",
    "distribution": "Values are spread as the schema declares.",
    "cardinality": "Rows have as many children as declared.",
    "dependence": "Columns hang together as declared.",
    "time": "Volume and rhythm over time are as declared.",
    "realism": "Signs that give away made-up data.",
}
RULES: Mapping[str, str] = {
    "TableStructure": "the columns are those of the schema",
    "ColumnType": "cells are of the declared type",
    "NotNull": "nothing is missing that must be there",
    "CategoryAdherence": "cells are among the declared values",
    "BoundaryAdherence": "cells lie within the declared range",
    "KeyUniqueness": "no value stands twice",
    "ReferentialIntegrity": "keys of other rows resolve",
    "CardinalityBoundaryAdherence": "parents have as many children as allowed",
    "TemporalOrder": "moments come in the declared order",
    "RowConsistency": "what follows from other columns does follow",
    "PatternAdherence": "text is written as declared",
    "StructuralNulls": "cells are missing where there is nothing",
    "RoundedNumbers": "rounded numbers are round",
    "DistinctReferences": "references are distinct under one parent",
    "EarlierReferences": "rows refer to earlier rows",
    "SharedAncestor": "both rows hang below the same ancestor",
    "Expectation": "what the schema expects of the table",
}
"""The rules behind the constraints, for readers who do not know the names."""
DECLARED = 95.0
"""From here on the dataset is what the schema declares: no unbroken one scores less."""
PARTLY = 80.0
DEAREST = 12
"""So many losses are told one by one."""


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """How one group of measures did: the points that it cost, and how many findings are good, bad and not to be told."""

    name: str
    lost: float
    good: int
    bad: int
    open: int

    @property
    def title(self) -> str:
        return TITLES[self.name]

    @property
    def meaning(self) -> str:
        return MEANINGS[self.name]

    @property
    def applies(self) -> bool:
        """Whether anything was measured."""
        return bool(self.good or self.bad)

    @property
    def share(self) -> float:
        """The share of its findings that are good, 0 to 1."""
        return self.good / max(self.good + self.bad, 1)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one finding cost."""

    points: float
    place: str
    what: str
    message: str


def state_of(finding: Finding) -> str:
    """good, bad, unsure or none."""
    return STATES[finding.verdict]


def worst_of(findings: Iterable[Finding]) -> str:
    """The state of the worst of them; signs of made-up data are no fault of a table."""
    states = {state_of(finding) for finding in findings if finding.group != "realism"}
    return next((state for state in ("bad", "good", "unsure", "none") if state in states), "none")


def place_of(finding: Finding) -> str:
    """`orders.amount`, or `orders`."""
    return f"{finding.table}.{finding.column}" if finding.column else finding.table


def name_of(finding: Finding) -> str:
    """The measure with what it looks at: `KSComplement: amount of vip`."""
    return f"{finding.measure}: {finding.subject}" if finding.subject else finding.measure


def groups_of(report: Report) -> list[GroupSummary]:
    """All groups of the score beside the constraints, in a fixed order."""
    return [_group(name, report) for name in TITLES if name not in ("constraint", "realism")]


def constraints_of(report: Report) -> GroupSummary:
    """How many constraints hold, how many do not, and what they cost."""
    return _group("constraint", report)


def recovery_of(report: Report) -> GroupSummary:
    """How many planted parameters were found again."""
    return _group("recovery", report)


def signs_of(report: Report) -> GroupSummary:
    """How many signs of realism speak for the data, and how many against it; they cost nothing."""
    return _group("realism", report)


def _group(name: str, report: Report) -> GroupSummary:
    states = [state_of(finding) for finding in report.findings if finding.group == name]
    lost = sum(loss.points for loss in report.losses if report.findings[loss.finding].group == name)
    return GroupSummary(name, lost, states.count("good"), states.count("bad"), states.count("unsure"))


def costs_of(report: Report) -> list[Cost]:
    """What cost how many points, dearest first; what is small is told in one line."""
    told = [_cost(report.findings[loss.finding], loss.points) for loss in report.losses if loss.points >= 0.005]
    rest = told[DEAREST:]
    if rest:
        message = f"{len(rest)} smaller ones, {rest[0].points:.2f} points at the most"
        return [*told[:DEAREST], Cost(sum(cost.points for cost in rest), "", "together", message)]
    return told


def _cost(finding: Finding, points: float) -> Cost:
    return Cost(points, place_of(finding), name_of(finding), told(finding))


def told(finding: Finding) -> str:
    """What a finding says; a sign that tells against the data says what data from life looks like, too."""
    real = REAL.get(finding.measure) if finding.group == "realism" and state_of(finding) == "bad" else None
    return f"{finding.message}; {real}" if real else finding.message


def state_of_report(report: Report) -> str:
    """good, unsure or bad, as the headline says."""
    if not report.passed or report.score < PARTLY:
        return "bad"
    return "good" if report.score >= DECLARED else "unsure"


def headline(report: Report) -> str:
    """The verdict in a few words."""
    if not report.passed:
        count = len(report.failed)
        return f"{count} constraint{'s' if count > 1 else ''} failed: this is not the dataset that the schema declares"
    if not any(counts(finding) for finding in report.findings if finding.group not in ("constraint", "realism")):
        return "Every constraint holds; nothing else could be measured"
    if report.score >= DECLARED:
        return "This is the dataset that the schema declares"
    if report.score >= PARTLY:
        return "Every constraint holds; some of what was measured is off"
    return "Every constraint holds, but much of what was measured is off"


def explained(report: Report) -> str:
    """What the score is made of, and realism, in a few sentences."""
    said = _score_explained(report)
    signs = signs_of(report)
    if report.realism is None or not signs.bad:
        return said
    return f"{said} Of {signs.good + signs.bad} signs of made-up data {signs.bad} show, which is no part of the score."


def _score_explained(report: Report) -> str:
    if not report.passed:
        return f"A failed constraint holds the score at {CAP:.0f} or below, however good the rest is."
    if not report.findings:
        return "Nothing was looked at."
    groups = groups_of(report)
    if not any(group.applies for group in groups):
        return "The score stands for the constraints alone."
    bad = sum(group.bad for group in groups)
    if not bad:
        return "Every rule holds in every row, and everything that can be measured at this size was found as declared."
    worst = max(groups, key=lambda group: group.lost)
    off = f"{bad} scored measure{'s' if bad > 1 else ''} did not come out as {'they' if bad > 1 else 'it'} should"
    return f"Every rule holds in every row; {off}. Most points went in {worst.name}: {worst.lost:.1f}."
