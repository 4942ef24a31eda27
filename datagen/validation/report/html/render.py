"""Writes the report of a validation as one self-contained HTML file."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

from datagen.analysis.semantic_model import SemanticModel
from datagen.validation.report import number_format
from datagen.validation.report.html.captions import caption, subject_of
from datagen.validation.report.html.page import page_of
from datagen.validation.report.html.svg import SafeMarkup
from datagen.validation.report.report import Report
from datagen.validation.report.summary import RULES, SIGNS, message_of, name_of, place_of, state_of

_TEMPLATES = files("datagen.validation.report.html") / "templates"


def html_of(report: Report, model: SemanticModel) -> str:
    """The page as text. The same report gives the same page, and everything in it is escaped.

    A content security policy forbids network access and all scripts but our own few lines.
    """
    import jinja2  # start-up

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(lambda name: (_TEMPLATES / name).read_text("utf-8")),
    )
    environment.filters.update(
        show=number_format.show,
        beside=number_format.beside,
        signed=number_format.signed,
        spelled=number_format.spelled,
        message_of=message_of,
        caption=caption,
        subject=subject_of,
        score=number_format.format_score,
        whole=number_format.whole,
        share=number_format.share,
        place=place_of,
        state=state_of,
        name=name_of,
    )
    script = (_TEMPLATES / "page.js").read_text("utf-8").strip()
    return environment.get_template("page.html").render(
        page=page_of(report, model),
        style=SafeMarkup(chart_style() + (_TEMPLATES / "page.css").read_text("utf-8")),
        script=SafeMarkup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        signs=SIGNS,
        rules=RULES,
    )


def chart_style() -> str:
    """The style sheet of charts and diagrams, with the colours of the light and of the dark look."""
    return (_TEMPLATES / "charts.css").read_text("utf-8")


def write_html(report: Report, model: SemanticModel, path: str | Path) -> None:
    """Write the page to `path`. Raises OSError if that fails."""
    Path(path).write_text(html_of(report, model), encoding="utf-8")
