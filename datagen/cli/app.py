"""The commands put together, and `main`, which turns what datagen can explain into words and an exit code."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated

import typer

from datagen.cli.check import check
from datagen.cli.export import export
from datagen.cli.fingerprint import fingerprint
from datagen.cli.generate import generate
from datagen.cli.kinds import kinds
from datagen.cli.plan import plan
from datagen.cli.preview import preview
from datagen.cli.schema import schema
from datagen.cli.truth import truth
from datagen.cli.validate import validate
from datagen.errors import OUT_OF_MEMORY, DatagenError
from datagen.version import VERSION

app = typer.Typer(
    name="datagen",
    help="Relational, behavioral datasets of any size from one schema document.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (generate, validate, check, plan, preview, schema, kinds, truth, export, fingerprint):
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


def _start_lightly() -> None:
    """Leave out what libraries do on their start for others: together a tenth of a second of processor time."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looked for among all packages; there are none for us
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads spin a while, and nothing here is linear algebra
    gc.set_threshold(50_000)  # imports leave no garbage, blocks untie themselves


def _with_values(words: list[str]) -> list[str]:
    """The arguments with `--resume=fast` as an option of its own: the parser knows no options whose value may be left out."""
    return ["--resume-fast" if word == "--resume=fast" else word for word in words]


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 a run or validation failed, 2 the schema is wrong, 130 stopped."""
    _start_lightly()
    sys.argv[1:] = _with_values(sys.argv[1:])
    try:
        app()
    except DatagenError as error:
        from datagen.cli.telling import tell  # start-up: rich, and only when something is wrong

        tell(error)
        sys.exit(error.exit_code)
    except MemoryError:
        sys.stderr.write(f"error: {OUT_OF_MEMORY}\n")
        sys.exit(1)
    finally:
        gc.freeze()  # the interpreter collects garbage twice on its way out: there is nothing worth looking through
