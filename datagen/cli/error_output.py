"""Prints errors: no traceback; every problem with place, message and hint."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text

from datagen.cli.text_output import printable
from datagen.errors import DatagenError, ExpressionError, Problem, SchemaError


def print_error(error: DatagenError) -> None:
    """Print an error to stderr."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if isinstance(error, SchemaError):
        console.print(_count(len(error.problems)), style="bold red")
        for problem in error.problems:
            console.print(problem_text(problem))
        return
    hint = f"; {error.hint}" if isinstance(error, ExpressionError) and error.hint else ""
    console.print(Text.assemble(("error: ", "bold red"), printable(f"{error}{hint}")))


def print_usage_error(error: Exception) -> None:
    """Print a usage error. Control characters in the arguments are removed."""
    from typer.rich_utils import rich_format_error  # start-up

    message = printable(error.format_message())  # type: ignore[attr-defined]
    if "unexpected extra argument" in message and sys.argv[1:2] == ["validate"]:
        message = f"{message}; the folder of the tables is --data DIR"
    error.format_message = lambda: message  # type: ignore[attr-defined]
    rich_format_error(error)  # type: ignore[arg-type]


def problem_text(problem: Problem) -> Text:
    """A problem in two or three lines."""
    line = f" (line {problem.line})" if problem.line is not None else ""
    text = Text.assemble((printable(problem.place), "bold"), (line, "dim"), "\n    ", printable(problem.message))
    text.append(f" [{problem.code}]", "dim")
    if problem.hint:
        text.append(f"\n    {printable(problem.hint)}", "green")
    return text


def _count(count: int) -> str:
    return "1 problem; nothing was written" if count == 1 else f"{count} problems; nothing was written"
