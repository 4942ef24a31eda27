"""The output of a run: notices, and the line at its end."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from datagen.byte_sizes import format_size
from datagen.cli.text_output import printable
from datagen.runtime.events import (
    ClusterReady,
    Counting,
    Event,
    Finished,
    NoWorkers,
    PartitionDamaged,
    Started,
)


class RunSummary:
    """Receives the events of a run and prints one line about the result."""

    def __init__(self, out: Path | str) -> None:
        self.out = out
        self.began = time.monotonic()
        self.finished: Finished | None = None
        self.kept = 0
        self.counting = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to release."""

    def on_event(self, event: Event) -> None:
        """Record one event."""
        if isinstance(event, Started):
            self.kept = event.kept_rows
        elif isinstance(event, Counting) and not self.counting:
            self.counting = True
            self.say(f"counting the rows of {event.partitions:,} partitions; then they are generated")
        elif isinstance(event, Finished):
            self.finished = event
        elif isinstance(event, PartitionDamaged):
            self.say(f"partition {event.index} is generated again: {event.reason}")
        elif isinstance(event, NoWorkers):
            self.say(f"no worker yet: waiting for {event.cluster}, at most {event.patience:g} s")
        elif isinstance(event, ClusterReady) and event.dashboard:
            self.say(f"dashboard of {event.name}: {event.dashboard}")

    def say(self, line: str) -> None:
        """Print a notice about the run to standard error."""
        print(printable(line), file=sys.stderr, flush=True)

    def summarize(self) -> None:
        """Print one line about what was written."""
        if self.finished is None:
            return
        done, seconds = self.finished, time.monotonic() - self.began
        made = done.rows - self.kept
        kept = f", {self.kept:,} of them from an earlier run" if self.kept else ""
        print(
            f"{done.rows:,} rows, {format_size(done.bytes)} in {done.files:,} files at {printable(str(self.out))}"
            f"{kept} ({seconds:.1f} s, {made / max(seconds, 1e-3):,.0f} rows/s)"
        )
