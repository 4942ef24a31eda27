"""Runs a plan: lock the output, make the missing partitions, commit."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from datagen.errors import Interrupted, RunError
from datagen.kinds.formats.base import TableKeys
from datagen.kinds.stores.base import Store, store_at
from datagen.runtime.events import Finished, Listener, PartitionDamaged, PartitionDone, Started, ignore
from datagen.runtime.executor import Batch, Executor
from datagen.runtime.executors.local import LocalExecutor
from datagen.runtime.manifest import Manifest
from datagen.runtime.output_lock import Existing, locked_output
from datagen.runtime.partition_contents import folders_of, schema_of
from datagen.runtime.receipt import ReceiptLog, add_complete
from datagen.runtime.run_record import Record
from datagen.runtime.storage.layout import MANIFEST, SUCCESS, sidecar_key
from datagen.runtime.storage.texts import store_errors
from datagen.runtime.task import finished_table

if TYPE_CHECKING:
    from datagen.runtime.task import OutputSite, Work


def execute(
    work: Work,
    out: str | Path | Store,
    runner: Executor | None = None,
    existing: Existing = "refuse",
    on_event: Listener = ignore,
) -> Finished:
    """Write the dataset of `work.plan` to a store or an address, and return how much it is.

    `runner` defaults to a `LocalExecutor`. `existing` says what to do with an existing run. Resuming a finished run of
    the same plan checks its files and generates missing ones again.

    Raises OutputError if the output must not be written, Interrupted on Ctrl-C, RunError for all other failures.
    """
    store = out if isinstance(out, Store) else store_at(out)
    with locked_output(work.plan, store, existing) as site, ReceiptLog(len(work.plan.partitions)) as receipts:
        with store_errors(store):
            damaged = add_complete(receipts, store, work.plan, hashed=existing != "resume-fast")
        plan = work.plan
        on_event(Started(plan.name, plan.total_rows, len(plan.partitions), receipts.rows, len(receipts)))
        for index, reason in damaged.items():
            on_event(PartitionDamaged(index, reason))
        keys = _prepare(work, existing)
        missing = [p for p in work.plan.partitions if p.index not in receipts]
        if missing:
            with store_errors(store):
                if store.entry(SUCCESS) is not None:
                    store.check_held(site.attempt)
                    store.delete(SUCCESS)
            _run_batch(Batch(work, missing, site), runner or LocalExecutor(), receipts, on_event)
        with store_errors(store):
            finished = _commit(work, site, receipts, keys)
    on_event(finished)
    return finished


def _prepare(work: Work, existing: Existing) -> Mapping[str, TableKeys]:
    """Make the database of a format ready, and return the keys of its tables; none for formats of files."""
    plan = work.plan
    if not plan.output.loads:
        return {}
    keys = work.keys(plan)
    tables = [finished_table(name, schema_of(plan, name)[0], (), keys.get(name)) for name in folders_of(plan)]
    plan.output.prepare(plan.id, tables, overwrite=existing == "overwrite")
    return keys


def _run_batch(batch: Batch, runner: Executor, receipts: ReceiptLog, on_event: Listener) -> None:
    """Run the batch and fill `receipts`. No unfinished file and no process is left behind."""
    total = len(receipts) + len(batch.partitions)
    try:
        with closing(runner.run(batch, on_event)) as written:
            for receipt in written:
                receipts.add(receipt)
                on_event(PartitionDone(receipt.partition, receipt.rows, receipt.bytes, receipt.seen))
    except KeyboardInterrupt:
        done = f"stopped after {_complete(batch, receipts)} of {total} partitions"
        raise Interrupted(f"{done}; continue with --resume, which keeps them") from None
    finally:
        batch.site.store.clear_scratch()
    if len(receipts) < total:
        raise RunError(f"only {len(receipts)} of {total} partitions were written; continue with --resume")


def _complete(batch: Batch, receipts: ReceiptLog) -> int:
    """The complete partitions of a run that was stopped, with those that workers completed in unfinished tasks."""
    store = batch.site.store
    with suppress(OSError):  # the store cannot be asked
        store.clear_scratch()  # tasks that are still running complete no further partition
        add_complete(receipts, store, batch.work.plan, hashed=False)
    return len(receipts)


def _commit(work: Work, site: OutputSite, receipts: ReceiptLog, keys: Mapping[str, TableKeys]) -> Finished:
    """Commit the tables of a table format, write the manifest, then `_SUCCESS` as the last file, when all others are
    durable.
    """
    store = site.store
    store.check_held(site.attempt)
    manifest = Manifest.of(Record.of(work.plan), receipts.files)
    store.begin(site.attempt)
    for name, text in work.documents(work.plan, manifest, store).items():
        site.put_text(sidecar_key(name), text)
    tables = [finished_table(n, table.schema, table.files, keys.get(n)) for n, table in manifest.tables.items()]
    work.plan.output.commit(site, tables)
    site.put_text(MANIFEST, manifest.lines())
    store.check_held(site.attempt)
    store.clear_scratch()
    store.put_empty(SUCCESS)
    return Finished(manifest.rows, manifest.bytes, manifest.files)
