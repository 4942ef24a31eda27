"""Charts as figures: a picture with its caption, verdict and legend. A chart is shown once per page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from datagen.validation.metrics.base import Finding
from datagen.validation.report.chart_data import charts_of
from datagen.validation.report.html.captions import caption
from datagen.validation.report.html.charts.registry import draw, draw_narrow, is_wide
from datagen.validation.report.html.svg import SafeMarkup
from datagen.validation.report.summary import state_of


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart of the page; `legend` names what is drawn besides the data.

    `narrow` is the picture for a small screen, if the wide one would be cut. `verdict` is empty if nothing is judged.
    """

    title: str
    picture: SafeMarkup
    narrow: SafeMarkup
    wide: bool
    state: str
    verdict: str
    message: str
    detail: str
    planted: str
    interval: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A chart with its finding; None for one of the profile."""

    chart: Mapping[str, Any]
    finding: Finding | None


def judged_charts(findings: Iterable[Finding], profile: Iterable[Mapping[str, Any]] = ()) -> list[Judged]:
    """The charts of findings and of a profile, each once. Of two charts of the same thing, the one with planted values
    is kept. Of the charts of one finding, only those with planted values are judged by it, if there are any.

    Realism tests observe the same hours, days and counts as the scored metrics.
    """
    found: dict[tuple[str | None, str, str], Judged] = {}
    for finding in sorted(findings, key=lambda finding: finding.group == "realism"):
        charts = charts_of(finding.details)
        compared = any(_planted(chart) for chart in charts)
        for chart in charts:
            one = Judged(chart, finding if _planted(chart) or not compared else None)
            found.setdefault(_shows(one), one)
    for chart in profile:
        one = Judged(chart, None)
        found.setdefault(_shows(one), one)
    return list(found.values())


def _shows(one: Judged) -> tuple[str | None, str, str]:
    """The subject of a chart: two charts of one form and title are the same, and so are two of the children of a
    parent.
    """
    form = str(one.chart.get("form"))
    column = one.finding.column if one.finding is not None else None
    title = str(one.chart.get("title") or "")
    if form == "counts":
        return column, form, ""
    if form == "series":
        return None, form, title.rpartition(" per ")[0] or title
    return None, form, title


def figures_of(charts: Iterable[Judged]) -> list[Figure]:
    """The pictures, the wide ones first."""
    found = [figure_of(one) for one in charts]
    return sorted((figure for figure in found if figure is not None), key=lambda figure: not figure.wide)


def figure_of(one: Judged) -> Figure | None:
    """The picture of a chart; None for a form that has none."""
    picture = draw(one.chart)
    if picture is None:
        return None
    finding, wide = one.finding, is_wide(one.chart)
    return Figure(
        title=str(one.chart.get("title") or (finding.subject or finding.measure if finding else "")),
        picture=picture,
        narrow=draw_narrow(one.chart) if wide else SafeMarkup(""),
        wide=wide,
        state=state_of(finding) if finding else "none",
        verdict=finding.verdict if finding else "",
        message=_message(one),
        detail=finding.message if finding else "",
        planted=_planted(one.chart),
        interval=_interval(one.chart),
    )


def _message(one: Judged) -> str:
    if one.finding is None:
        return ""
    several = one.chart["form"] in ("interval", "series", "state_diagram") and state_of(one.finding) == "good"
    return "As planted, within sampling error." if several else caption(one.finding)


def _planted(chart: Mapping[str, Any]) -> str:
    if chart.get("planted") is not None:
        return "planted"
    return "expected" if chart.get("smooth") is not None else ""


def _interval(chart: Mapping[str, Any]) -> str:
    return "95 % interval" if chart.get("error") is not None or chart.get("low") is not None else ""
