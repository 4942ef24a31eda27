"""Taking an output folder: refused if it holds anything else, and held by one run at a time."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from datagen.errors import OutputError
from datagen.runtime.partition_contents import parts_of
from datagen.runtime.plan_differences import differences
from datagen.runtime.run_record import Record
from datagen.runtime.storage.layout import Layout, Parts, is_litter
from datagen.runtime.storage.local_files import (
    naming_the_place,
    read_json,
    sync_folder,
    to_json,
    write_new_text,
    write_text,
)
from datagen.runtime.task import OutputSite

if TYPE_CHECKING:
    from datagen.planning.plan import Plan

Existing = Literal["refuse", "resume", "resume-fast", "overwrite", "continue"]
"""What to do with a run that is there already. `continue` resumes the same plan's run, or begins where there is none;
`resume-fast` compares the sizes of kept files instead of their hashes."""


@contextmanager
def locked_output(plan: Plan, layout: Layout, existing: Existing) -> Iterator[OutputSite]:
    """Hold the folder for the time of a run; its record, folders and document are written.

    Raises OutputError, having touched nothing, if the folder is not ours to write to; RunError if the disk refuses.
    """
    with naming_the_place(layout.root):
        _check_root(layout)
        if not layout.own.exists():
            _check_empty(layout, existing)
        layout.own.mkdir(parents=True, exist_ok=True)
        lock = _lock(layout)
    try:
        with naming_the_place(layout.root):
            site = _take(plan, layout, existing)
            write_text(layout.document, to_json(dict(plan.document)), site.drafts)
        yield site
    finally:
        os.close(lock)


def _check_root(layout: Layout) -> None:
    for path in (layout.root, layout.own):
        if path.is_symlink():
            raise OutputError(f"{path} is a symbolic link; name the folder itself")
        if path.exists() and not path.is_dir():
            raise OutputError(f"{path} is not a folder; choose another output folder")


def _check_empty(layout: Layout, existing: Existing) -> None:
    if existing in ("resume", "resume-fast"):
        raise OutputError(f"nothing to resume in {layout.root}: no run began there; leave out --resume")
    if layout.root.exists():
        _refuse_strangers(layout, None)


def _refuse_strangers(layout: Layout, found: Record | None, plan: Plan | None = None) -> None:
    """Refuse what `found` did not write; with `plan` also parts that it would not write."""
    if found is None:
        strangers = layout.strangers(None)
    else:
        parts: Mapping[str, Container[str]] = found.parts() if plan is None else parts_of(plan)
        strangers = layout.strangers(parts, Parts(found.partitions, "json"))
    if strangers:
        names = ", ".join(str(path.relative_to(layout.root)) for path in strangers[:3])
        more = f" and {len(strangers) - 3} more" if len(strangers) > 3 else ""
        raise OutputError(
            f"{layout.root} holds what datagen did not write: {names}{more}; choose another output folder, or move "
            f"{'it' if len(strangers) == 1 else 'them'} away"
        )


def _lock(layout: Layout) -> int:
    """Hold the folder until the descriptor is closed, or the process ends however it may."""
    handle = os.open(layout.own, os.O_RDONLY)
    if sys.platform != "win32":
        import fcntl  # does not exist on every system

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise OutputError(f"another run is writing to {layout.root} now; wait, or choose another folder") from None
        except OSError:
            pass  # no locks on this file system: the exclusive record still keeps two first runs apart
    return handle


def _take(plan: Plan, layout: Layout, existing: Existing) -> OutputSite:
    wanted, found = Record.of(plan), Record.read(layout)
    if found is None:  # nothing, or a run that was killed before it could say what it is: there is nothing to keep
        _refuse_strangers(layout, None)
    else:
        _refuse_strangers(layout, found)
        _settle(found, wanted, _changes(plan, layout), layout, existing)
        if existing != "overwrite":
            _refuse_strangers(layout, found, plan)
    shutil.rmtree(layout.tmp, ignore_errors=True)
    site = OutputSite(layout, os.urandom(8).hex())
    site.drafts.mkdir(parents=True)
    if found is None or existing == "overwrite":
        _begin(wanted, site)
    for folder in layout.folders(wanted.tables):  # after the record: what lies here is ours only because it says so
        folder.mkdir(exist_ok=True)
    sync_folder(layout.root)
    return site


def _changes(plan: Plan, layout: Layout) -> str:
    """What is different in the document of the run that is there; empty if nothing, or if it cannot be read."""
    try:
        begun = read_json(layout.document)
    except (OSError, ValueError):
        return ""
    return differences(begun, json.loads(to_json(dict(plan.document))))


def _settle(found: Record, wanted: Record, changes: str, layout: Layout, existing: Existing) -> None:
    """Decide about the run that is there: erase it, go on with it, or refuse."""
    refusal = changes if changes and found.fingerprint != wanted.fingerprint else found.refusal(wanted)
    done = layout.success.exists()
    if existing == "overwrite":
        erase(found, layout)
    elif refusal:
        kind = "a finished run" if done else "an unfinished run"
        raise OutputError(
            f"{layout.root} holds {kind} that is not this one ({refusal}); choose another folder or --overwrite"
        )
    elif existing == "refuse":
        said = "a finished run; replace it with --overwrite" if done else "an unfinished run; --resume or --overwrite"
        raise OutputError(f"{layout.root} holds {said} (plan {found.fingerprint[:16]})")


def _begin(wanted: Record, site: OutputSite) -> None:
    try:
        write_new_text(site.layout.run, wanted.text(), site.drafts)
    except FileExistsError:
        raise OutputError(f"another run began in {site.layout.root} at the same time; choose another folder") from None


def erase(found: Record, layout: Layout) -> None:
    """Remove the files that a run wrote, and nothing else. The record goes last, so that a killed erasure is ours still."""
    shutil.rmtree(layout.tmp, ignore_errors=True)
    for path in layout.finished(found.tables):
        path.unlink()
    for folder in reversed(layout.folders(found.tables)):
        if folder not in (layout.own, layout.tmp):
            _remove_litter(folder)
            with suppress(OSError):  # not empty: something that is never minded lies there
                folder.rmdir()
    layout.run.unlink()


def _remove_litter(folder: Path) -> None:
    """Remove what systems put there: it would keep a folder alive that the next run does not know."""
    if folder.is_dir():
        for path in [path for path in folder.iterdir() if is_litter(path.name) and path.is_file()]:
            path.unlink()
