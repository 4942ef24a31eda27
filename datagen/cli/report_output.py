"""Prints a report on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from datagen.validation.report.terminal import summary

if TYPE_CHECKING:
    from datagen.validation.report.report import Report


def show(report: Report, console: Console | None = None) -> None:
    """Print the report to standard output."""
    console = console or Console(highlight=False)
    console.print(summary(report), soft_wrap=True)
