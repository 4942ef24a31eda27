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
from datagen.runtime.storage.texts import read_json, store_errors, to_json
from datagen.runtime.task import OutputSite

if TYPE_CHECKING:
    from datagen.kinds.stores.base import Store
    from datagen.planning.plan import Plan

Existing = Literal["refuse", "resume", "resume-fast", "overwrite", "continue"]
"""What to do with an existing run. `resume` continues a run of the same plan, or starts one if there is none.
`resume-fast` compares the sizes of kept files instead of their hashes.
"""


@contextmanager
def locked_output(plan: Plan, store: Store, existing: Existing) -> Iterator[OutputSite]:
    """Lock the output for the duration of a run and write its record, folders and document.

    Raises OutputError, with nothing changed, if the output must not be written; RunError if the store fails. If a new
    run fails before its first partition is complete, all its files are removed, where the store can keep other drivers
    out. In an object store another driver may be taking over at this moment: the run stays, unfinished.
    """
    site = OutputSite(store, os.urandom(8).hex())
    with store_errors(store):
        store.check_root()
        there = store.exists()
        if store.entry(layout.RUN_FOLDER) is None:
            _check_empty(store, existing)
    with _held(site), _resumable(store), _cleared(store):
        with store_errors(store):
            begun, replaced = _take(plan, site, existing)
            site.put_text(layout.DOCUMENT, to_json(dict(plan.document)))
        try:
            yield site
            if replaced is not None and not store.locks:
                with store_errors(store):
                    _remove_late_files(replaced, plan, site)
        except RunError as error:
            if begun and store.locks and not isinstance(error, Interrupted):
                _undo(plan, store, root=not there)
            raise


@contextmanager
def _resumable(store: Store) -> Iterator[None]:
    """Whenever Ctrl-C comes, a run that has its record is one to be continued."""
    try:
        yield
    except KeyboardInterrupt:
        with suppress(OSError):  # the store cannot be asked
            if store.entry(layout.RUN) is not None:
                message = "stopped; complete partitions are kept, and --resume continues from them"
                raise Interrupted(message) from None
        raise


@contextmanager
def _cleared(store: Store) -> Iterator[None]:
    """Remove unfinished files when a run ends early, also within its commit; a refused run changes nothing."""
    try:
        yield
    except OutputError:
        raise
    except BaseException:
        store.clear_scratch()
        raise


def _undo(plan: Plan, store: Store, *, root: bool) -> None:
    """Remove the files of a run unless a partition is complete; with `root` also the folder of the output."""
    with suppress(OSError, DatagenError):  # the error of the run is being raised
        if any(True for _ in store.entries(layout.RECEIPTS)):
            return
        erase(Record.of(plan), store)
        store.delete(layout.RUN)
        for folder in (layout.SCRATCH, layout.RUN_FOLDER, *([""] if root else [])):
            store.remove_folder(folder)


@contextmanager
def _held(site: OutputSite) -> Iterator[None]:
    with ExitStack() as stack:
        with store_errors(site.store):
            stack.enter_context(site.store.held(site.attempt))
        yield


def _check_empty(store: Store, existing: Existing) -> None:
    if existing in ("resume", "resume-fast"):
        raise OutputError(f"nothing to resume in {store.address}: no run began there; leave out --resume")
    try:
        _refuse_foreign_files(store, None)
    except OutputError:
        if store.entry(layout.RUN_FOLDER) is None:
            raise  # else they are files of a run that has just begun, and who holds the lock will know


def _refuse_foreign_files(store: Store, found: Record | None, plan: Plan | None = None) -> None:
    """Refuse files that the run `found` did not write; with `plan` also files that it would not write."""
    if found is None:
        foreign = layout.foreign_files(store, None)
    else:
        parts: Mapping[str, Container[str]] = found.parts() if plan is None else parts_of(plan)
        foreign = layout.foreign_files(store, parts, Parts(found.partitions, "json"))
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise OutputError(
            f"{store.address} has files that datagen did not write: {', '.join(foreign[:3])}{more}; choose another "
            f"output folder, or move {'it' if len(foreign) == 1 else 'them'} away"
        )


