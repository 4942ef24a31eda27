"""A report on the terminal and in files, as the command line gives it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from datagen.errors import OutputError
from datagen.quality.terminal import summary

if TYPE_CHECKING:
    from datagen.quality.report import Report


def show(report: Report, console: Console | None = None) -> None:
    """Print the report to standard output."""
    console = console or Console(highlight=False)
    console.print(summary(report), soft_wrap=True)


def write(path: Path, text: str) -> None:
    """Write a report to a file. Raises OutputError where that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {(error.strerror or str(error)).lower()}") from None
