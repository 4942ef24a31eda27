"""The events of a run, received by listeners such as the progress bar, a log or a test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Started:
    """The output is locked and work begins. `kept` partitions are already complete (a resumed run)."""

    name: str
    rows: int
    partitions: int
    kept_rows: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Counting:
    """The rows of `done` of the partitions are counted, before the output is locked. A count of a second has none."""

    done: int
    partitions: int


@dataclass(frozen=True, slots=True)
class PartitionDone:
    """One partition is complete. Rows and bytes are of this partition, over all tables. `seen` is what its task
    observed.
    """

    index: int
    rows: int
    bytes: int
    seen: object = None


@dataclass(frozen=True, slots=True)
class PartitionRetried:
    """One partition is generated again, with the reason."""

    index: int
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class PartitionDamaged:
    """The files of one partition do not match its receipt, so it is generated again."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClusterReady:
    """A cluster answers: what it is, where its scheduler is, and the link to its dashboard (empty
    where there is none).
    """

    name: str
    scheduler: str
    dashboard: str


@dataclass(frozen=True, slots=True)
class WorkersChanged:
    """The number of workers is known, or it changed. A run in one process has one."""

    workers: int


@dataclass(frozen=True, slots=True)
class NoWorkers:
    """The cluster has no worker. The run waits `patience` seconds for one, then fails."""

    patience: float
    cluster: str = "the cluster"


@dataclass(frozen=True, slots=True)
class Finished:
    """All files are committed. The numbers are of the whole dataset."""

    rows: int
    bytes: int
    files: int


Event = (
    Started
    | Counting
    | PartitionDone
    | PartitionRetried
    | PartitionDamaged
    | ClusterReady
    | WorkersChanged
    | NoWorkers
    | Finished
)
Listener = Callable[[Event], None]


COUNTING_SECONDS = 1.0
"""Seconds between two events of counting."""
_T = TypeVar("_T")


def while_counting(items: Iterable[_T], total: int, on_event: Listener, done: int = 0) -> Iterator[_T]:
    """The items, one for each partition whose rows are counted after the first `done`, with events of counting."""
    last = time.monotonic()
    for number, item in enumerate(items, done):
        if time.monotonic() > last + COUNTING_SECONDS:
            on_event(Counting(number, total))
            last = time.monotonic()
        yield item


def ignore(event: Event) -> None:
    """A listener that does nothing."""
