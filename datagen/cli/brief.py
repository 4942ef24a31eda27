"""`datagen brief`: a prompt with which any chat or agent can write a schema."""

from __future__ import annotations

from typing import Annotated

import typer

from datagen.cli.options import AsJson


def brief(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="What the data is about; put into the prompt.", show_default=False),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print a prompt to paste into any chat; with --json all that an agent needs: JSON Schema, kinds, rules, codes."""
    from datagen.authoring.brief import brief as prompt  # start-up: numpy, Arrow and every kind
    from datagen.authoring.brief import brief_data

    description = " ".join(words or ())
    if as_json:
        import json

        print(json.dumps(brief_data(description), indent=2, ensure_ascii=False))
    else:
        print(prompt(description), end="")