def _take(plan: Plan, site: OutputSite, existing: Existing) -> tuple[bool, Record | None]:
    """Take over the output. Returns whether a new run begins, and the record of the run that it replaces."""
    store = site.store
    requested, found = Record.of(plan), Record.read(store)
    if found is None:  # empty, or a run killed before it wrote its record: nothing to keep
        try:
            _refuse_foreign_files(store, None)
        except OutputError:
            if Record.read(store) is None:
                raise
            raise _at_the_same_time(store) from None
    else:
        _refuse_foreign_files(store, found)
        _refuse(found, requested, _changes(plan, store), store, existing)
        if existing != "overwrite":
            _refuse_foreign_files(store, found, plan)
        store.take(site.attempt)
        if Record.read(store) != found:
            raise _at_the_same_time(store)
    if found is not None and existing == "overwrite":
        _replace(found, requested, site)
    else:
        store.clear_scratch()
        store.begin(site.attempt)
        if found is None:
            _begin(requested, site)
    store.make_folders(layout.folders(requested.folders))  # after the record, which marks them as written by datagen
    overwritten = found if existing == "overwrite" else None
    return found is None or overwritten is not None, overwritten


def _changes(plan: Plan, store: Store) -> str:
    """The differences between the documents of the existing and the new run; empty if none, or if unreadable."""
    try:
        begun = read_json(store, layout.DOCUMENT)
    except (OSError, ValueError):
        return ""
    return differences(begun, json.loads(to_json(dict(plan.document))))


def _refuse(found: Record, requested: Record, changes: str, store: Store, existing: Existing) -> None:
    """Raise OutputError unless the existing run may be continued or overwritten."""
    refusal = changes if changes and found.plan_id != requested.plan_id else found.refusal(requested)
    if existing == "overwrite" or not (refusal or existing == "refuse"):
        return
    if store.entry(layout.SUCCESS) is not None:
        run, count, way = "a finished run", "", ""
    else:
        run, way = "an unfinished run", "continue it with --resume, or "
        count = f"{len(store.entries(layout.RECEIPTS)):,} of its {found.partitions:,} partitions are complete; "
    if refusal:
        run, way = f"{run} of another plan ({refusal})", "choose another folder, or "
    else:
        run = f"{run} (plan {found.plan_id[:16]})"
    raise OutputError(f"{store.address} has {run}; {count}{way}replace it with --overwrite")


def _begin(requested: Record, site: OutputSite) -> None:
    try:
        site.put_new_text(layout.RUN, requested.text())
    except FileExistsError:
        raise _at_the_same_time(site.store) from None
    site.store.take(site.attempt)
    if Record.read(site.store) != requested:  # another driver has replaced it meanwhile
        raise _at_the_same_time(site.store)


def _at_the_same_time(store: Store) -> OutputError:
    return OutputError(f"another run began in {store.address} at the same time; choose another folder")


def _replace(found: Record, requested: Record, site: OutputSite) -> None:
    """Remove the files of a run and replace its record: while there is none, the files of another driver would be
    foreign.
    """
    store = site.store
    with store.erasing(site.attempt):
        erase(found, store, site.attempt)
        store.begin(site.attempt)
        store.check_held(site.attempt)
        site.replace_text(layout.RUN, requested.text())
        store.take(site.attempt)


def erase(found: Record, store: Store, attempt: str = "") -> None:
    """Remove the files that a run wrote but its record, and nothing else. A killed erasure can be repeated. That of an
    `attempt` ends with OutputError when another driver has taken over, which may keep the files that are left.
    """
    store.clear_scratch()
    for key in layout.finished_files(store, found.tables, found.logs, found.root_files):
        if attempt:
            store.check_held(attempt)
        store.delete(key)
    for table in found.tables:
        for folder in layout.hive_folders(store, table):
            _remove_system_files(store, folder)
            store.remove_folder(folder)
    for folder in reversed(layout.folders(found.folders)):
        if folder not in (layout.RUN_FOLDER, layout.SCRATCH):
            _remove_system_files(store, folder)
            store.remove_folder(folder)


def _remove_late_files(found: Record, plan: Plan, site: OutputSite) -> None:
    """Remove the files of an overwritten run that were uploaded after its others were deleted, under names that the
    plan does not write.
    """
    store = site.store
    planned = {**parts_of(plan), layout.RECEIPTS: Parts(len(plan.partitions), "json")}
    late = [
        entry.key
        for folder in (layout.RECEIPTS, *found.tables)
        for entry in layout.data_files(store, folder)
        if layout.PART.match(entry.name) and entry.key.removeprefix(f"{folder}/") not in planned.get(folder, ())
    ]
    if late:
        with suppress(OutputError), store.erasing(site.attempt):  # this run is finished, whoever has taken over
            for key in late:
                store.check_held(site.attempt)
                store.delete(key)


def _remove_system_files(store: Store, folder: str) -> None:
    """Remove files that operating systems create, which would keep the folder from being removed."""
    for entry in store.entries(folder):
        if left_by_system(entry.name) and entry.kind == "file":
            store.delete(entry.key)
