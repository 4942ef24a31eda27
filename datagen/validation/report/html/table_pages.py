"""The page of one table: where its rows come from, its columns, what was found in each."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datagen.analysis.semantic_model import SemanticModel
from datagen.registry import Kind
from datagen.validation.metrics.base import Finding
from datagen.validation.report.html.er_relations import link_of
from datagen.validation.report.html.figures import Figure, figures_of
from datagen.validation.report.number_format import shortened
from datagen.validation.report.report import Report
from datagen.validation.report.summary import state_of

LONGEST = 180
WORST = ("bad", "unsure", "good", "none")


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column in the list of a table's columns; `to` is the table whose key it holds."""

    name: str
    type: str
    key: str
    to: str
    nullable: bool
    said: str
    declared: str
    state: str
    checks: int
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class TablePage:
    """What the report says of one table."""

    name: str
    description: str
    rows: int | None
    parent: str | None
    source: str
    columns: list[ColumnRow]
    figures: list[Figure]
    findings: list[Finding]
    state: str

    @property
    def drawn(self) -> list[ColumnRow]:
        """The columns with charts."""
        return [column for column in self.columns if column.figures]


def tables_of(house: SemanticModel, report: Report) -> list[TablePage]:
    """A page for each table, in the order of the schema."""
    return [_table(house, report, name) for name in house.tables]


def _table(house: SemanticModel, report: Report, name: str) -> TablePage:
    facts = house.tables[name]
    findings = [finding for finding in report.findings if finding.table == name]
    shown = [column for column in facts.declared if not facts.columns[column].hidden]
    return TablePage(
        name, house.document.tables[name].description, report.rows.get(name), facts.parent, said(facts.rows),
        [_column(house, name, column, findings) for column in shown],
        figures_of(finding for finding in findings if finding.column not in shown),
        [finding for finding in findings if finding.group != "gate"],
        worst(findings),
    )  # fmt: skip


def _column(house: SemanticModel, table: str, name: str, findings: Sequence[Finding]) -> ColumnRow:
    generator = house.tables[table].columns[name]
    own = [finding for finding in findings if finding.column == name]
    link = link_of(house, table, name)
    return ColumnRow(
        name,
        str(house.type_of(table, name) or ""),
        "primary key" if name == house.tables[table].key else "foreign key" if link else "",
        link.to if link else "",
        house.nullable(table, name),
        generator.description or said(generator),
        declared(house.schema.raw, table, name),
        worst(own),
        len(own),
        figures_of(own),
    )


def worst(findings: Sequence[Finding]) -> str:
    """The state of the worst of them."""
    states = {state_of(finding) for finding in findings}
    return next((state for state in WORST if state in states), "none")


def said(kind: Kind) -> str:
    """What a kind says of itself, in its first sentence."""
    first = (inspect.getdoc(type(kind)) or "").split("\n", 1)[0]
    sentence = first.replace("...", "\N{HORIZONTAL ELLIPSIS}").split(". ", 1)[0].replace("`", "").rstrip(".")
    return sentence if sentence.endswith("\N{HORIZONTAL ELLIPSIS}") else f"{sentence}."


def declared(document: Mapping[str, Any], table: str, column: str) -> str:
    """A column as the schema declares it, in a line: `lognormal, median 12, sigma 0.3`."""
    written = document["tables"][table]["columns"][column]
    if not isinstance(written, Mapping):
        return shortened(_line(written), LONGEST)
    kind = str(written.get("type", ""))
    rest = [f"{key} {_line(value)}" for key, value in written.items() if key not in ("type", "description", "hidden")]
    return shortened(", ".join([kind, *rest]), LONGEST)


def _line(value: Any) -> str:
    if isinstance(value, Mapping):
        kind = [str(value["type"])] if "type" in value else []
        return "{" + ", ".join([*kind, *(f"{key} {_line(cell)}" for key, cell in value.items() if key != "type")]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_line(cell) for cell in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)
