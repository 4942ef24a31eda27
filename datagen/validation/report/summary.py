"""Texts and numbers of a report, shared by the terminal and the HTML page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from datagen.validation.metrics.base import Finding
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
    "constraint": "Rules for every row.",
    "recovery": "Declared parameters, estimated from the data.",
    "distribution": "Values have the declared distributions.",
    "cardinality": "Rows have as many children as declared.",
    "dependence": "Columns depend on each other as declared.",
    "time": "Volume and seasonality over time are as declared.",
    "realism": "Signs of made-up data.",
}
RULES: Mapping[str, str] = {
    "FileIntegrity": "the files are those that the run wrote",
    "TableStructure": "the columns are those of the schema",
    "ColumnType": "cells are of the declared type",
    "NotNull": "required cells are not missing",
    "CategoryAdherence": "cells are among the declared values",
    "BoundaryAdherence": "cells are within the declared range",
    "KeyUniqueness": "values are unique",
    "ReferentialIntegrity": "keys of other rows resolve",
    "CardinalityBoundaryAdherence": "parents have as many children as allowed",
    "TemporalOrder": "times are in the declared order",
    "RowConsistency": "computed columns equal their definition",
    "PatternAdherence": "text matches the declared pattern",
    "WordAdherence": "text consists of the declared words",
    "StructuralNulls": "cells are missing where declared",
    "RoundedNumbers": "rounded numbers are multiples of their step",
    "DistinctReferences": "references are distinct under one parent",
    "EarlierReferences": "rows refer to earlier rows",
    "SharedAncestor": "both rows have the same ancestor",
    "Expectation": "expectations of the schema",
}
"""Descriptions of the constraints."""
DECLARED = 95.0
"""The lowest score of an intact dataset."""
PARTLY = 80.0
DEAREST = 12
"""The number of losses that are listed one by one."""
REAL: Mapping[str, str] = {
    "AllBornAtTheStart": "in real data, arrivals are spread over the window",
    "AllClosed": "in real data, some rows are still open at the end",
    "Churn": "in real data, some parents have left by the end",
    "Clipping": "in real data, few values are exactly at a limit",
    "Concentration": "in real data, a fifth of the parents has two fifths of the rows or more",
    "DayToDayMemory": "in real data, successive days are correlated",
    "EqualCategories": "in real data, some categories are far more frequent than others",
    "EvenArrivals": "in real data, arrivals are not equidistant",
    "ExponentialGaps": "in real data, the events of one parent are clustered or rhythmic",
    "FirstDigits": "in real data, amounts over several decades begin with 1 most often",
    "FlatRetention": "in real data, the chance to stay grows with tenure",
    "FutureTimes": "in real data, what is recorded has happened by the end of the window",
    "Hours": "in real data, days and nights differ",
    "IdleParents": "in real data, some parents have no rows",
    "IndependentColumns": "in real data, some columns are associated (0.05 or more)",
    "LeftRamp": "in real data, activity does not start with the window",
    "MoneyTail": "in real data, one amount in a hundred is above 4 times the median",
    "NoNulls": "in real data, some cells are missing",
    "NoPast": "in real data, some rows are older than the window",
    "PileUp": "in real data, rows do not pile up at the end",
    "PricePoints": "in real data, prices end in .99, .95 or .00, or repeat",
    "RandomNulls": "in real data, missing cells depend on another column (0.52 or more)",
    "Roughness": "in real data, days vary more than by chance",
    "Seasons": "in real data, the same weeks are high or low every year",
    "StartJump": "in real data, the rate of arrivals does not change with the window's start",
    "TextCycling": "in real data, texts are more varied",
    "TextbookNormals": "in real data, few columns are normal",
    "TwinRows": "in real data, one parent hardly has two events in the same microsecond: rows may be duplicated",
    "TwinCohorts": "in real data, some cohorts do better than others",
    "UnequalParents": "in real data, some parents have far more rows than others (1.5 or more)",
    "UnequalReferences": "in real data, some rows are chosen far more often than others (1.5 or more)",
    "UniformNumbers": "in real data, numbers are rarely uniform",
    "Weekdays": "in real data, weekdays and weekends differ",
    "Whales": "in real data, the most active parent has 5 times the rows of the median one, or more",
    "WholeHours": "in real data, few times are on a whole hour",
}
"""Explanations by name of the test."""


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """The result of one group of metrics: lost points, and the number of good, bad and inconclusive findings."""

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
        """The share of good findings, 0 to 1."""
        return self.good / max(self.good + self.bad, 1)


@dataclass(frozen=True, slots=True)
class Cost:
    """The points that one finding cost."""

    points: float
    place: str
    what: str
    message: str


def state_of(finding: Finding) -> str:
    """good, bad, unsure or none."""
    return STATES[finding.verdict]


def worst_of(findings: Iterable[Finding]) -> str:
    """The worst state among them; realism tests do not count."""
    states = {state_of(finding) for finding in findings if finding.group != "realism"}
    return next((state for state in ("bad", "good", "unsure", "none") if state in states), "none")


def place_of(finding: Finding) -> str:
    """`orders.amount`, or `orders`."""
    return f"{finding.table}.{finding.column}" if finding.column else finding.table


def name_of(finding: Finding) -> str:
    """The metric with its subject: `KSComplement: amount of vip`."""
    return f"{finding.measure}: {finding.subject}" if finding.subject else finding.measure


def groups_of(report: Report) -> list[GroupSummary]:
    """All groups of the score besides the constraints, in a fixed order."""
    return [_group(name, report) for name in TITLES if name not in ("constraint", "realism")]


def constraints_of(report: Report) -> GroupSummary:
    """The number of constraints that hold and fail, and the points they cost."""
    return _group("constraint", report)


def recovery_of(report: Report) -> GroupSummary:
    """The number of recovered parameters."""
    return _group("recovery", report)


def signs_of(report: Report) -> GroupSummary:
    """The number of realism tests that pass and fail; they cost nothing."""
    return _group("realism", report)


def _group(name: str, report: Report) -> GroupSummary:
    states = [state_of(finding) for finding in report.findings if finding.group == name]
    lost = sum(loss.points for loss in report.losses if report.findings[loss.finding].group == name)
    return GroupSummary(name, lost, states.count("good"), states.count("bad"), states.count("unsure"))


def costs_of(report: Report) -> list[Cost]:
    """The lost points, largest first; small losses are summarized on one line."""
    message_of = [_cost(report.findings[loss.finding], loss.points) for loss in report.losses if loss.points >= 0.005]
    rest = message_of[DEAREST:]
    if rest:
        message = f"{len(rest)} smaller ones, at most {rest[0].points:.2f} points each"
        return [*message_of[:DEAREST], Cost(sum(cost.points for cost in rest), "", "together", message)]
    return message_of


def _cost(finding: Finding, points: float) -> Cost:
    return Cost(points, place_of(finding), name_of(finding), message_of(finding))


def message_of(finding: Finding) -> str:
    """The message of a finding; for a failed realism test also the expectation for real data."""
    real = REAL.get(finding.measure) if finding.group == "realism" and state_of(finding) == "bad" else None
    return f"{finding.message}; {real}" if real else finding.message


def state_of_report(report: Report) -> str:
    """good, unsure or bad, as in the headline."""
    if not report.passed or report.score < PARTLY:
        return "bad"
    return "good" if report.score >= DECLARED else "unsure"


def headline(report: Report) -> str:
    """The verdict in one sentence."""
    if not report.passed:
        count = len(report.failed)
        return f"{count} constraint{'s' if count > 1 else ''} failed: the dataset does not follow the schema"
    if not any(counts(finding) for finding in report.findings if finding.group not in ("constraint", "realism")):
        return "Every constraint holds; nothing else could be measured"
    if report.score >= DECLARED:
        return "The dataset follows the schema"
    if report.score >= PARTLY:
        return "Every constraint holds; some metrics deviate"
    return "Every constraint holds, but many metrics deviate"


def explained(report: Report) -> str:
    """The explanation of the score and of realism, in a few sentences."""
    score = _score_explained(report)
    if report.unjudged:
        tables, reasons = zip(*((one.table, one.message) for one in report.unjudged), strict=True)
        why = "; ".join(dict.fromkeys(reasons))
        score = f"What the rows of {', '.join(tables)} have to do with their parents cannot be judged: {why}. {score}"
    signs = signs_of(report)
    if report.realism is None or not signs.bad:
        return score
    return f"{score} {signs.bad} of {signs.good + signs.bad} realism tests failed; realism is not part of the score."


def _score_explained(report: Report) -> str:
    if not report.passed:
        return f"A failed constraint limits the score to {CAP:.0f}, however good the rest is."
    if not report.findings:
        return "Nothing was measured."
    groups = groups_of(report)
    if not any(group.applies for group in groups):
        return "The score is based on the constraints alone."
    bad = sum(group.bad for group in groups)
    rules = "Every rule holds in every " + ("other row" if report.unjudged else "row")
    if not bad:
        return f"{rules}, and everything that can be measured at this size is as declared."
    worst = max(groups, key=lambda group: group.lost)
    off = f"{bad} scored measure{'s' if bad > 1 else ''} deviate{'' if bad > 1 else 's'} from the declaration"
    return f"{rules}; {off}. {worst.name} lost the most points: {worst.lost:.1f}."
