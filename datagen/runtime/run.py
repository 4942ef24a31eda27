"""A whole run: take the folder, carry out what is missing, commit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from datagen.errors import Interrupted, RunError
from datagen.locations import local_path
from datagen.runtime.events import Finished, Listener, PartitionDamaged, PartitionDone, Started, ignore
from datagen.runtime.executor import Batch, Executor
from datagen.runtime.executors.local import LocalExecutor
from datagen.runtime.manifest import Manifest
from datagen.runtime.output_lock import Existing, locked_output
from datagen.runtime.receipt import Receipt, kept
from datagen.runtime.run_record import Record
from datagen.runtime.storage.layout import Layout
from datagen.runtime.storage.local_files import naming_the_place, sync_folder, write_text

if TYPE_CHECKING:
    from datagen.runtime.task import OutputSite, Work


def execute(
    work: Work,
    folder: str | Path,
    runner: Executor | None = None,
    existing: Existing = "refuse",
    listen: Listener = ignore,
) -> Manifest:
    """Write the dataset of `work.plan` into `folder`; the manifest of what is there when it is done.

    `runner` is `InProcess()` unless given. `existing` says what to do if a run is there already; resuming a finished
    run of the same plan checks that its files are there and makes again those that are not. Raises OutputError if the
    folder is not ours, Interrupted on Ctrl-C, RunError for everything else that can go wrong.
    """
    layout = Layout(local_path(folder).absolute())
    with locked_output(work.plan, layout, existing) as site:
        with naming_the_place(layout.root), _resumable():
            found = kept(site.layout, work.plan, hashed=existing != "resume-fast")
        receipts = found.receipts
        _start(work, receipts, listen)
        for index, reason in found.damaged.items():
            listen(PartitionDamaged(index, reason))
        todo = [p for p in work.plan.partitions if p.index not in receipts]
        if todo:
            layout.success.unlink(missing_ok=True)
            _carry_out(Batch(work, todo, site), runner or LocalExecutor(), receipts, listen)
        with naming_the_place(layout.root), _resumable():
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
        shutil.rmtree(batch.site.layout.tmp, ignore_errors=True)
    if len(receipts) < total:
        raise RunError(f"only {len(receipts)} of {total} partitions were made; go on with --resume")


def _commit(work: Work, site: OutputSite, receipts: dict[int, Receipt]) -> Manifest:
    """Write the manifest, then `_SUCCESS`: last of all, when everything else is on disk."""
    layout = site.layout
    manifest = Manifest.of(Record.of(work.plan), receipts.values())
    site.drafts.mkdir(parents=True, exist_ok=True)
    for name, text in work.documents(work.plan, manifest, layout.root).items():
        write_text(layout.about(name), text, site.drafts)
    write_text(layout.manifest, manifest.text(), site.drafts)
    shutil.rmtree(layout.tmp)
    layout.success.touch()
    sync_folder(layout.root)
    return manifest
