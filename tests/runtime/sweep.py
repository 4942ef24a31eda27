"""Kills a run with SIGKILL at every single step it takes in the file system, and lets another one finish it.

    python -m tests.runtime.sweep FOLDER resume|overwrite

Each step is one audit event of Python (open, rename, link, mkdir, remove ...) below the folder. Prints how many there were.
A process of its own, because it forks: cheap, and safe only where no threads run.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from datagen.runtime.run import execute
from datagen.runtime.task import Work
from tests.runtime import fakes
from tests.runtime.folders import hashes

STEPS = {
    "open",
    "os.rename",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.listdir",
    "os.scandir",
    "shutil.rmtree",
}


def run(folder: Path, existing: str, users: int = 1000) -> None:
    execute(Work(fakes.plan(users=users, shops=3, size=500), fakes.make), folder, existing=existing)


def in_child(work: Callable[[], None]) -> int:
    """The status that `work` ends with in a process of its own; minus the signal if one killed it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told to the parent
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_at(step: int, folder: Path) -> None:
    seen = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in STEPS and any(isinstance(a, str | Path) and str(a).startswith(str(folder)) for a in arguments):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def killed_run(step: int, folder: Path, existing: str) -> int:
    def work() -> None:
        kill_at(step, folder)
        run(folder, existing)

    return in_child(work)


def check(folder: Path, whole: dict[str, str], step: int) -> None:
    """What a reader sees after the kill is whole files, and `_SUCCESS` only over all of them."""
    seen = hashes(folder)
    visible = {name: digest for name, digest in seen.items() if not name.startswith("_run/tmp/")}
    half = [name for name, digest in visible.items() if name not in whole or whole[name] != digest]
    assert not half, f"step {step}: {half} visible, but not finished"
    assert "_SUCCESS" not in seen or visible == whole, f"step {step}: _SUCCESS too early"


def sweep(folder: Path, existing: str) -> int:
    target = folder / "whole"
    assert in_child(lambda: run(target, "refuse")) == 0
    whole = hashes(target)
    step = 0
    while True:
        step += 1
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        if existing == "overwrite":
            assert in_child(lambda: run(out, "refuse", users=500)) == 0  # noqa: B023 - called at once
        status = killed_run(step, out, existing)
        if status == 0:
            return step - 1
        assert status == -signal.SIGKILL, status
        if existing == "continue":
            check(out, whole, step)
        assert in_child(lambda: run(out, existing)) == 0, f"step {step}"  # noqa: B023
        assert hashes(out) == whole, f"step {step}"


if __name__ == "__main__":
    print(sweep(Path(sys.argv[1]), sys.argv[2]))
