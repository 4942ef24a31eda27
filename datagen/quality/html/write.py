"""Writes the report of a validation as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

from datagen.checks.house import House
from datagen.quality import saying
from datagen.quality.html.page import page_of
from datagen.quality.html.svg import Drawn
from datagen.quality.report import Report
from datagen.quality.summary import RULES, SIGNS, name_of, place_of, state_of, told

_TEMPLATES = files("datagen.quality.html") / "templates"


def html_of(report: Report, house: House) -> str:
    """The whole page as text. The same report gives the same page; everything in it is escaped.

    A content policy allows no network and no script but our own few lines, whatever a dataset holds.
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
        show=saying.show,
        beside=saying.beside,
        signed=saying.signed,
        spelled=saying.spelled,
        told=told,
        score=saying.score_said,
        whole=saying.whole,
        share=saying.share,
        place=place_of,
        state=state_of,
        name=name_of,
    )
    script = (_TEMPLATES / "page.js").read_text("utf-8").strip()
    return environment.get_template("page.html").render(
        page=page_of(report, house),
        style=Drawn((_TEMPLATES / "page.css").read_text("utf-8")),
        script=Drawn(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        signs=SIGNS,
        rules=RULES,
    )


def write_html(report: Report, house: House, path: str | Path) -> None:
    """Write the page to `path`. Raises OSError if that cannot be written."""
    Path(path).write_text(html_of(report, house), encoding="utf-8")
