"""A PostgreSQL server for the tests of one process."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from tests.ports import free_port

PROGRAMS = ("initdb", "pg_ctl", "psql")
INSTALLED = all(map(shutil.which, PROGRAMS))


_STARTED: list[str] = []
_RUNNING = ExitStack()
_NUMBERS = count(1)


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database, dropped afterwards. The first one starts the server, which `stop` ends."""
    if not _STARTED:
        _STARTED.append(_RUNNING.enter_context(_server()))
    name = f"database{next(_NUMBERS)}"
    _sql(_STARTED[0], f"CREATE DATABASE {name}")
    try:
        yield _STARTED[0].rpartition("/")[0] + f"/{name}"
    finally:
        _sql(_STARTED[0], f"DROP DATABASE {name} WITH (FORCE)")


def stop() -> None:
    """End the server, if one runs."""
    _STARTED.clear()
    _RUNNING.close()


def _sql(url: str, statement: str) -> None:
    _run(["psql", "-q", "-d", url, "-c", statement])


@contextmanager
def _server() -> Iterator[str]:
    """The URL of a server on a free port, as another user where we are root."""
    as_user, port = _user(), free_port()
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o777)
        data = Path(folder) / "data"
        _run([*as_user, "initdb", "-D", str(data), "-U", "tester", "-A", "trust", "--no-sync"])
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        _run([*as_user, "pg_ctl", "-D", str(data), "-w", "-o", options, "-l", f"{folder}/log", "start"])
        try:
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"
        finally:
            _run([*as_user, "pg_ctl", "-D", str(data), "-m", "immediate", "stop"])
            shutil.rmtree(data, ignore_errors=True)


def _user() -> list[str]:
    if os.geteuid() != 0:
        return []
    name = next(name for name in ("postgres", "nobody") if any(one.pw_name == name for one in pwd.getpwall()))
    return ["setpriv", f"--reuid={name}", f"--regid={pwd.getpwnam(name).pw_gid}", "--clear-groups"]


def _run(words: list[str]) -> None:
    ended = (
        subprocess.run(words, capture_output=True, text=True, check=False, cwd="/", stdin=subprocess.DEVNULL)
        if "start" not in words
        else subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, cwd="/")
    )
    assert ended.returncode == 0, ended.stderr
