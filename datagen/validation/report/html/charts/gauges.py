"""The score as a ring, and a statistic against its threshold."""

from __future__ import annotations

import math
from typing import Any

from datagen.validation.metrics.base import Finding
from datagen.validation.report.html.charts.scales import Scale
from datagen.validation.report.html.svg import SafeMarkup, box, drawing, element, hints, line, text
from datagen.validation.report.number_format import format_score, show
from datagen.validation.report.summary import state_of

WIDTH, MIDDLE = 180.0, 9.0


def gauge(finding: Finding) -> SafeMarkup:
    """The good side follows from the verdict. Empty without a number."""
    found, threshold = finding.statistic, finding.threshold
    if found is None or threshold is None:
        return SafeMarkup("")
    state = state_of(finding)
    scale = _scale(found, threshold)
    at = scale(threshold)
    above = (found >= threshold) == (state == "good")
    side = (at, WIDTH - 4 - at) if above else (4.0, at - 4)
    parts = [
        line((4, MIDDLE), (WIDTH - 4, MIDDLE), "grid"),
        box((side[0], 3), (side[1], 12), "good-side"),
        line((at, 1), (at, 17), "planted-mark"),
        element("circle", cx=scale(found), cy=MIDDLE, r=4, class_=f"dot {state}"),
    ]
    message = f"{show(found)} against {show(threshold)}"
    return drawing((WIDTH, 18), message, [*hints(message), *parts], "dot-plot")


def _scale(found: float, threshold: float) -> Scale:
    low = min(0.0, found, threshold)
    high = max(found, threshold, 0.0)
    room = (high - low) * 0.15 or 1.0
    return Scale(low if low == 0 else low - room, high + room, 8, WIDTH - 8)


RADIUS = 58.0
SIZE = 148.0


def score_ring(score: float, state: str) -> SafeMarkup:
    """`state` selects its colour: good, bad or unsure."""
    around = 2 * math.pi * RADIUS
    middle = SIZE / 2
    filled = around * min(max(score, 0.0), 100.0) / 100
    ring: dict[str, Any] = {"cx": middle, "cy": middle, "r": RADIUS, "fill": "none"}
    parts = [
        element("circle", **ring, class_="ring"),
        element(
            "circle", **ring, class_=f"ring-filled {state}", stroke_dasharray=f"{filled:.1f} {around:.1f}",
            transform=f"rotate(-90 {middle} {middle})",
        ),
        text((middle, middle + 9), format_score(score), "ring-score", "middle"),
        text((middle, middle + 30), "of 100", "ring-of", "middle"),
    ]  # fmt: skip
    return drawing((SIZE, SIZE), f"score {format_score(score)} of 100", parts, "dial")
