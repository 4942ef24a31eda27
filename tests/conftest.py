"""What all tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """Tests end processes, never the power of the machine: what is written need not be on the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _file: None)
        yield


def pytest_collection_finish() -> None:
    """The garbage collector need not look again and again at ten thousand tests and at all modules."""
    gc.collect()
    gc.freeze()
