"""The operations of datagen for an agent, as functions of plain values; files are read and written below one folder
only.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.api import fingerprint, generate, plan, preview, validate
from datagen.authoring.brief import rules
from datagen.authoring.repair import repair
from datagen.engine.dry_run import check
from datagen.errors import DataError, PlanError, Problem, SchemaError, reason_of
from datagen.planning.plan_json import as_data as plan_data
from datagen.registry import FAMILIES, did_you_mean, load
from datagen.schema.kind_catalog import found, suggestion
from datagen.schema.reading.read import is_yaml, read_text, read_tolerant

if TYPE_CHECKING:
    from datagen.schema.reading.read import Schema

Json = dict[str, Any]
MOST_PREVIEWED = 100
MOST_ROWS = 5_000_000
REPORT = "report.json"


class Toolbox:
    """The functions of one session. A `document` is the text of a schema, or the name of a file below the folder."""

    def __init__(self, folder: Path, most_rows: int = MOST_ROWS) -> None:
        load()
        self.folder = folder.resolve()
        self.most_rows = most_rows

    def kinds(self, name: str | None = None) -> Json:
        """The kinds of a family or one kind, with fields and an example; without a name, the names of all and the
        rules.
        """
        if name is None:
            names = {family: sorted(base.members) for family, base in FAMILIES.items()}
            summaries = {f"{entry.family}.{entry.name}": entry.summary for entry in found(None)}
            return {"families": names, "summaries": summaries, "rules": rules()}
        entries = found(name)
        if not entries:
            raise DataError(f"there is no kind or family '{name[:60]}'; {suggestion(name)}")
        return {"kinds": [entry.as_json() for entry in entries]}

    def check(self, document: str) -> Json:
        """Every problem of a document, with code, place, message and hint; none for one that can be generated."""
        try:
            problems = check(self._schema(document))
        except SchemaError as error:
            problems = error.problems
        return {"valid": not problems, "problems": _problems(problems)}

    def repair(self, document: str) -> Json:
        """The document with what can be repaired without a model; the changes and the problems that are left."""
        done = repair(self._text(document))
        changes = [asdict(change) for change in done.changes]
        return {"valid": done.valid, "document": done.text, "changes": changes, "problems": _problems(done.problems)}

    def plan(self, document: str, scale: float = 1.0) -> Json:
        """What a run would do: rows, bytes, partitions, memory."""
        return plan_data(plan(self._schema(document), scale=scale))

    def preview(self, document: str, table: str | None = None, rows: int = 5) -> Json:
        """The first rows of each table, or of one, as the full run makes them; values are texts where JSON has none for
        them.
        """
        tables = preview(self._schema(document), table, min(max(rows, 1), MOST_PREVIEWED))
        return {
            "tables": {name: json.loads(json.dumps(made.to_pylist(), default=str)) for name, made in tables.items()}
        }

    def generate(self, document: str, out: str, scale: float = 1.0, seed: int | None = None) -> Json:
        """Write the dataset to a folder below the given one, in place of an earlier run there. Raises PlanError for too
        many rows.
        """
        schema, target = self._schema(document), self._below(out)
        asked = {"scale": scale} if seed is None else {"scale": scale, "seed": seed}
        planned = plan(schema, **asked)  # type: ignore[arg-type]
        if planned.output.loads:
            raise PlanError(
                f"the output of the document is a database ({planned.output.type}), and this server writes files below "
                "its folder only; name a file format, or leave 'output' out"
            )
        if planned.total_rows > self.most_rows:
            raise PlanError(
                f"{planned.total_rows:,} rows are more than the {self.most_rows:,} of this server; lower the scale"
            )
        made = generate(schema, target, overwrite=True, workers=1, **asked)  # type: ignore[arg-type]
        tables = {name: made.table(name).rows for name in made.tables}
        return {"folder": str(target.relative_to(self.folder)), "plan_id": planned.id, "rows": tables}

    def validate(self, document: str, data: str) -> Json:
        """Measure whether a dataset below the folder is what the document declares; the report is kept
        beside the data.
        """
        target, kept = self._below(data), self._below(f"{data}/{REPORT}")
        report = validate(self._schema(document), target, workers=1).as_data()
        report["folder"] = data
        kept.write_text(json.dumps(report, indent=2), encoding="utf-8")
        unmet = [f for f in report["findings"] if f["verdict"] in ("fail", "not recovered")]
        head = {key: report[key] for key in ("score", "realism", "passed", "verdict", "rows")}
        return {
            **head,
            "failed": [
                {key: f[key] for key in ("table", "column", "measure", "subject", "message", "points_lost")}
                for f in unmet
            ],
        }

    def report(self, data: str, table: str | None = None) -> Json:
        """The whole report of the last validation of a dataset, or its findings about one table."""
        path = self._below(f"{data}/{REPORT}")
        if not path.is_file():
            raise DataError(f"'{data}' has no report; validate it first")
        report: Json = json.loads(path.read_text(encoding="utf-8"))
        if table is not None:
            if table not in report["rows"]:
                raise DataError(f"there is no table '{table[:60]}'; {did_you_mean(table, list(report['rows']))}")
            report["findings"] = [f for f in report["findings"] if f["table"] == table]
        return report

    def compare(self, one: str, other: str) -> Json:
        """Which tables of two datasets, or of what two documents make, have the same values."""
        prints = [fingerprint(self._dataset(source)) for source in (one, other)]
        names = sorted(prints[0].keys() | prints[1].keys())
        return {"same": {name: prints[0].get(name) == prints[1].get(name) for name in names}}

    def save(self, document: str, name: str) -> Json:
        """Write the text of a valid document to a file below the folder; a name ends in .json, .yaml or .yml."""
        path, text = self._below(name), self._text(document)
        if path.suffix not in (".json", ".yaml", ".yml"):
            raise DataError(f"'{name[:80]}' is not named like a schema; its name ends in .json, .yaml or .yml")
        problems = check(read_text(text, yaml=is_yaml(text)))
        if problems:
            raise SchemaError(problems)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise DataError(f"cannot write '{name[:80]}': {reason_of(error)}") from None
        return {"file": str(path.relative_to(self.folder))}

    def _schema(self, document: str) -> Schema:
        if _is_text(document):
            return read_text(document, yaml=is_yaml(document))
        return read_tolerant(self._below(document))

    def _text(self, document: str) -> str:
        if _is_text(document):
            return document
        path = self._below(document)
        if not path.is_file():
            raise DataError(f"there is no file '{document[:80]}'")
        return path.read_text(encoding="utf-8", errors="replace")

    def _dataset(self, source: str) -> Any:
        return self._below(source) if not _is_text(source) and self._below(source).is_dir() else self._schema(source)

    def _below(self, name: str) -> Path:
        """The path of a name below the folder. Raises DataError for one that lies elsewhere, through links too."""
        if not name.strip():
            raise DataError("a name is empty: give the text of a document, or the name of a file or folder")
        path = self.folder if "\x00" in name or "://" in name else (self.folder / name).resolve()
        if not path.is_relative_to(self.folder) or path == self.folder:
            raise DataError(f"'{name[:80]}' is not below the folder of this server")
        return path


def _is_text(document: str) -> bool:
    return "\n" in document or document.lstrip().startswith("{")


def _problems(problems: tuple[Problem, ...]) -> list[Json]:
    return [
        {"code": str(one.code), "place": one.place, "message": one.message, "hint": one.hint, "line": one.line}
        for one in problems
    ]
