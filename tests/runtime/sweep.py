"""Kills a run, or lets a write fail, at every single step it takes in the file system, and lets another one finish it.

    python -m tests.runtime.sweep FOLDER continue|overwrite [ENOSPC|EIO|EFBIG]

Each step is one audit event of Python (open, rename, link, mkdir, remove ...) below the folder: all of them for
SIGKILL, those that write for an error. EFBIG is a limit of the system on the size of files, 400 bytes more at each
step: writes fail in the middle of a file, those of Arrow too. Prints how many steps there were. A process of its own,
because it forks: cheap, and safe only where no threads run.
"""

from __future__ import annotations

import errno
import gc
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from datagen.errors import OutputError, RunError
from datagen.kinds.stores.base import store_at
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


WRITES = {"os.rename", "os.link", "os.mkdir"}
FAILED, UNDISTURBED = 3, 4
"""The status of a run that ended with an error of Datagen, as it should; and of one that had fewer steps."""


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


def writes(event: str, arguments: tuple[object, ...]) -> bool:
    if event == "open":
        flags = arguments[2]
        return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))
    return event in WRITES


def disturb(step: int, folder: Path, error: str | None) -> Callable[[], bool]:
    """At this step below the folder, kill this process, or let the step fail with an error of the system.

    Returns a function that says whether the step was reached.
    """
    seen = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event not in STEPS or not any(
            isinstance(a, str | Path) and str(a).startswith(str(folder)) for a in arguments
        ):
            return
        if error is not None and not writes(event, arguments):
            return
        seen += 1
        if seen == step and error is None:
            os.kill(os.getpid(), signal.SIGKILL)
        if seen == step and error is not None:
            number = getattr(errno, error)
            raise OSError(number, os.strerror(number), str(arguments[0]))

    sys.addaudithook(watch)
    return lambda: seen >= step


def limit(size: int) -> Callable[[], bool]:
    """Let every write beyond `size` bytes of a file fail. Returns a function that says that a run without error is a
    whole one.
    """
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    return lambda: False


def disturbed_run(step: int, folder: Path, existing: str, error: str | None) -> int:
    def work() -> None:
        reached = limit(step * 400) if error == "EFBIG" else disturb(step, folder, error)
        try:
            run(folder, existing)
        except (RunError, OutputError):
            os._exit(FAILED)
        os._exit(0 if reached() else UNDISTURBED)

    return in_child(work)


def check(folder: Path, whole: dict[str, str], step: int) -> None:
    """What a reader sees afterwards is whole files, and `_SUCCESS` only over all of them."""
    seen = hashes(folder)
    visible = {name: digest for name, digest in seen.items() if not name.startswith("_run/tmp/")}
    half = [name for name, digest in visible.items() if name not in whole or whole[name] != digest]
    assert not half, f"step {step}: {half} visible, but not finished"
    assert "_SUCCESS" not in seen or visible == whole, f"step {step}: _SUCCESS too early"


def sweep(folder: Path, existing: str, error: str | None) -> int:
    store_at(str(folder))  # imports the kinds of stores once, and not in each child
    target = folder / "whole"
    assert in_child(lambda: run(target, "refuse")) == 0
    whole, other = hashes(target), folder / "other"
    assert in_child(lambda: run(other, "refuse", users=500)) == 0
    step = 0
    while True:
        step += 1
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        if existing == "overwrite":
            shutil.copytree(other, out)
        status = disturbed_run(step, out, existing, error)
        if status == UNDISTURBED:
            return step - 1
        assert status in ((-signal.SIGKILL,) if error is None else (FAILED, 0)), f"step {step}: {status}"
        if existing == "continue":
            check(out, whole, step)
        assert in_child(lambda: run(out, existing)) == 0, f"step {step}"  # noqa: B023
        assert hashes(out) == whole, f"step {step}"


if __name__ == "__main__":
    os.fsync = lambda _file: None  # a killed process loses nothing that it has written
    gc.freeze()  # a collection in a child would copy the memory of its parent
    print(sweep(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None))
