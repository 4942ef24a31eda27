"""Locks an output: refuses other content, and allows one run at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Literal

from datagen.errors import DatagenError, Interrupted, OutputError, RunError
from datagen.runtime.partition_contents import parts_of
from datagen.runtime.plan_differences import differences
from datagen.runtime.run_record import Record
from datagen.runtime.storage import layout
from datagen.runtime.storage.layout import Parts, left_by_system
from datagen.runtime.storage.texts import read_json, refusals_named, to_json
from datagen.runtime.task import OutputSite

if TYPE_CHECKING:
    from datagen.kinds.stores.base import Store
    from datagen.planning.plan import Plan

Existing = Literal["refuse", "resume", "resume-fast", "overwrite", "continue"]
"""What to do with a run that is there already. `continue` resumes the same plan's run, or begins where there is none;
`resume-fast` compares the sizes of kept files instead of their hashes."""


@contextmanager
def locked_output(plan: Plan, store: Store, existing: Existing) -> Iterator[OutputSite]:
    """Hold the output for the time of a run; its record, folders and document are written.

    Raises OutputError, having changed nothing, if the output is not ours to write to; RunError if the store refuses. Where a
    run that began here fails before its first partition is complete, everything that it wrote is removed.
    """
    site = OutputSite(store, os.urandom(8).hex())
    with refusals_named(store):
        store.check_root()
        there = store.exists()
        if store.entry(layout.RUN_FOLDER) is None:
            _check_empty(store, existing)
    with _held(site):
        with refusals_named(store):
            begun = _take(plan, site, existing)
            site.put_text(layout.DOCUMENT, to_json(dict(plan.document)))
        try:
            yield site
        except RunError as error:
            if begun and not isinstance(error, Interrupted):
                _undo(plan, store, root=not there)
            raise


def _undo(plan: Plan, store: Store, *, root: bool) -> None:
    """Remove what a run wrote unless a partition is complete; with `root` the folder of the output, too."""
    if any(True for _ in store.entries(layout.RECEIPTS)):
        return
    with suppress(OSError, DatagenError):  # why the run failed is on its way up
        erase(Record.of(plan), store)
        for folder in (layout.SCRATCH, layout.RUN_FOLDER, *([""] if root else [])):
            store.remove_folder(folder)


@contextmanager
def _held(site: OutputSite) -> Iterator[None]:
    with ExitStack() as stack:
        with refusals_named(site.store):
            stack.enter_context(site.store.held(site.attempt))
        yield


def _check_empty(store: Store, existing: Existing) -> None:
    if existing in ("resume", "resume-fast"):
        raise OutputError(f"nothing to resume in {store.address}: no run began there; leave out --resume")
    _refuse_foreign_files(store, None)


def _refuse_foreign_files(store: Store, found: Record | None, plan: Plan | None = None) -> None:
    """Refuse what `found` did not write; with `plan` also parts that it would not write."""
    if found is None:
        foreign = layout.foreign_files(store, None)
    else:
        parts: Mapping[str, Container[str]] = found.parts() if plan is None else parts_of(plan)
        foreign = layout.foreign_files(store, parts, Parts(found.partitions, "json"))
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise OutputError(
            f"{store.address} holds what datagen did not write: {', '.join(foreign[:3])}{more}; choose another output "
            f"folder, or move {'it' if len(foreign) == 1 else 'them'} away"
        )


def _take(plan: Plan, site: OutputSite, existing: Existing) -> bool:
    """Make the output ours; whether a run begins, and none goes on."""
    store = site.store
    wanted, found = Record.of(plan), Record.read(store)
    if found is None:  # nothing, or a run that was killed before it could say what it is: there is nothing to keep
        _refuse_foreign_files(store, None)
    else:
        _refuse_foreign_files(store, found)
        _refuse(found, wanted, _changes(plan, store), store, existing)
        if existing != "overwrite":
            _refuse_foreign_files(store, found, plan)
        store.take(site.attempt)
    if found is not None and existing == "overwrite":
        erase(found, store)
    store.clear_scratch()
    store.begin(site.attempt)
    if found is None or existing == "overwrite":
        _begin(wanted, site)
        store.take(site.attempt)
    store.make_folders(layout.folders(wanted.folders))  # after the record: it makes them ours
    return found is None or existing == "overwrite"


def _changes(plan: Plan, store: Store) -> str:
    """What is different in the document of the run that is there; empty if nothing, or if it cannot be read."""
    try:
        begun = read_json(store, layout.DOCUMENT)
    except (OSError, ValueError):
        return ""
    return differences(begun, json.loads(to_json(dict(plan.document))))


def _refuse(found: Record, wanted: Record, changes: str, store: Store, existing: Existing) -> None:
    """Raise OutputError unless the run that is there may be gone on with, or overwritten."""
    refusal = changes if changes and found.plan_id != wanted.plan_id else found.refusal(wanted)
    done = store.entry(layout.SUCCESS) is not None
    if existing == "overwrite":
        return
    if refusal:
        kind = "a finished run" if done else "an unfinished run"
        raise OutputError(
            f"{store.address} holds {kind} that is not this one ({refusal}); choose another folder or --overwrite"
        )
    if existing == "refuse":
        message = (
            "a finished run; replace it with --overwrite" if done else "an unfinished run; --resume or --overwrite"
        )
        raise OutputError(f"{store.address} holds {message} (plan {found.plan_id[:16]})")


def _begin(wanted: Record, site: OutputSite) -> None:
    try:
        site.put_new_text(layout.RUN, wanted.text())
    except FileExistsError:
        raise OutputError(
            f"another run began in {site.store.address} at the same time; choose another folder"
        ) from None


def erase(found: Record, store: Store) -> None:
    """Remove the files that a run wrote, and nothing else. The record goes last, so that a killed erasure is ours still."""
    store.clear_scratch()
    for key in layout.finished_files(store, found.tables, found.logs):
        store.delete(key)
    for folder in reversed(layout.folders(found.folders)):
        if folder not in (layout.RUN_FOLDER, layout.SCRATCH):
            _remove_system_files(store, folder)
            store.remove_folder(folder)
    store.delete(layout.RUN)


def _remove_system_files(store: Store, folder: str) -> None:
    """Remove what systems put there: it would keep a folder alive that the next run does not know."""
    for entry in store.entries(folder):
        if left_by_system(entry.name) and entry.kind == "file":
            store.delete(entry.key)
