import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from datagen.cli import app, main
from datagen.errors import Interrupted, PlanError, RunError
from datagen.version import VERSION
from tests.cli.terminal import Run

COMMANDS = [
    "generate",
    "validate",
    "check",
    "plan",
    "preview",
    "json-schema",
    "kinds",
    "truth",
    "export",
    "fingerprint",
]
MAIN = "from datagen.cli import main; main()"


def test_help_names_every_command(run: Run) -> None:
    reported = run("--help")
    assert reported.code == 0
    assert all(re.search(rf"\b{command}\b", reported.out) for command in COMMANDS)


@pytest.mark.parametrize("command", app.COMMANDS, ids=lambda command: command.__name__)
def test_help_breaks_no_line_in_the_middle_of_a_sentence_at_80_columns(command: Callable[..., object]) -> None:
    """The help keeps the line breaks of a docstring after its first paragraph, and breaks lines of its own."""
    _, *others = (command.__doc__ or "").split("\n\n")
    lines = [line.strip() for paragraph in others for line in paragraph.strip().splitlines()]
    assert all(line.endswith(".") and len(line) <= 78 for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    reported = run(command, "--help")
    assert reported.code == 0
    assert "Usage" in reported.out


def test_generate_has_the_options_that_are_promised(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    reported = run("generate", "--help").out
    options = [
        "--out",
        "--seed",
        "--scale",
        "--workers",
        "--cluster",
        "--partition-rows",
        "--memory",
        "--resume",
        "--overwrite",
    ]
    assert all(option in reported for option in options)


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").out == f"datagen {VERSION}\n"


def test_a_command_that_does_not_exist_ends_with_2(run: Run) -> None:
    assert run("generat").code == 2


@pytest.mark.parametrize(
    "error, code", [(PlanError("no room"), 2), (RunError("no disk"), 1), (Interrupted("stopped"), 130)]
)
def test_what_can_be_explained_is_said_without_a_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    import datagen.api

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(datagen.api, "plan", fail)
    reported = run("plan", "shop.json")
    assert (reported.code, reported.err, reported.out) == (code, f"error: {error}\n", "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError("took 60 s"), "the system reports: took 60 s"),
        (ConnectionResetError(104, "Connection reset by peer"), "the system reports: connection reset by peer"),
        (OSError(28, "No space left on device"), "cannot write to the standard output: no space left on device"),
    ],
)
def test_errors_of_the_system_are_not_all_of_the_standard_output(run, monkeypatch, error, words) -> None:
    import datagen.api

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(datagen.api, "plan", fail)
    reported = run("plan", "shop.json")
    assert (reported.code, reported.err) == (1, f"error: {words}\n")


def test_who_stops_it_while_it_loads_sees_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loading(ModuleType):
        def __getattr__(self, name: str) -> Any:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "datagen.cli.app", Loading("datagen.cli.app"))
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 130


def test_help_is_there_in_half_a_second() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    took = []
    for _ in range(4):
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", MAIN, "--help"], check=True, env=environment, stdout=subprocess.DEVNULL)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime)
    assert min(took) < 0.5  # of the processor's time: others may be using it as well


def test_start_up_loads_nothing_heavy() -> None:
    code = "import datagen.cli.app, sys; print([m for m in sys.modules if m.partition('.')[0] in sys.argv[1:]])"
    heavy = ["numpy", "pyarrow", "pandas", "pydantic", "dask", "distributed", "sqlglot", "ruamel", "jinja2", "holidays"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    reported = subprocess.run(
        [sys.executable, "-c", code, *heavy], check=True, env=environment, capture_output=True, text=True
    )
    assert reported.stdout == "[]\n"
