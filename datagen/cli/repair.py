"""`datagen repair`: repairs a document without a model, and lists the remaining problems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datagen.cli.options import AsJson, standard_input
from datagen.cli.text_output import write_file
from datagen.errors import DataError, SchemaError, reason_of
from datagen.locations import local_path

if TYPE_CHECKING:
    from datagen.authoring.repair import Repair


def repair(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="The document, or an answer that holds one; - reads standard input.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(parser=local_path, metavar="FILE", help="Write the repaired document here.", show_default=False),
    ] = None,
    in_place: Annotated[bool, typer.Option("--in-place", "-i", help="Write the repaired document to FILE.")] = False,
    as_json: AsJson = False,
) -> None:
    """Repair a document without a model: fences, commas, names, kinds, units. List other problems. Exit code 2 if a
    problem is left.
    """
    from datagen.authoring.repair import repair as repaired  # start-up: numpy, Arrow and every kind

    if in_place and file == "-":
        raise typer.BadParameter("standard input cannot be written back; name a file, or use --out")
    done = repaired(text_of(file), None if file == "-" else local_path(file).parent)
    target = local_path(file) if in_place else out
    if target is not None:
        write_file(target, done.text)
    if as_json:
        _print_json(done)
    else:
        if target is None:
            print(done.text, end="" if done.text.endswith("\n") else "\n")
        _tell(done)
    if not done.valid:
        raise typer.Exit(SchemaError.exit_code)


def text_of(file: str) -> str:
    """The text of a file, or of standard input for `-`; bytes that are no UTF-8 become U+FFFD. Raises DataError."""
    if file == "-":
        return standard_input()
    try:
        data = local_path(file).read_bytes()
    except OSError as error:
        raise DataError(f"cannot read '{file}': {reason_of(error)}") from None
    return data.decode("utf-8", errors="replace")


def _tell(done: Repair) -> None:
    """Print the changes and the remaining problems to standard error."""
    from rich.console import Console
    from rich.text import Text

    from datagen.cli.error_output import problem_text  # start-up: rich
    from datagen.cli.text_output import printable

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for change in done.changes:
        words = f"{change.before or 'nothing'} -> {change.after or 'nothing'}"
        console.print(Text.assemble((change.place, "bold"), f"\n    {printable(words)}\n    ", (change.reason, "dim")))
    left = "nothing is left to repair" if done.valid else f"{len(done.problems)} left to repair"
    console.print(f"{len(done.changes)} changed; {left}", style="bold green" if done.valid else "bold red")
    for problem in done.problems:
        console.print(problem_text(problem))


def _print_json(done: Repair) -> None:
    import json
    from dataclasses import asdict

    changes = [asdict(change) for change in done.changes]
    problems = [{**asdict(problem), "place": problem.place} for problem in done.problems]
    print(json.dumps({"document": done.text, "changes": changes, "problems": problems}, indent=2, ensure_ascii=False))
