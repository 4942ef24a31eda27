"""The diagram of the tables of a schema as a picture of its own: SVG, or PNG."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datagen.analysis import analyze_or_raise
from datagen.engine.planner import PlanSettings, make_plan
from datagen.errors import DataError, OutputError, reason_of
from datagen.locations import local_path
from datagen.schema.reading.read import Schema
from datagen.validation.report.html.er_diagram import diagram
from datagen.validation.report.html.er_relations import relations_of
from datagen.validation.report.html.render import chart_style

SUFFIXES = (".svg", ".png")
ZOOM = 2.0
"""Pixels of a PNG for each unit of the SVG."""
_FONTS = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif'
_COLORS = re.compile(r"(--[\w-]+): ([^;]+);")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


class Picture(str):
    """The text of an SVG, which a notebook shows as a picture."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)


def to_picture(
    source: str | Path | Mapping[str, Any] | Schema, out: str | Path | None = None, *, dark: bool = False
) -> Picture:
    """The tables of a schema, their keys, references and numbers of rows, as the text of an SVG.

    `out` is a file to write, `.svg` or `.png`. `dark` chooses colours for a dark background. Raises SchemaError or
    PlanError; DataError for another kind of file, or for a PNG without the package resvg_py; OutputError if the file
    cannot be written.
    """
    path = None if out is None else local_path(out)
    if path is not None and path.suffix.lower() not in SUFFIXES:
        raise DataError(f"'{path}' cannot be written as a picture; use a name that ends in {' or '.join(SUFFIXES)}")
    text = _picture(source, dark=dark)
    if path is not None:
        data = text.encode() if path.suffix.lower() == ".svg" else to_png(text)
        try:
            path.write_bytes(data)
        except OSError as error:
            raise OutputError(f"cannot write '{path}': {reason_of(error)}") from None
    return text


def to_png(svg: str) -> bytes:
    """The picture as a PNG. Raises DataError if the package resvg_py is not installed."""
    try:
        import resvg_py  # an optional extra
    except ImportError:
        raise DataError(
            "a PNG needs the package resvg_py: install it with pip install 'datagen[picture]', or write .svg"
        ) from None
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM, sans_serif_family="DejaVu Sans"))


def _picture(source: str | Path | Mapping[str, Any] | Schema, *, dark: bool) -> Picture:
    model = analyze_or_raise(source)
    planned = make_plan(model, PlanSettings(model.document.seed), count=False)
    drawn = diagram(relations_of(model, {name: table.rows for name, table in planned.tables.items()}))
    return standalone(drawn, model.document.name, dark=dark)


def standalone(drawn: str, title: str, *, dark: bool = False) -> Picture:
    """A diagram of the report with its style, its colours and a background, without links."""
    _, _, width, height = re.search(r'viewBox="([^"]*)"', drawn)[1].split()  # type: ignore[index]
    colors = _colors(dark=dark)
    inside = drawn[drawn.index(">") + 1 :].replace("<a ", "<g ").replace("</a>", "</g>")
    inside = re.sub(r' href="[^"]*"', "", inside)
    opened = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="tables of {title}" font-family=\'{_FONTS}\'>'
    )
    paper = f'<rect width="{width}" height="{height}" fill="{colors["--paper"]}"/>'
    return Picture(f"{opened}<style>{_style(colors)}</style>{paper}{inside}")


def _colors(*, dark: bool) -> dict[str, str]:
    light, _, other = chart_style().partition("@media")
    return dict(_COLORS.findall(other if dark else light))


def _style(colors: Mapping[str, str]) -> str:
    """The rules of diagrams, without variables, states and weights, which not every program reads."""
    rules = _RULE.findall(chart_style())
    kept = [
        f"{name.strip()}{{{body.strip()}}}"
        for name, body in rules
        if re.search(r"\.(family|entity|link|to-\d)", name) and ":hover" not in name
    ]
    text = re.sub(r"var\((--[\w-]+)\)", lambda found: colors[found[1]], "".join(kept))
    return text.replace("font-weight: 650", "font-weight: 700")
