"""The page of one table: rows over time, a card for every column, a few rows, the findings."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datagen.analysis.semantic_model import SemanticModel
from datagen.registry import Kind
from datagen.validation.metrics.base import Finding
from datagen.validation.profile.described import profiles_in
from datagen.validation.report.html.column_cards import ColumnCard, card_of
from datagen.validation.report.html.figures import Figure, Judged, figure_of, figures_of, judged_charts
from datagen.validation.report.report import Report
from datagen.validation.report.summary import worst_of

MOST_CARDS = 60
"""A table with more columns than this only names the others."""


@dataclass(frozen=True, slots=True)
class TablePage:
    """The part of the report about one table. `figures` are the charts that belong to no single column."""

    name: str
    description: str
    rows: int | None
    profiled: int
    parent: str | None
    over_time: list[Figure]
    cards: list[ColumnCard]
    unlisted: list[str]
    figures: list[Figure]
    names: list[str]
    cells: list[list[Any]]
    together: list[Figure]
    findings: list[Finding]
    state: str


def tables_of(model: SemanticModel, report: Report) -> list[TablePage]:
    """A page for each table, in schema order."""
    return [_table(model, report, name) for name in model.tables]


def _table(model: SemanticModel, report: Report, name: str) -> TablePage:
    facts = model.tables[name]
    findings = [finding for finding in report.findings if finding.table == name]
    shown = [column for column in facts.declared if not facts.columns[column].hidden]
    profile = profiles_in(report.details).get(name, {})
    charts = judged_charts(findings, profile.get("over_time", ()))
    cards, left = [], charts
    for column in shown[:MOST_CARDS]:
        card, left = card_of(model, (name, column), findings, profile.get("columns", {}).get(column, {}), left)
        cards.append(card)
    sample = profile.get("sample", {"names": [], "rows": []})
    return TablePage(
        name, model.document.tables[name].description or message(facts.rows), report.rows.get(name),
        profile.get("rows", 0), facts.parent, figures_of(one for one in left if one.chart.get("form") == "series"),
        cards, shown[MOST_CARDS:], figures_of(one for one in left if one.chart.get("form") != "series"),
        sample["names"], sample["rows"], _together(profile),
        [finding for finding in findings if finding.group != "constraint"], worst_of(findings),
    )  # fmt: skip


def _together(profile: Mapping[str, Any]) -> list[Figure]:
    """The charts of missing cells and of the association of columns."""
    charts: Sequence[Any] = [profile.get("missing"), profile.get("dependence")]
    found = [figure_of(Judged(chart, None)) for chart in charts if chart]
    return [figure for figure in found if figure is not None]


def message(kind: Kind) -> str:
    """The first sentence of the docstring of a kind."""
    first = (inspect.getdoc(type(kind)) or "").split("\n", 1)[0]
    sentence = first.replace("...", "\N{HORIZONTAL ELLIPSIS}").split(". ", 1)[0].replace("`", "").rstrip(".")
    return sentence if sentence.endswith("\N{HORIZONTAL ELLIPSIS}") else f"{sentence}."
