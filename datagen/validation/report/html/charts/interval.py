"""Dots and intervals: estimates with 95 % intervals, against the planted values."""

from __future__ import annotations

from datagen.validation.metrics.base import Finding
from datagen.validation.report import chart_data
from datagen.validation.report.chart_data import Number
from datagen.validation.report.html.charts.bars import name_width
from datagen.validation.report.html.charts.scales import Scale, spanned, ticks, with_margin
from datagen.validation.report.html.svg import SafeMarkup, drawing, element, hints, line, text
from datagen.validation.report.number_format import shortened, show

ROW, WIDTH, MOST = 22.0, 340.0, 20
RIGHT = WIDTH - 56
REACH = 1.96
"""Standard errors to either side: 95 % of a normal distribution."""


def draw(chart: chart_data.Interval) -> SafeMarkup:
    """One row per label on one axis: the planted value as a mark, the estimate as a dot with its interval."""
    shown = range(min(len(chart["labels"]), MOST))
    ends = [end for k in shown for end in (*_ends(chart["found"][k], chart["error"][k]), chart["planted"][k])]
    known = [end for end in ends if end is not None]
    log = chart["unit"] == "factor" and bool(known) and 0 < min(known) * 4 < max(known)
    left = name_width(chart["labels"])
    across = with_margin(spanned(known, left, RIGHT, log=log), both=True)
    bottom = len(shown) * ROW + 4
    parts = [line((left, bottom), (RIGHT, bottom), "axis")]
    for at, message in ticks(across, 4, chart["unit"]):
        parts += [line((at, 2), (at, bottom), "grid"), text((at, bottom + 15), message, "tick", "middle")]
    for k in shown:
        parts += _row(chart, k, (across, left))
    return drawing((WIDTH, bottom + 22), f"intervals: {chart['title']}", parts)


def _row(chart: chart_data.Interval, k: int, room: tuple[Scale, float]) -> list[SafeMarkup]:
    across, left = room
    middle, unit, label = k * ROW + ROW / 2 + 2, chart["unit"], chart["labels"][k]
    found, planted, error = chart["found"][k], chart["planted"][k], chart["error"][k]
    hint = f"{label}: planted {show(planted, unit)}, found {show(found, unit)} \N{PLUS-MINUS SIGN} {show(error)}"
    name = element(
        "text", *hints(label), shortened(label, 19), x=left - 8, y=middle + 4, class_="name", text_anchor="end"
    )
    parts = [name, text((WIDTH - 2, middle + 4), show(found, unit), "value", "end")]
    if planted is not None:
        parts.append(line((across(planted), middle - 8), (across(planted), middle + 8), "planted-mark"))
    if found is not None:
        low, high = (across(end) for end in _ends(found, error) if end is not None)
        parts.append(line((low, middle), (high, middle), "whisker"))
        parts.append(element("circle", *hints(hint), cx=across(found), cy=middle, r=4, class_="found"))
    return parts


def _ends(found: Number, error: Number) -> tuple[Number, Number]:
    if found is None:
        return None, None
    return found - REACH * (error or 0), found + REACH * (error or 0)


def deviation(finding: Finding, reach: float) -> SafeMarkup:
    """The relative deviation of an estimate from the planted value, from -reach to +reach.

    Values beyond it are an arrow at the edge. If the planted value is 0, the row is in standard errors.
    """
    width, middle = 180.0, 9.0
    scale = Scale(-reach, reach, 8, width - 8)
    centre, half = _relative(finding, reach)
    low, high = max(centre - half, -reach), min(centre + half, reach)
    state = "good" if finding.verdict == "recovered" else "bad" if finding.verdict == "not recovered" else "unsure"
    parts = [line((0, middle), (width, middle), "grid"), line((scale(0), 1), (scale(0), 17), "planted-mark")]
    if low < high:
        parts.append(line((scale(low), middle), (scale(high), middle), f"whisker {state}"))
    parts.append(_dot(centre, reach, scale, state))
    message = f"found {show(finding.found)} against {show(finding.planted)}"
    return drawing((width, 18), message, [*hints(message), *parts], "dot-plot")


def _relative(finding: Finding, reach: float) -> tuple[float, float]:
    """The deviation and half of its interval."""
    planted, found, error = finding.planted or 0.0, finding.found or 0.0, finding.error or 0.0
    if planted:
        return (found - planted) / abs(planted), REACH * error / abs(planted)
    return ((found - planted) / error * reach / 6, REACH * reach / 6) if error else (0.0, 0.0)


def _dot(centre: float, reach: float, scale: Scale, state: str) -> SafeMarkup:
    if abs(centre) <= reach:
        return element("circle", cx=scale(centre), cy=9, r=4, class_=f"dot {state}")
    edge, back = (scale(reach) + 7, -7) if centre > 0 else (scale(-reach) - 7, 7)
    return element("path", d=f"M{edge:.1f} 9l{back} -5v10z", class_=f"dot {state}")


def reach_of(findings: list[Finding]) -> float:
    """The range of the axis of these rows: almost all intervals fit, but at least 5 % and at most 50 %."""
    ends = sorted(abs(centre) + half for centre, half in (_relative(one, 0.0) for one in findings if one.planted))
    far_end = ends[int(len(ends) * 0.9)] if ends else 0.1
    return next((step for step in (0.05, 0.1, 0.2, 0.3) if far_end <= step), 0.5)
