"""Where slices are observed: in this process, or by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from datagen.quality.observing import States
from datagen.quality.slices import Piece
from datagen.quality.validating import Observe, Spread, here

if TYPE_CHECKING:
    from distributed import Client

IN_PROCESS_ROWS = 20_000_000
"""Up to so many rows are read in this process: a cluster takes seconds to start."""


def spread_over(workers: int | None, cluster: str | None, memory: int | None, client: Client | None) -> Spread:
    """The way that these options ask for; with none of them, the size decides."""

    def spread(observe: Observe, todo: Sequence[Piece]) -> Iterable[tuple[Piece, States]]:
        asked = workers is not None or cluster is not None or client is not None
        if len(todo) < 2 or (not asked and sum(piece.rows for piece in todo) <= IN_PROCESS_ROWS):
            return here(observe, todo)
        return _on_dask(observe, todo)

    def _on_dask(observe: Observe, todo: Sequence[Piece]) -> Iterator[tuple[Piece, States]]:
        from datagen.run.dask import OnDask  # a second of start-up, and small jobs do without

        runner = OnDask(workers, memory, cluster, client)
        with closing(runner.each("validation", observe, todo)) as done:  # type: ignore[arg-type]
            yield from done

    return spread
