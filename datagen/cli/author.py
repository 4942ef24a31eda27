"""`datagen author`: a language model writes the schema; it is repaired, checked and tested before it is saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datagen.cli.repair import text_of
from datagen.cli.writing import printable, write_file
from datagen.errors import OutputError, SchemaError
from datagen.locations import local_path

if TYPE_CHECKING:
    from datagen.authoring.answer import Question
    from datagen.authoring.author import Draft


def author(
    words: Annotated[str, typer.Argument(help="What the data is about, or with --edit what to change.")],
    *,
    model: Annotated[
        str,
        typer.Option(
            envvar="DATAGEN_MODEL", help="The model, such as openai-chat:gpt-5 or anthropic:claude-sonnet-4-5."
        ),
    ],
    out: Annotated[Path, typer.Option(parser=local_path, metavar="FILE", help="Write the schema here.")] = Path(
        "schema.json"
    ),
    edit: Annotated[
        Path | None,
        typer.Option(parser=local_path, metavar="FILE", help="Change this schema; comments stay.", show_default=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask no questions; use their defaults.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Explain each statement of the description.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for an answer.")] = 300,
) -> None:
    """Let a language model write the schema for a description; a small run is generated and validated before it is
    saved.
    """
    from datagen.authoring.author import Authoring  # start-up: numpy, Arrow and every kind
    from datagen.authoring.pydantic_ai_model import PydanticAiModel

    target = edit or out
    if edit is None and target.exists() and not force:
        raise OutputError(f"'{target}' is there already; use --out for another name, or --force to replace it")
    before = text_of(str(edit)) if edit is not None else ""
    draft = Authoring(PydanticAiModel(model, timeout), _default if yes else _asked).write(words, before)
    for question, reply in draft.asked:
        print(printable(f"{question.question} {reply}"))
    if not draft.valid:
        _leave(draft, target)
    _save(draft, target, before)
    if explain:
        _explain(draft)


def _default(question: Question) -> str:
    return question.default or "take what is most common"


def _asked(question: Question) -> str:
    """The answer of the person; the default where there is no terminal."""
    import sys

    if not sys.stdin.isatty():
        return _default(question)
    return str(typer.prompt(printable(question.question), default=_default(question)))


def _leave(draft: Draft, target: Path) -> None:
    """Write the best draft beside the target, and report its problems. Raises SchemaError."""
    if draft.answer.text:
        path = target.with_name(f"{target.stem}.draft{target.suffix or '.json'}")
        write_file(path, draft.answer.text)
        print(f"the model wrote no valid schema in {draft.repairs + 1} answers; its best draft is {path}")
    raise SchemaError(draft.problems)


def _save(draft: Draft, target: Path, before: str) -> None:
    from datagen.authoring.edit import difference, edited
    from datagen.schema.reading.read import read_tolerant

    text = draft.answer.text
    if before:
        yaml = target.suffix.lower() != ".json"
        text = edited(before, read_tolerant(text).raw, yaml=yaml)
        print(printable(difference(before, text, target.name)) or "nothing changed")
    write_file(target, text)
    rows = sum(draft.report.rows.values()) if draft.report else 0
    score = f"{draft.report.score:.0f}" if draft.report else "-"
    print(f"{target}: valid; a small run of {rows:,} rows scores {score}")


def _explain(draft: Draft) -> None:
    from rich.console import Console
    from rich.text import Text

    from datagen.authoring.explain import explained

    console = Console(highlight=False, soft_wrap=True)
    for one in explained(draft):
        style = "green" if one.covered else "red"
        declared = f"{one.place}: {one.declaration}" if one.declaration else f"{one.place or 'nowhere'}: not declared"
        lines = [
            one.words,
            f"    {declared}",
            f"    check: {one.check or 'none'}",
            f"    found: {one.found or 'not measured'}",
        ]
        console.print(Text(printable("\n".join(lines)), style))
