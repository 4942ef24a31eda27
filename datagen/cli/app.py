"""The commands put together, and `main`, which turns what datagen can explain into words and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from datagen.cli.check import check
from datagen.cli.fingerprint import fingerprint
from datagen.cli.generate import generate
from datagen.cli.kinds import kinds
from datagen.cli.plan import plan
from datagen.cli.preview import preview
from datagen.cli.schema import schema
from datagen.cli.validate import validate
from datagen.errors import DatagenError
from datagen.version import VERSION

app = typer.Typer(
    name="datagen",
    help="Relational, behavioral datasets of any size from one schema document.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (generate, validate, check, plan, preview, schema, kinds, fingerprint):
    app.command()(command)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"datagen {VERSION}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 a run or validation failed, 2 the schema is wrong, 130 stopped."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for plugins costs start-up time, we have none
    try:
        app()
    except DatagenError as error:
        from datagen.cli.telling import tell  # start-up: rich, and only when something is wrong

        tell(error)
        sys.exit(error.exit_code)
