"""`datagen ui`: serves a page on this machine to write a document and see what it makes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.signals import stopping
from datagen.cli.text_output import printable
from datagen.errors import ProblemCode, SchemaError
from datagen.locations import local_path

_ENDED = "the page has ended; run the same command to open it again"


def ui(
    schema: Annotated[
        Path | None,
        typer.Argument(
            parser=local_path, metavar="[SCHEMA]", help="The document to open and save; a new one if it does not exist."
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes any that is free.", show_default=False)
    ] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Write a document in a local page: completion, problems, the tables, preview rows, charts and the report of a
    sample. Nothing leaves the machine.
    """
    from datagen.authoring.playground.server import Playground, PlaygroundServer  # start-up

    if schema is not None:
        _must_be_a_document(schema)
    server = PlaygroundServer(Playground(schema), port)
    print(printable(server.url), flush=True)
    stopping.loaded(_ENDED)
    if browser:
        import webbrowser

        webbrowser.open(server.url)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        typer.echo(_ENDED, err=True)
    finally:
        server.close()


def _must_be_a_document(path: Path) -> None:
    """Raises SchemaError for a file that is no document, such as one that is not text; its problems are shown later."""
    from datagen.schema.reading.read import SUFFIXES, read_tolerant

    if path.suffix.lower() in SUFFIXES and not path.exists() and path.parent.is_dir():
        return
    try:
        read_tolerant(path)
    except SchemaError as error:
        if any(problem.code in (ProblemCode.UNREADABLE, ProblemCode.ENCODING) for problem in error.problems):
            raise
