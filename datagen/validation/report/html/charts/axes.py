"""The plotting area, the axes and the grid of a chart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datagen.validation.report.html.charts.scales import Scale, Tick, ticks
from datagen.validation.report.html.svg import SafeMarkup, line, text
from datagen.validation.report.number_format import shortened


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing of width x height with margins for the axes; the plot is between left and right, top and bottom."""

    width: float = 340
    height: float = 196
    left: float = 46
    x_axis: float = 36

    @property
    def right(self) -> float:
        return self.width - 12

    @property
    def top(self) -> float:
        return 18.0

    @property
    def bottom(self) -> float:
        return self.height - self.x_axis

    @property
    def size(self) -> tuple[float, float]:
        return self.width, self.height


SMALL = Frame()
WIDE = Frame(width=1000, height=250)


def grid(frame: Frame, scale: Scale, unit: str = "number", message: str = "") -> list[SafeMarkup]:
    """Grid lines at round values, with their labels; `message` labels all of them."""
    found = [text((2, 10), shortened(message, 60), "label")] if message else []
    for at, mark in ticks(scale, unit=unit):
        found += [line((frame.left, at), (frame.right, at), "grid"), text((frame.left - 6, at + 4), mark, anchor="end")]
    return found


def x_axis(frame: Frame, marks: Iterable[Tick], message: str) -> list[SafeMarkup]:
    """The x axis with its marks and its title."""
    found = [line((frame.left, frame.bottom), (frame.right, frame.bottom), "axis")]
    for at, mark in marks:
        found.append(line((at, frame.bottom), (at, frame.bottom + 4), "axis"))
        over = at + 3.4 * len(mark) > frame.width
        found.append(
            text((frame.width - 1 if over else at, frame.bottom + 16), mark, anchor="end" if over else "middle")
        )
    if message:
        middle = ((frame.left + frame.right) / 2, frame.height - 4)
        found.append(text(middle, shortened(message, 90), "label", "middle"))
    return found
