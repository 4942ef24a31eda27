"""Where slices are observed: in this process, or on the workers of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from datagen.runtime.events import Listener, ignore
from datagen.runtime.executors.choose import asked_cluster, default_cluster, in_process, on_dask
from datagen.validation.slicing.file_slice import Piece
from datagen.validation.states import States
from datagen.validation.validate import Observe, Spread, here


def workers_apart(place: Mapping[str, Any]) -> bool:
    """Whether the workers may be on other machines: on a client that is given, or any cluster but a local one."""
    if place.get("client") is not None:
        return True
    from datagen.kinds.clusters.local import Local  # start-up

    return not isinstance(asked_cluster(place) or default_cluster(place), Local)


def spread_over(place: Mapping[str, Any], on_event: Listener = ignore) -> Spread:
    """How slices are distributed under the options of `datagen.options.ClusterOptions`; by default the size decides.

    One worker is this process. `on_event` is called if workers are missing.
    """

    cluster = asked_cluster(place)

    def spread(observe: Observe, todo: Sequence[Piece]) -> Iterable[tuple[Piece, States]]:
        if len(todo) < 2 or in_process(place, sum(piece.rows for piece in todo)):
            return here(observe, todo)
        return _on_dask(observe, todo)

    def _on_dask(observe: Observe, todo: Sequence[Piece]) -> Iterator[tuple[Piece, States]]:
        runner = on_dask(place, cluster)
        with closing(runner.map_unordered("validation", observe, todo, on_event)) as done:  # type: ignore[arg-type]
            yield from done

    return spread
