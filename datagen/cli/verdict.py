"""A report on the terminal: what failed, what cost points, and the verdict in one line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from datagen.cli.telling import printable
from datagen.errors import OutputError
from datagen.quality.report import where

if TYPE_CHECKING:
    from datagen.measures.base import Finding
    from datagen.quality.report import Report

_MOST = 20
_ROWS = 3


def show(report: Report, console: Console | None = None) -> None:
    """Print the report to standard output."""
    console = console or Console(highlight=False)
    console.print(_groups(report))
    for finding in report.failed[:_MOST]:
        console.print(_failure(finding), soft_wrap=True)
    if len(report.failed) > _MOST:
        console.print(f"... and {len(report.failed) - _MOST} more failed gates: --json FILE has them all")
    dear = [loss for loss in report.losses if report.findings[loss.finding].group != "gate"][:_MOST]
    for loss in dear:
        finding = report.findings[loss.finding]
        told = f"-{loss.points:.1f}  {printable(where(finding))}: {printable(finding.message)}"
        console.print(Text(told, "yellow"), soft_wrap=True)
    console.print(Text(report.verdict, "bold green" if report.passed else "bold red"), soft_wrap=True)


def _groups(report: Report) -> Table:
    """How many findings of each group came to which verdict."""
    table = Table(box=None, pad_edge=False)
    for head in ("measures", "good", "bad", "not applicable"):
        table.add_column(head, justify="left" if head == "measures" else "right")
    for group in dict.fromkeys(finding.group for finding in report.findings):
        verdicts = Counter(_kind(finding) for finding in report.findings if finding.group == group)
        table.add_row(group, *(str(verdicts[kind]) for kind in ("good", "bad", "none")))
    return table


def _kind(finding: Finding) -> str:
    if finding.verdict in ("pass", "recovered"):
        return "good"
    return "bad" if finding.verdict in ("fail", "not recovered") else "none"


def _failure(finding: Finding) -> Text:
    text = Text.assemble((f"failed  {printable(where(finding))}", "bold red"), f": {printable(finding.message)}")
    for row in finding.rows[:_ROWS]:
        text.append(f"\n    {printable(', '.join(f'{name}: {cell}' for name, cell in row.items()))}", "dim")
    return text


def write(path: Path, text: str) -> None:
    """Write a report to a file. Raises OutputError where that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {(error.strerror or str(error)).lower()}") from None
