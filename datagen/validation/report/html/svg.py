"""Inline SVG from small pure functions. Every text and attribute is escaped here and nowhere else."""

from __future__ import annotations

import html
from collections.abc import Iterable

Attribute = str | float | None


class SafeMarkup(str):
    """Markup that templates do not escape again."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def element(tag: str, *children: str, **attributes: Attribute) -> SafeMarkup:
    """`<tag ...>children</tag>`. Children that are not `SafeMarkup` are escaped; `class_` is class, `font_size` is
    font-size.
    """
    message = "".join(f' {_name(name)}="{_value(value)}"' for name, value in attributes.items() if value is not None)
    inside = "".join(child if isinstance(child, SafeMarkup) else html.escape(child) for child in children)
    return SafeMarkup(f"<{tag}{message}>{inside}</{tag}>")


def drawing(
    size: tuple[float, float], label: str, children: Iterable[str], class_: str = "chart", style: str | None = None
) -> SafeMarkup:
    """A scalable picture of width x height units; `label` is the text for screen readers."""
    width, height = size
    box = f"0 0 {_value(width)} {_value(height)}"
    return element("svg", *children, class_=class_, viewBox=box, role="img", aria_label=label, width=width, style=style)


def text(at: tuple[float, float], message: str, class_: str = "tick", anchor: str | None = None) -> SafeMarkup:
    return element("text", message, x=at[0], y=at[1], class_=class_, text_anchor=anchor)


def line(start: tuple[float, float], end: tuple[float, float], class_: str) -> SafeMarkup:
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=class_)


def box(corner: tuple[float, float], size: tuple[float, float], class_: str, hint: str = "") -> SafeMarkup:
    """A rectangle; `hint` is its tooltip."""
    width, height = max(size[0], 0.0), max(size[1], 0.0)
    return element("rect", *hints(hint), x=corner[0], y=corner[1], width=width, height=height, class_=class_)


def path(points: Iterable[tuple[float, float]], class_: str, *, closed: bool = False) -> SafeMarkup:
    """A line through points."""
    joined = "L".join(f"{_value(x)} {_value(y)}" for x, y in points)
    return element("path", d=f"M{joined}{'Z' if closed else ''}" if joined else None, class_=class_)


def hints(message: str) -> tuple[SafeMarkup, ...]:
    """The tooltip of the enclosing element."""
    return (element("title", message),) if message else ()


def _name(name: str) -> str:
    return name.rstrip("_") if name.endswith("_") else name.replace("_", "-")


def _value(value: Attribute) -> str:
    if isinstance(value, str):
        return html.escape(value)
    return f"{value:.2f}".rstrip("0").rstrip(".") if value is not None else ""
