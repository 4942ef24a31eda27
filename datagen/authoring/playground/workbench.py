"""The requests of the page, as functions of plain values: problems, completions, preview rows, a picture, a sample."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from datagen.analysis import analyze_or_raise
from datagen.analysis.semantic_model import SemanticModel
from datagen.api import generate, plan
from datagen.authoring.editing.completion import complete, read_tree
from datagen.authoring.editing.nodes import place_of
from datagen.authoring.repair import repair
from datagen.authoring.repair.tree import formatted
from datagen.authoring.starters import starters
from datagen.columnar.block import Type
from datagen.engine.dry_run import check
from datagen.engine.planner import PlanSettings, make_plan
from datagen.engine.preview import first_rows
from datagen.errors import DatagenError, PlanError, Problem, SchemaError
from datagen.planning.plan import Plan
from datagen.schema.reading.read import Schema, is_yaml, read_text
from datagen.validation.report.html import html_of
from datagen.validation.report.html.er_diagram import diagram
from datagen.validation.report.html.er_relations import relations_of
from datagen.validation.report.html.figures import Figure
from datagen.validation.report.html.table_pages import TablePage, tables_of

Json = dict[str, Any]
MEMORY = 800_000_000
"""The memory that a preview or a sample may take, in bytes; the planner refuses more."""
PREVIEWED = 12
FORMAT = "parquet"
"""The format of a sample, whatever the document asks for: its output may be a database, and nothing leaves the machine.
"""
SAMPLED = 20_000
"""The rows of a sample; large documents are scaled down to it."""
MOST_SAMPLED = 400_000
"""A document whose smallest sample is larger than this is not sampled."""
_LONGEST = 80
_STYLE = re.compile(r' style="[^"]*"')


class Workbench:
    """Answers the requests of a page. `folder` is where files beside the document are looked for; None for nowhere."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.answers: dict[str, Callable[[Json], Json]] = {
            "check": self.check,
            "live": self.live,
            "complete": self.complete,
            "sample": self.sample,
            "format": self.format,
            "repair": self.repair,
            "starter": self.starter,
        }

    def answer(self, name: str, request: Json) -> Json:
        """The answer to a request, or its problems; an error of the document has a code, a place and a message."""
        try:
            return self.answers[name](request)
        except SchemaError as error:
            return {"problems": located(request["text"], error.problems)}
        except DatagenError as error:
            code = "plan" if isinstance(error, PlanError) else "run"
            return {"problems": [], "error": {"code": code, "place": "$", "message": str(error)}}

    def check(self, request: Json) -> Json:
        """Every problem of a document, as `datagen check` finds them."""
        return {"problems": located(request["text"], check(self._schema(request["text"])))}

    def live(self, request: Json) -> Json:
        """For a valid document its tables as a picture and the first rows of one table; else its problems.

        Problems that only a dry run finds are left to `check`, which takes longer.
        """
        model = analyze_or_raise(self._schema(request["text"]))
        planned = make_plan(
            model, PlanSettings(model.document.seed, memory=MEMORY, partition_rows=1 << 62), count=False
        )
        rows = {name: table.rows for name, table in planned.tables.items()}
        return {
            "problems": [],
            "name": planned.name,
            "rows": planned.total_rows,
            "exact": planned.counted,
            "bytes": planned.total_bytes,
            "diagram": _drawn(diagram(relations_of(model, rows))),
            "tables": [{"name": name, "rows": rows[name], "hidden": t.hidden} for name, t in planned.tables.items()],
            "preview": _preview(model, planned, request.get("table")),
        }

    def complete(self, request: Json) -> Json:
        """The completions at an offset of the text."""
        text = request["text"]
        found = complete(text, int(request["offset"]), yaml=is_yaml(text))
        items = [[one.label, one.insert, one.what, one.detail] for one in found.items]
        return {"start": found.start, "stop": found.stop, "items": items}

    def sample(self, request: Json) -> Json:
        """A small dataset below `folder`: the charts of its columns and of its rows over time, and its report."""
        schema = self._schema(request["text"])
        problems = check(schema)
        if problems:
            raise SchemaError(problems)
        scale = sample_scale(schema)
        folder = Path(request["folder"]) / "sample"
        made = generate(schema, folder, scale=scale, memory=MEMORY, format=FORMAT, workers=1, validate=True)
        report, model = made.report, analyze_or_raise(schema)
        assert report is not None
        return {
            "problems": [],
            "scale": scale,
            "rows": sum(report.rows.values()),
            "score": round(report.score, 1),
            "realism": None if report.realism is None else round(report.realism, 1),
            "passed": report.passed,
            "verdict": report.verdict,
            "tables": [_page(page) for page in tables_of(model, report)],
            "report": html_of(report, model),
        }

    def format(self, request: Json) -> Json:
        """The text as `datagen fmt` lays it out."""
        return {"text": formatted(request["text"], yaml=is_yaml(request["text"]))}

    def repair(self, request: Json) -> Json:
        """The text with what can be repaired, as `datagen repair` does it, and each change."""
        made = repair(request["text"], self.folder)
        return {"text": made.text, "changes": [str(change) for change in made.changes]}

    def starter(self, request: Json) -> Json:
        """The text of a starting point; without a name, the names and titles of all."""
        if request.get("name") in starters():
            return {"text": starters()[request["name"]].text}
        return {"starters": [[one.name, one.title] for one in starters().values()]}

    def _schema(self, text: str) -> Schema:
        return read_text(text, yaml=is_yaml(text), folder=self.folder)


