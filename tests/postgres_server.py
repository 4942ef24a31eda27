"""A PostgreSQL server of our own, for tests."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("initdb", "pg_ctl", "psql")
INSTALLED = all(map(shutil.which, PROGRAMS))


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, on a free port, as another user where we are root."""
    as_user = _user()
    with tempfile.TemporaryDirectory(prefix="pg") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
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
