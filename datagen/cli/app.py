"""The application: all commands, and `main`, which turns errors into messages and exit codes."""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress
from copy import copy
from typing import Annotated

import typer

from datagen.cli.author import author
from datagen.cli.brief import brief
from datagen.cli.check import check
from datagen.cli.compare import compare
from datagen.cli.diff import diff
from datagen.cli.export import export
from datagen.cli.fingerprint import fingerprint
from datagen.cli.fmt import fmt
from datagen.cli.generate import generate
from datagen.cli.infer import infer
from datagen.cli.init import init
from datagen.cli.json_schema import json_schema
from datagen.cli.kinds import kinds
from datagen.cli.mcp import mcp
from datagen.cli.plan import plan
from datagen.cli.preview import preview
from datagen.cli.repair import repair
from datagen.cli.replay import replay
from datagen.cli.signals import stopping
from datagen.cli.status import status
from datagen.cli.streams import flushed_exit_code, make_streams_safe, print_error_line, silence_libraries
from datagen.cli.text_output import printable
from datagen.cli.truth import truth
from datagen.cli.ui import ui
from datagen.cli.validate import validate
from datagen.cli.worker import worker
from datagen.errors import OUT_OF_MEMORY, DatagenError, Interrupted, reason_of
from datagen.version import VERSION

STOPPED = 130
"""The exit code that typer uses for a KeyboardInterrupt."""
_OF_OUTPUT = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE, errno.EBADF})
"""The errors of writing to an open file."""
TRACEBACK = "DATAGEN_TRACEBACK"
"""An environment variable. If it is set, unexpected errors are shown with their traceback."""

app = typer.Typer(
    name="datagen",
    help="Relational, behavioral datasets of any size from one schema document.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    init, infer, generate, validate, check, repair, fmt, diff, plan, preview, ui, json_schema, mcp, kinds, brief,
    author, status, truth, export, replay, fingerprint, worker, compare,
)  # fmt: skip
for each in COMMANDS:
    app.command()(each)


def _version(show: bool) -> None:
    if show:
        print(f"datagen {VERSION}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    pass


def _application(first: list[str]) -> typer.Typer:
    """The application; with one command alone if the first word is its name: typer reads the signature of each."""
    commands = zip(COMMANDS, app.registered_commands, strict=True)
    named = [info for command, info in commands if [command.__name__.replace("_", "-")] == first]
    if not named:
        return app
    alone = copy(app)
    alone.registered_commands = named
    return alone


def _start_lightly() -> None:
    """Skip start-up work of libraries that is not needed here. It saves a tenth of a second of processor time."""
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # pydantic would search all installed packages for plugins
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its idle threads spin, and nothing here is linear algebra
    gc.set_threshold(200_000)  # imports and blocks leave no reference cycles; imports alone make 50,000 objects


def _with_values(words: list[str]) -> list[str]:
    """The arguments for a parser without optional option values: `--resume=fast` becomes an option of its own; a bare
    `--json` of `validate` gets the value that prints.
    """
    words = [f"--resume-{word[9:]}" if word in ("--resume=fast", "--resume=auto") else word for word in words]
    if words[:1] == ["validate"] and "--json" in words:
        after = words.index("--json") + 1
        if after == len(words) or (words[after].startswith("-") and words[after] != "-"):
            words.insert(after, "-")
    return words


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 a run or validation failed, 2 the schema is wrong, 130 or 143
    stopped.
    """
    _start_lightly()
    make_streams_safe()
    silence_libraries()
    sys.argv[1:] = _with_values(sys.argv[1:])
    try:
        code = flushed_exit_code(_run())
    finally:
        stopping.over()
        _skip_last_collections()
    sys.exit(code)


def _skip_last_collections() -> None:
    """Skip the two garbage collections at the interpreter's exit. DuckDB reports objects that they leave as leaks."""
    if "duckdb" in sys.modules:
        gc.unfreeze()
    else:
        gc.freeze()


def _run() -> int:
    """Run the command, print its error if it has one, and return the exit code."""
    try:
        code = _application(sys.argv[1:2])(standalone_mode=False) or 0
    except DatagenError as error:
        from datagen.cli.error_output import print_error  # start-up: rich, and only when something is wrong

        with suppress(OSError):  # standard error is closed
            print_error(error)
        return stopping.exit_code if isinstance(error, Interrupted) else error.exit_code
    except MemoryError:
        print_error_line(OUT_OF_MEMORY)
        return 1
    except KeyboardInterrupt:
        code = STOPPED
    except Exception as error:  # noqa: BLE001 - the last resort: every error is reported
        return _print_unexpected(error)
    if code == STOPPED:
        print_error_line("stopped")
        return stopping.exit_code
    return int(code)


def _print_unexpected(error: Exception) -> int:
    """Print an error that is not a DatagenError; return the exit code."""
    if hasattr(error, "format_message"):  # a usage error; typer's own class of it is private
        from datagen.cli.error_output import print_usage_error

        print_usage_error(error)
        return int(getattr(error, "exit_code", 2))
    if isinstance(error, OSError) and error.filename is None:
        what = "cannot write to the standard output" if error.errno in _OF_OUTPUT else "the system reports"
        print_error_line(f"{what}: {printable(' '.join(reason_of(error).split())[:300])}")
        return 1
    if os.environ.get(TRACEBACK):
        raise error
    message = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    print_error_line(f"internal error in datagen, please report it: {printable(message)} ({TRACEBACK}=1 shows where)")
    return 1