def located(text: str, problems: tuple[Problem, ...]) -> list[Json]:
    """Problems with the part of the text that they are about."""
    tree = read_tree(text, yaml=is_yaml(text))
    found = []
    for one in problems:
        start, stop = place_of(tree, one.keys)
        if one.line is not None and not one.keys:
            start, stop = _line(text, one.line)
        found.append(
            {
                "code": str(one.code),
                "place": one.place,
                "message": one.message,
                "hint": one.hint,
                "start": start,
                "stop": stop,
            }
        )
    return found


def _line(text: str, number: int) -> tuple[int, int]:
    """Start and stop of a line, counted from 1."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: number - 1])
    return start, start + len(lines[number - 1]) if number <= len(lines) else start


def sample_scale(schema: Schema) -> float:
    """The scale of a sample. Raises PlanError for a document of which even a small part is large."""
    whole = plan(schema, memory=MEMORY, format=FORMAT)
    scale = min(1.0, SAMPLED / max(whole.total_rows, 1))
    rows = whole.total_rows if scale == 1.0 else plan(schema, memory=MEMORY, format=FORMAT, scale=scale).total_rows
    if rows > MOST_SAMPLED:
        raise PlanError(
            f"a sample has about {rows:,} rows even at scale {scale:.2g}, more than {MOST_SAMPLED:,}: "
            "generate it on the command line, or lower the fixed numbers of rows"
        )
    return scale


def _preview(model: SemanticModel, planned: Plan, requested: Any) -> Json | None:
    """The first rows of the requested table, else of the first one that is not hidden."""
    name = requested if requested in planned.tables else next(iter(planned.shown), None)
    if name is None:
        return None
    made = first_rows(planned, name, PREVIEWED)[name]
    columns = [{"name": field.name, "type": str(model.type_of(name, field.name) or "")} for field in made.schema]
    types = (model.type_of(name, field.name) for field in made.schema)
    cells = [_texts(column, type_) for column, type_ in zip(made.columns, types, strict=True)]
    return {"table": name, "columns": columns, "rows": [list(row) for row in zip(*cells, strict=True)]}


def _texts(column: pa.ChunkedArray, type_: Type | None) -> list[str | None]:
    """Cells as short texts; None where one is missing."""
    digits = f".{type_.scale}f" if type_ is not None and type_.name == "decimal" else ".6g"
    return [None if value is None else _short(value, digits) for value in column.to_pylist()]


def _short(value: Any, digits: str) -> str:
    text = f"{value:{digits}}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _page(page: TablePage) -> Json:
    """The charts of one table."""
    return {
        "name": page.name,
        "rows": page.rows,
        "over_time": [_figure(figure) for figure in (*page.over_time, *page.figures)],
        "columns": [
            {
                "name": card.name,
                "type": card.type,
                "key": card.key,
                "what": card.message,
                "state": card.state,
                "numbers": card.numbers,
                "figure": _figure(card.figure) if card.figure else None,
            }
            for card in page.cards
        ],
    }


def _figure(figure: Figure) -> Json:
    return {
        "title": figure.title,
        "picture": _drawn(figure.picture),
        "narrow": _drawn(figure.narrow),
        "wide": figure.wide,
        "message": figure.message,
        "state": figure.state,
    }


def _drawn(picture: str) -> str:
    """A picture without styles of its own, which the policy of the page forbids."""
    return _STYLE.sub("", picture)
