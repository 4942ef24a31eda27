"""`datagen replay`: writes the rows of a dataset as a stream of events in time order."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from datagen.cli.signals import stopping
from datagen.errors import Interrupted, OutputError, reason_of
from datagen.locations import local_path, location


def replay(
    folder: Annotated[
        str,
        typer.Argument(parser=location, metavar="DIR|URL", help="The output folder of datagen.", show_default=False),
    ],
    *,
    speed: Annotated[
        float | None,
        typer.Option(
            min=1e-3,
            metavar="N",
            help="Seconds of the data in each second of the clock: 3600 plays an hour in a second.",
            show_default="as fast as possible",
        ),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(
            metavar="T[=COLUMN]",
            help="A table, with the column of its time if it is not that of its rows; may be repeated.",
            show_default="all tables whose rows have a time",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(parser=local_path, metavar="FILE", help="Write it to a file.", show_default=False),
    ] = None,
) -> None:
    """Write the events of all tables in time order, as JSON Lines with topic, key, timestamp and value."""
    from datagen.interop.replay import ReplayClock, replayed, topics  # start-up: numpy and Arrow
    from datagen.runtime.dataset import Dataset

    stopping.loaded("stopped at once; the dataset was only read")
    chosen = {name: column or None for name, _, column in (one.partition("=") for one in table or ())}
    events = topics(Dataset(folder), chosen)
    with _opened(out) as file:
        clock = ReplayClock(file.write, file.flush, speed)
        try:
            clock.play(replayed(events))
        except KeyboardInterrupt:
            raise Interrupted(
                f"stopped after {_counted(clock.written, 'event')}; another replay starts again"
            ) from None
    if out is not None:
        print(f"wrote {_counted(clock.written, 'event')} of {_counted(len(events), 'table')} to {out}")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


@contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        yield sys.stdout.buffer
        return
    try:
        with out.open("wb") as file:
            yield file
    except OSError as error:
        raise OutputError(f"cannot write '{out}': {reason_of(error)}") from None
