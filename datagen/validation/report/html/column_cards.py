"""The card of one column: its description, chart, numbers, and failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datagen.analysis.semantic_model import SemanticModel
from datagen.validation.metrics.base import Finding
from datagen.validation.report.html.captions import caption
from datagen.validation.report.html.column_words import declared, what_it_is
from datagen.validation.report.html.er_relations import Link, link_of
from datagen.validation.report.html.figures import Figure, Judged, figure_of
from datagen.validation.report.number_format import exactly, share
from datagen.validation.report.summary import state_of, worst_of

MOST_WRONG = 3


@dataclass(frozen=True, slots=True)
class ColumnCard:
    """A column on the page; `to` is the table whose key it holds, `wrong` are its failures."""

    name: str
    type: str
    key: str
    to: str
    nullable: bool
    message: str
    declared: str
    state: str
    checks: int
    figure: Figure | None
    numbers: list[tuple[str, str]]
    wrong: list[str]


def card_of(
    model: SemanticModel,
    place: tuple[str, str],
    findings: Sequence[Finding],
    profile: Mapping[str, Any],
    charts: list[Judged],
) -> tuple[ColumnCard, list[Judged]]:
    """The card of a column, and the charts of its table that it does not show."""
    table, name = place
    own = [finding for finding in findings if finding.column == name]
    link = link_of(model, table, name)
    type_ = model.type_of(table, name)
    chosen = _chosen(place, link, charts, numeric=type_ is not None and type_.numeric)
    shown = chosen or (Judged(profile["chart"], None) if profile.get("chart") else None)
    key = name == model.tables[table].key
    card = ColumnCard(
        name=name,
        type=str(type_ or ""),
        key="primary key" if key else "foreign key" if link else "",
        to=link.to if link else "",
        nullable=model.nullable(table, name),
        message=what_it_is(model, table, name),
        declared=declared(model, table, name),
        state=worst_of(own),
        checks=len(own),
        figure=figure_of(shown) if shown else None,
        numbers=_numbers(profile, named=key or link is not None),
        wrong=[_wrong(finding) for finding in own if state_of(finding) == "bad" and finding.group != "realism"][
            :MOST_WRONG
        ],
    )
    return card, [one for one in charts if one is not chosen]


def _wrong(finding: Finding) -> str:
    return f"{finding.message}." if finding.group == "constraint" else caption(finding)


def _whole(chart: Mapping[str, Any], numeric: bool) -> bool:
    """Whether a chart shows all values of a column: labels of bars are numbers, not last digits."""
    if chart.get("form") == "bars":
        return not numeric or all(label.replace(".", "", 1).lstrip("-").isdigit() for label in chart["labels"])
    return chart.get("form") == "histogram"


def _chosen(place: tuple[str, str], link: Link | None, charts: list[Judged], *, numeric: bool) -> Judged | None:
    """The chart of the findings that shows the column itself; for a foreign key, the frequency of its rows."""
    table, name = place
    for one in charts:
        form, x = one.chart.get("form"), str(one.chart.get("x"))
        of_it = one.finding is not None and one.finding.column == name
        whole = (
            _whole(one.chart, numeric)
            and one.chart.get("title") == f"{table}.{name}"
            and (x == "values" or x.startswith(name))
        )
        counted = link is not None and form in ("counts", "curve")
        if of_it and (whole or counted):
            return one
        if link is not None and link.child and form == "counts" and one.finding and one.finding.column is None:
            return one
    return None


def _numbers(profile: Mapping[str, Any], *, named: bool) -> list[tuple[str, str]]:
    """Minimum, mean and maximum, missing cells, distinct values; no mean for keys."""
    if not profile:
        return []
    found = _span(profile, named=named)
    found.append(("missing", share(profile["missing"] / max(profile["rows"], 1)) if profile["missing"] else "none"))
    if "distinct" in profile:
        about = "" if profile["distinct_is_exact"] else "\N{ALMOST EQUAL TO} "
        found.append(("distinct", f"{about}{exactly(_rounded(profile))}"))
    return found


def _span(profile: Mapping[str, Any], *, named: bool) -> list[tuple[str, str]]:
    """The range of the values; for text its lengths, for a category nothing."""
    if profile.get("min") is None or profile.get("counted"):
        return []
    if profile["units"] == "letters":
        low, high = exactly(profile["min"]), exactly(profile["max"])
        return [("length", low if low == high else f"{low} to {high}")]
    units = f" {profile['units']}" if profile["units"] else ""
    kept = ("min", "max") if named else ("min", "mean", "max")
    return [(label, f"{exactly(profile[label])}{units}") for label in kept]


def _rounded(profile: Mapping[str, Any]) -> int:
    """An estimate to three digits; all rows if it is close to their number."""
    count, rows = int(profile["distinct"]), int(profile["rows"]) - int(profile["missing"])
    if profile["distinct_is_exact"]:
        return count
    return rows if count > 0.97 * rows else int(float(f"{count:.3g}"))
