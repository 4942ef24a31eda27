"""Runs a validation: find the data, divide it into slices, observe them here or on Dask, judge, score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from datagen.columnar.block import Block
from datagen.errors import Absent
from datagen.runtime.events import Listener, PartitionDone, Started, ignore
from datagen.schema.reading.read import Schema
from datagen.validation.inputs.dataset_view import View
from datagen.validation.inputs.discovery import DataFolder
from datagen.validation.inputs.key_index import MOST_READ
from datagen.validation.metrics.base import Metric
from datagen.validation.metrics.constraints.file_integrity import FileIntegrity
from datagen.validation.metrics.constraints.structure import Structure, TableShape
from datagen.validation.profile.described import described
from datagen.validation.profile.table_profile import TableProfile, TableState
from datagen.validation.report.report import Report
from datagen.validation.score import score_of
from datagen.validation.slicing.by_partition import aligned, families
from datagen.validation.slicing.external import divided, foreign, is_large, shared
from datagen.validation.slicing.file_slice import FileSlice, Piece
from datagen.validation.states import States, TreeMerge, findings, observed
from datagen.validation.suite import suite

Observe = Callable[[Piece], States]
Spread = Callable[[Observe, Sequence[Piece]], Iterable[tuple[Piece, States]]]
"""A function that observes pieces, anywhere and in any order."""


@dataclass(frozen=True, slots=True)
class ObserveSlice:
    """A schema over a folder, as sent to workers, which build its view once per process."""

    document: Mapping[str, Any]
    source: DataFolder

    def __call__(self, piece: Piece) -> States:
        view, metrics = _opened(self)
        part = FileSlice(view, piece if piece.share is None else _divided_here(self, view, piece))
        try:
            return observed(metrics, part, view.families[piece.root])
        finally:
            part.release()

    def close(self) -> None:
        """Forget the view of this process and remove its temporary files. Workers call it at the end of a run."""
        with _DIVIDING:
            for known in _DIVIDED.values():
                known.folder.cleanup()
            _DIVIDED.clear()
        _OPENED.clear()


_OPENED: list[tuple[ObserveSlice, View, tuple[Metric, ...]]] = []


"""The last view of this process: a worker observes many pieces of one dataset."""


@dataclass(frozen=True, slots=True)
class DividedFamily:
    """The slices of a family that this process divided, and the folder of their files."""

    look: ObserveSlice
    folder: TemporaryDirectory[str]
    pieces: list[Piece]


_DIVIDED: dict[str, DividedFamily] = {}


"""By root table."""


_DIVIDING = Lock()


def _divided_here(look: ObserveSlice, view: View, share: Piece) -> Piece:
    """The slice of a share. The first share divides the files of the family into temporary files of this process."""
    with _DIVIDING:
        known = _DIVIDED.get(share.root)
        if known is None or known.look is not look:
            folder = TemporaryDirectory(prefix="datagen-validate-", ignore_cleanup_errors=True)
            known = DividedFamily(look, folder, divided(view, share, Path(folder.name) / share.root))
            _DIVIDED[share.root] = known
    return next(piece for piece in known.pieces if piece.index == share.index)


def _opened(look: ObserveSlice) -> tuple[View, tuple[Metric, ...]]:
    for known, view, metrics in _OPENED:
        if known is look:
            return view, metrics
    view = View.of(look.document, look.source, scanned)
    _OPENED[:] = [(look, view, metrics_of(view))]
    return view, _OPENED[0][2]


def metrics_of(view: View) -> tuple[Metric, ...]:
    """All metrics of a folder: those of its schema, and the files themselves if datagen wrote them."""
    return (*suite(view.program), *_integrity(view.source))


def _integrity(source: DataFolder) -> Iterator[FileIntegrity]:
    if source.manifest is None and not source.changes:
        return
    for table in dict.fromkeys((*source.changes, *source.tables)):
        files = (*source.tables.get(table, ()), *source.truth.get(table, ()))
        hashed = any(file.xxh3 for file in files)
        yield FileIntegrity(table, len(files), source.changes.get(table, ()), hashed)


def here(observe: Observe, pieces: Iterable[Piece]) -> Iterable[tuple[Piece, States]]:
    """Observes one piece after the other in this process."""
    return ((piece, observe(piece)) for piece in pieces)


def validated(
    schema: Schema,
    source: DataFolder,
    spread: Spread = here,
    on_event: Listener = ignore,
    apart: Callable[[], bool] = lambda: False,
) -> Report:
    """The report on the data that was found; pieces are reported as partitions. `apart` tells whether `spread` leads to
    other machines, which cannot read temporary files of this one. Raises SchemaError, or DataError if nothing can be
    judged.
    """
    look, view = ObserveSlice(dict(schema.raw), source), View.of(schema, source, scanned)
    metrics = metrics_of(view)
    _OPENED[:] = [(look, view, metrics)]  # pieces observed in this process use the same view
    with TemporaryDirectory(prefix="datagen-validate-") as scratch:
        pieces = list(pieces_of(view, Path(scratch), apart))
        merging = TreeMerge(metrics, (piece.index for piece in pieces))
        on_event(Started(view.model.document.name, sum(piece.rows for piece in pieces), len(pieces)))
        for piece, states in spread(look, pieces):
            merging.add(piece.index, states)
            on_event(PartitionDone(piece.index, piece.rows, piece.bytes))
    look.close()
    return report_of(view, metrics, merging.all())


def pieces_of(view: View, scratch: Path, apart: Callable[[], bool] = lambda: False) -> Iterable[Piece]:
    """The slices of a dataset; large data of other writers is divided into files below `scratch`, or by the workers if
    these are `apart`.
    """
    if view.source.aligned:
        return aligned(view.model, view.source)
    return shared(view) if is_large(view) and apart() else foreign(view, scratch)


def report_of(view: View, metrics: tuple[Metric, ...], states: States) -> Report:
    """The report from the merged states."""
    all_findings = findings(metrics, states)
    score, losses = score_of(all_findings)
    manifest, rows = view.source.manifest, counted_rows(view.source, metrics, states)
    return Report(
        view.model.document.name, view.source.folder, rows, all_findings, score, losses,
        manifest.plan_id if manifest else None, manifest.seed if manifest else None, _profiles(metrics, states),
    )  # fmt: skip


def _profiles(metrics: tuple[Metric, ...], states: States) -> dict[str, object]:
    """The profiles of the tables."""
    seen = zip(metrics, states, strict=True)
    found = {m.table: described(m, s) for m, s in seen if isinstance(m, TableProfile) and isinstance(s, TableState)}
    return {"profiles": found}


def counted_rows(source: DataFolder, metrics: tuple[Metric, ...], states: States) -> dict[str, int]:
    """Rows per table: from the files if their format stores it, else as observed."""
    rows = dict(source.rows)
    for metric, state in zip(metrics, states, strict=True):
        untyped = not all(file.typed for file in source.tables.get(metric.table, ()))
        if isinstance(metric, Structure) and isinstance(state, TableShape) and untyped:
            rows[metric.table] = state.rows
    return rows


def scanned(view: View, table: str) -> Iterator[Block]:
    """The rows of a table as blocks, partition by partition; the whole family as one block if another writer made the
    files.

    Raises Absent if the files lack the table, or a family of other writers is too large.
    """
    if table not in view.source.tables:
        raise Absent(f"table '{table}' is missing")
    for piece in _pieces(view, table):
        part = FileSlice(view, piece)
        block = part.block(table)
        if block is None:
            raise Absent(f"a table above '{table}' is missing")
        yield block
        part.release()


def _pieces(view: View, table: str) -> Iterator[Piece]:
    """The pieces of the family of a table."""
    root, source = view.model.tables[table].root, view.source
    if source.aligned:
        yield from (piece for piece in aligned(view.model, source) if piece.root == root)
        return
    files = {name: source.tables[name] for name in families(view.model)[root] if name in source.tables}
    rows = sum(file.rows for found in files.values() for file in found)
    if rows > MOST_READ:
        raise Absent(f"the family of '{table}' has {rows:,} rows, more than can be kept to aggregate them")
    yield Piece(0, root, files, {name: source.truth[name] for name in files if name in source.truth})
