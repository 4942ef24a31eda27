"""Runs a plan: lock the output, make the missing partitions, commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from datagen.errors import Interrupted, RunError
from datagen.kinds.formats.base import FinishedTable
from datagen.kinds.stores.base import Store, store_at
from datagen.runtime.events import Finished, Listener, PartitionDamaged, PartitionDone, Started, ignore
from datagen.runtime.executor import Batch, Executor
from datagen.runtime.executors.local import LocalExecutor
from datagen.runtime.manifest import Manifest, TableFiles
from datagen.runtime.output_lock import Existing, locked_output
from datagen.runtime.receipt import Receipt, kept
from datagen.runtime.run_record import Record
from datagen.runtime.storage.layout import MANIFEST, SUCCESS, beside_key, table_folder
from datagen.runtime.storage.texts import refusals_named

if TYPE_CHECKING:
    from datagen.runtime.task import OutputSite, Work


def execute(
    work: Work,
    out: str | Path | Store,
    runner: Executor | None = None,
    existing: Existing = "refuse",
    listen: Listener = ignore,
) -> Manifest:
    """Write the dataset of `work.plan` to a store or the address of one; the manifest of what is there when it is done.

    `runner` is a `LocalExecutor` unless given. `existing` says what to do if a run is there already; resuming a finished
    run of the same plan checks that its files are there and makes again those that are not. Raises OutputError if the
    output is not ours, Interrupted on Ctrl-C, RunError for everything else that can go wrong.
    """
    store = out if isinstance(out, Store) else store_at(out)
    with locked_output(work.plan, store, existing) as site:
        with refusals_named(store), _resumable():
            found = kept(store, work.plan, hashed=existing != "resume-fast")
        receipts = found.receipts
        _start(work, receipts, listen)
        for index, reason in found.damaged.items():
            listen(PartitionDamaged(index, reason))
        todo = [p for p in work.plan.partitions if p.index not in receipts]
        if todo:
            with refusals_named(store):
                store.check_held(site.attempt)
                store.delete(SUCCESS)
            _carry_out(Batch(work, todo, site), runner or LocalExecutor(), receipts, listen)
        with refusals_named(store), _resumable():
            manifest = _commit(work, site, receipts)
    listen(Finished(manifest.rows, manifest.bytes, manifest.files))
    return manifest


@contextmanager
def _resumable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("stopped; what is complete is kept, and --resume goes on from there") from None


def _start(work: Work, receipts: dict[int, Receipt], listen: Listener) -> None:
    plan = work.plan
    rows = sum(receipt.rows for receipt in receipts.values())
    listen(Started(plan.name, plan.total_rows, len(plan.partitions), rows, len(receipts)))


def _carry_out(batch: Batch, runner: Executor, receipts: dict[int, Receipt], listen: Listener) -> None:
    """Run the batch, filling `receipts`. However it ends, no unfinished file and no process stays behind."""
    total = len(receipts) + len(batch.partitions)
    try:
        with closing(runner.run(batch, listen)) as finished:
            for receipt in finished:
                receipts[receipt.partition] = replace(receipt, seen=None)  # what was seen is for the listener alone
                listen(PartitionDone(receipt.partition, receipt.rows, receipt.bytes, receipt.seen))
    except KeyboardInterrupt:
        done = f"stopped after {len(receipts)} of {total} partitions"
        raise Interrupted(f"{done}; finish it with --resume, which keeps them") from None
    finally:
        batch.site.store.clear_scratch()
    if len(receipts) < total:
        raise RunError(f"only {len(receipts)} of {total} partitions were made; go on with --resume")


def _commit(work: Work, site: OutputSite, receipts: dict[int, Receipt]) -> Manifest:
    """Commit the tables of a table format, write the manifest, then `_SUCCESS`: last of all, when everything else is durable."""
    store = site.store
    manifest = Manifest.of(Record.of(work.plan), receipts.values())
    store.begin(site.attempt)
    for name, text in work.documents(work.plan, manifest, store).items():
        site.put_text(beside_key(name), text)
    work.plan.output.commit(store, [_finished(folder, table) for folder, table in manifest.tables.items()])
    site.put_text(MANIFEST, manifest.text())
    store.check_held(site.attempt)
    store.clear_scratch()
    store.put_empty(SUCCESS)
    return manifest


def _finished(folder: str, table: TableFiles) -> FinishedTable:
    files = tuple((f"{table_folder(folder)}/{file.name}", file.rows) for file in table.files)
    return FinishedTable(folder, table.schema, files)
