"""The events of a run. Nothing here prints; the progress bar, the log and the tests listen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Started:
    """The folder is ours and work begins; `kept` partitions were complete already (a resumed run)."""

    name: str
    rows: int
    partitions: int
    kept_rows: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class PartitionDone:
    """One partition is complete; rows and bytes are its own, over all its tables. `seen` is what its task saw on the way."""

    index: int
    rows: int
    bytes: int
    seen: object = None


@dataclass(frozen=True, slots=True)
class PartitionRetried:
    """One partition is made again, for the reason given."""

    index: int
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class PartitionDamaged:
    """The files of one partition are not those that its receipt names, so it is made again."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClusterReady:
    """A cluster answers: what it is, where its scheduler is, and the link to its dashboard (empty where there is none)."""

    name: str
    scheduler: str
    dashboard: str


@dataclass(frozen=True, slots=True)
class NoWorkers:
    """The cluster has no worker; the run waits for one, and gives up after `patience` seconds without."""

    patience: float
    cluster: str = "the cluster"


@dataclass(frozen=True, slots=True)
class Finished:
    """Everything is written and committed; the numbers are those of the whole dataset."""

    rows: int
    bytes: int
    files: int


Event = Started | PartitionDone | PartitionRetried | PartitionDamaged | ClusterReady | NoWorkers | Finished
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """A listener that does nothing."""
