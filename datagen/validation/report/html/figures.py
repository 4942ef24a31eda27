"""The charts of findings as figures: a picture with its caption, verdict and legend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from datagen.validation.metrics.base import Finding
from datagen.validation.report.chart_data import charts_of
from datagen.validation.report.html.charts.registry import WIDE, draw
from datagen.validation.report.html.svg import SafeMarkup
from datagen.validation.report.summary import state_of


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart as the page shows it; `legend` names what is drawn beside what was found."""

    title: str
    picture: SafeMarkup
    wide: bool
    state: str
    verdict: str
    message: str
    planted: str
    interval: str


def figures_of(findings: Iterable[Finding]) -> list[Figure]:
    """All charts, the wide ones first."""
    found = [_figure(finding, chart) for finding in findings for chart in charts_of(finding.details)]
    return sorted((figure for figure in found if figure is not None), key=lambda figure: not figure.wide)


def _figure(finding: Finding, chart: Mapping[str, Any]) -> Figure | None:
    picture = draw(chart)
    if picture is None:
        return None
    title = str(chart.get("title") or finding.subject or finding.measure)
    return Figure(
        title,
        picture,
        chart["form"] in WIDE,
        state_of(finding),
        finding.verdict,
        finding.message,
        _planted(chart),
        _interval(chart),
    )


def _planted(chart: Mapping[str, Any]) -> str:
    if chart.get("planted") is not None:
        return "planted"
    return "expected" if chart.get("smooth") is not None else ""


def _interval(chart: Mapping[str, Any]) -> str:
    return "95 % interval" if chart.get("error") is not None or chart.get("low") is not None else ""
