"""The score as a ring, filled in proportion."""

from __future__ import annotations

import math
from typing import Any

from datagen.validation.report.html.svg import SafeMarkup, drawing, element, text
from datagen.validation.report.number_format import format_score

RADIUS = 58.0
SIZE = 148.0


def dial(score: float, state: str) -> SafeMarkup:
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
