"""Where slices are observed: in this process, or by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datagen.runtime.events import Listener, ignore
from datagen.validation.slicing.file_slice import Piece
from datagen.validation.states import States
from datagen.validation.validate import Observe, Spread, here

if TYPE_CHECKING:
    from distributed import Client

IN_PROCESS_ROWS = 20_000_000
"""Up to so many rows are read in this process: a cluster takes seconds to start."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where slices are observed: `datagen.options.Where`."""

    workers: int | None = None
    cluster: str | None = None
    memory: int | None = None
    client: Client | None = None
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None


def spread_over(place: Workplace, listen: Listener = ignore) -> Spread:
    """The way that a workplace asks for; with nothing said, the size decides. `listen` hears when workers are missing."""

    def spread(observe: Observe, todo: Sequence[Piece]) -> Iterable[tuple[Piece, States]]:
        asked = place.workers is not None or place.cluster is not None or place.client is not None
        if len(todo) < 2 or (not asked and sum(piece.rows for piece in todo) <= IN_PROCESS_ROWS):
            return here(observe, todo)
        return _on_dask(observe, todo)

    def _on_dask(observe: Observe, todo: Sequence[Piece]) -> Iterator[tuple[Piece, States]]:
        from datagen.runtime.executors.dask import DaskExecutor
        from datagen.runtime.executors.dask_cluster import (
            Certificates,  # a second of start-up, and small jobs do without
        )

        files = Certificates(place.tls_ca, place.tls_cert, place.tls_key)
        runner = DaskExecutor(place.workers, place.memory, place.cluster, place.client, files)
        with closing(runner.each("validation", observe, todo, listen)) as done:  # type: ignore[arg-type]
            yield from done

    return spread
