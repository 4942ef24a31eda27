"""Prepares everything that the template shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datagen.analysis.semantic_model import SemanticModel
from datagen.validation.metrics.base import Finding
from datagen.validation.report.html.charts.gauges import gauge, score_ring
from datagen.validation.report.html.charts.interval import deviation, reach_of
from datagen.validation.report.html.er_diagram import diagram
from datagen.validation.report.html.er_relations import relations_of
from datagen.validation.report.html.svg import SafeMarkup
from datagen.validation.report.html.table_pages import TablePage, tables_of
from datagen.validation.report.number_format import format_score, moment, share, whole
from datagen.validation.report.report import Report
from datagen.validation.report.summary import (
    Cost,
    GroupSummary,
    constraints_of,
    costs_of,
    explained,
    groups_of,
    headline,
    recovery_of,
    signs_of,
    state_of,
    state_of_report,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A finding with its small picture."""

    finding: Finding
    state: str
    picture: SafeMarkup


@dataclass(frozen=True, slots=True)
class RecoveredParameters:
    """The planted parameters of one table; `reach` is the range of their plots to either side."""

    table: str
    reach: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed constraint with violating rows as a small table."""

    finding: Finding
    names: list[str]
    cells: list[list[Any]]


MOST_DESCRIBED = 300
"""Characters of a description that are shown at once."""


@dataclass(frozen=True, slots=True)
class Page:
    """The content of the page, from top to bottom."""

    report: Report
    description: tuple[str, str]
    state: str
    headline: str
    explained: str
    dial: SafeMarkup
    facts: list[tuple[str, str]]
    scored: list[GroupSummary]
    costs: list[Cost]
    constraints: GroupSummary
    failures: list[Failure]
    held: list[tuple[str, list[Finding]]]
    off: list[Row]
    recovered: list[RecoveredParameters]
    recovery: GroupSummary
    signs: list[Row]
    realism: GroupSummary
    diagram: SafeMarkup
    tables: list[TablePage]


def page_of(report: Report, model: SemanticModel) -> Page:
    """The page of a report with its schema."""
    tables = tables_of(model, report)
    signs = [f for f in report.findings if f.group == "realism"]
    return Page(
        report=report,
        description=_parts(model.document.description),
        state=state_of_report(report),
        headline=headline(report),
        explained=explained(report),
        dial=score_ring(report.score, state_of_report(report)),
        facts=_facts(report, model),
        scored=[group for group in groups_of(report) if group.applies or group.open],
        costs=costs_of(report),
        constraints=constraints_of(report),
        failures=[_failure(finding) for finding in report.failed],
        held=_held(report, model),
        off=[Row(f, state_of(f), _off(f)) for f in report.findings if _is_off(f)],
        recovered=_recovered(report),
        recovery=recovery_of(report),
        realism=signs_of(report),
        signs=[Row(f, state_of(f), gauge(f)) for f in _sorted(signs) if state_of(f) != "none"],
        diagram=diagram(relations_of(model, report.rows)),
        tables=tables,
    )


def _facts(report: Report, model: SemanticModel) -> list[tuple[str, str]]:
    window = model.document.window
    known = [
        ("tables", whole(len(model.tables))),
        ("rows", whole(sum(report.rows.values()))),
        ("columns", whole(sum(len(facts.declared) for facts in model.tables.values()))),
        ("period", f"{_day(window.start)} \N{EN DASH} {_day(window.end)}" if window else ""),
        ("realism", format_score(report.realism) if report.realism is not None else ""),
        ("seed", str(report.seed) if report.seed is not None else ""),
    ]
    return [(name, value) for name, value in known if value]


def _day(microseconds: int) -> str:
    return f"{moment(microseconds):%Y-%m-%d}"


def _failure(finding: Finding) -> Failure:
    names = list(dict.fromkeys(name for row in finding.rows for name in row))
    return Failure(
        finding, [str(name) for name in names], [[_cell(row, name) for name in names] for row in finding.rows]
    )


def _cell(row: Mapping[str, Any], name: str) -> Any:
    return "null" if row.get(name) is None else row[name]


def _held(report: Report, model: SemanticModel) -> list[tuple[str, list[Finding]]]:
    """The constraints that hold, by table."""
    names = list(dict.fromkeys([*model.tables, *(f.table for f in report.findings)]))
    held = [(name, [f for f in report.findings if _holds(f) and f.table == name]) for name in names]
    return [(name, findings) for name, findings in held if findings]


def _is_off(finding: Finding) -> bool:
    """Whether a finding deviates and is not a constraint."""
    return finding.group not in ("constraint", "realism") and state_of(finding) == "bad"


def _off(finding: Finding) -> SafeMarkup:
    return SafeMarkup("") if finding.z is None else _plot(finding, reach_of([finding]))


def _holds(finding: Finding) -> bool:
    return finding.group == "constraint" and finding.verdict == "pass"


def _parts(description: str) -> tuple[str, str]:
    """What a description says first, and the rest where it is long."""
    plain = description.replace("`", "")
    first, mark, rest = plain.partition(". ")
    return (plain, "") if len(plain) <= MOST_DESCRIBED or not mark else (f"{first}.", rest)


def _recovered(report: Report) -> list[RecoveredParameters]:
    """All estimates, by table, the deviating ones first."""
    known = [f for f in report.findings if f.group == "recovery" and state_of(f) != "none"]
    found = []
    for table in dict.fromkeys(f.table for f in known):
        own = _sorted([f for f in known if f.table == table])
        reach = reach_of([f for f in own if state_of(f) != "unsure"])
        rows = [Row(f, state_of(f), _plot(f, reach)) for f in own]
        found.append(RecoveredParameters(table, share(reach), rows))
    return found


def _plot(finding: Finding, reach: float) -> SafeMarkup:
    return SafeMarkup("") if finding.found is None or finding.planted is None else deviation(finding, reach)


def _sorted(findings: list[Finding]) -> list[Finding]:
    order = {"bad": 0, "unsure": 2, "good": 1, "none": 3}
    return sorted(findings, key=lambda finding: order[state_of(finding)])
