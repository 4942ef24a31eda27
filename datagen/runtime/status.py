"""The state of a run: finished, running or stopped, and how much of it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from datagen.errors import OutputError
from datagen.runtime.receipt import complete_receipts
from datagen.runtime.run_record import Record
from datagen.runtime.storage.layout import SUCCESS

if TYPE_CHECKING:
    from datagen.kinds.stores.base import Store

State = Literal["finished", "running", "stopped", "unfinished"]
"""`unfinished`: running or stopped; the store does not show which."""


@dataclass(frozen=True, slots=True)
class Status:
    """A run as its output shows it; rows and bytes are those of complete partitions."""

    state: State
    name: str
    seed: int
    plan_id: str
    partitions: int
    done: int
    rows: int
    bytes: int


def status_of(store: Store) -> Status:
    """The status of the run in a store. Raises OutputError if no run began there, or if the store cannot be read."""
    try:
        return _status(store)
    except OSError as error:
        where = error.filename or store.address
        raise OutputError(f"cannot read {where}: {error.strerror or error}") from error


def _status(store: Store) -> Status:
    record = Record.read(store)
    if record is None:
        raise OutputError(f"no run began in {store.address}")
    done = rows = size = 0
    for receipt in complete_receipts(store, record):
        done, rows, size = done + 1, rows + receipt.rows, size + receipt.bytes
    found = _state(store)
    return Status(found, record.name, record.seed, record.plan_id, record.partitions, done, rows, size)


def _state(store: Store) -> State:
    if store.entry(SUCCESS) is not None:
        return "finished"
    busy = store.busy()
    return "unfinished" if busy is None else "running" if busy else "stopped"
