"""What all tests share."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis.internal.conjecture import providers

from tests import postgres_server


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """Tests end processes, never the power of the machine: what is written need not be on the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _file: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    """Servers that several modules share end with the session."""
    yield
    postgres_server.stop()


def _temporary_files_in_memory() -> None:
    """Where 4 GiB of memory are free for files: to remove a folder takes milliseconds on some disks."""
    memory = "/dev/shm"
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK):
        return
    system = os.statvfs(memory)
    if system.f_bavail * system.f_frsize > 4 * 2**30 and not system.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = memory


_temporary_files_in_memory()
gc.disable()  # until all tests are collected: a fifth of that time would be looking again at what stays
# Hypothesis would parse every module that is loaded for constants to try. Its examples would depend on these modules.
providers._get_local_constants = lambda: providers._local_constants


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
