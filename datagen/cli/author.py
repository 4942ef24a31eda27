"""`datagen author`: a language model writes the schema; it is repaired, checked and tested before it is saved."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datagen.cli.options import AsJson
from datagen.cli.repair import text_of
from datagen.cli.text_output import printable, write_file
from datagen.errors import OutputError, SchemaError
from datagen.locations import local_path

if TYPE_CHECKING:
    from datagen.authoring.answer import Question
    from datagen.authoring.author import Draft


_STYLES = {"covered": "green", "contradicted": "red", "unmeasured": "yellow", "undeclared": "red"}


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
    as_json: AsJson = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for an answer.")] = 300,
) -> None:
    """Let a language model write the schema for a description; a small run is generated and validated before it is
    saved.
    """
    from datagen.authoring.author import Authoring  # start-up: numpy, Arrow and every kind
    from datagen.authoring.pydantic_ai_model import PydanticAiModel

    target = edit or _new_file(out, force)
    before = text_of(str(edit)) if edit is not None else ""
    draft = Authoring(PydanticAiModel(model, timeout), _default if yes else _asked).write(words, before)
    if as_json:
        _print_json(draft, target, before)
        return
    for question, reply in draft.asked:
        print(printable(f"{question.question} {reply}"))
    if not draft.valid:
        _leave(draft, target)
    changed = _save(draft, target, before)
    if before:
        print(printable(changed) or "nothing changed")
    rows, score = _size(draft)
    print(f"{target}: valid; a small run of {rows:,} rows scores {'-' if score is None else f'{score:.0f}'}")
    if explain:
        _explain(draft)


def _new_file(path: Path, force: bool) -> Path:
    if path.exists() and not force:
        raise OutputError(f"'{path}' is there already; use --out for another name, or --force to replace it")
    return path


def _default(question: Question) -> str:
    return question.default or "take what is most common"


def _asked(question: Question) -> str:
    """The answer of the person; the default where there is no terminal."""
    import sys

    if not sys.stdin.isatty():
        return _default(question)
    return str(typer.prompt(printable(question.question), default=_default(question)))


def _draft_file(draft: Draft, target: Path) -> Path | None:
    """Write the best draft beside the target, if there is one, and return its file."""
    if not draft.answer.text:
        return None
    path = target.with_name(f"{target.stem}.draft{target.suffix or '.json'}")
    write_file(path, draft.answer.text)
    return path


def _leave(draft: Draft, target: Path) -> None:
    """Leave the best draft, and report its problems. Raises SchemaError."""
    if (path := _draft_file(draft, target)) is not None:
        print(f"the model wrote no valid schema in {draft.repairs + 1} answers; its best draft is {path}")
    raise SchemaError(draft.problems)


def _save(draft: Draft, target: Path, before: str) -> str:
    """Write the schema; return its difference to the text before, which is empty for a new one."""
    from datagen.authoring.edit import difference, edited
    from datagen.schema.reading.read import read_tolerant

    text = draft.answer.text
    if before:
        text = edited(before, read_tolerant(text).raw, yaml=target.suffix.lower() != ".json")
    write_file(target, text)
    return difference(before, text, target.name) if before else ""


def _size(draft: Draft) -> tuple[int, float | None]:
    """The rows and the score of the small run."""
    report = draft.report
    return (sum(report.rows.values()), report.score) if report else (0, None)


def _print_json(draft: Draft, target: Path, before: str) -> None:
    """Save the schema or its best draft and print the result as JSON. Exits with 2 if it has problems."""
    import json

    from datagen.authoring.explain import explained

    rows, score = _size(draft)
    result: dict[str, object] = {"valid": draft.valid, "rows": rows, "score": score}
    if draft.valid:
        result |= {"difference": _save(draft, target, before), "file": str(target)}
        result |= {"claims": [claim.as_json() for claim in explained(draft)]}
    else:
        left = _draft_file(draft, target)
        result |= {
            "file": str(left) if left else None,
            "problems": [{**asdict(one), "place": one.place} for one in draft.problems],
        }
    print(json.dumps(result, indent=2))
    if not draft.valid:
        raise typer.Exit(SchemaError.exit_code)


def _explain(draft: Draft) -> None:
    from rich.console import Console
    from rich.text import Text

    from datagen.authoring.explain import explained

    console = Console(highlight=False, soft_wrap=True)
    found = explained(draft)
    for one in found:
        declared = f"{one.place}: {one.declaration}" if one.declaration else f"{one.place or 'nowhere'}: not declared"
        lines = [
            f"{one.state}: {one.words}",
            f"    {declared}",
            f"    check: {one.check or 'none'}",
            f"    found: {one.found or 'not measured'}",
        ]
        console.print(Text(printable("\n".join(lines)), _STYLES[one.state]))
    counted = Counter(one.state for one in found)
    console.print(f"{len(found)} statements: " + ", ".join(f"{count} {state}" for state, count in counted.items()))
