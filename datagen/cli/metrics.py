"""Metrics of a run in the text format of Prometheus."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from datagen.runtime.events import (
    Event,
    Finished,
    NoWorkers,
    PartitionDamaged,
    PartitionDone,
    PartitionRetried,
    Started,
    WorkersChanged,
)

WRITE_EVERY = 5.0
"""Seconds between two writings of the file."""
_HELP = {
    "rows": ("gauge", "rows of the dataset that are planned"),
    "rows_done": ("gauge", "rows of complete partitions"),
    "bytes_done": ("gauge", "bytes of the files that this run wrote"),
    "partitions": ("gauge", "partitions that are planned"),
    "partitions_done": ("gauge", "partitions that are complete"),
    "workers": ("gauge", "workers of the cluster; 1 for a run in one process"),
    "retries_total": ("counter", "partitions that were started again after a failure, or because they took too long"),
    "damaged_total": ("counter", "complete partitions whose files were damaged, so that they are generated again"),
    "without_workers_total": ("counter", "times that the cluster had no worker"),
    "seconds": ("gauge", "seconds since the command began"),
    "last_event_timestamp_seconds": ("gauge", "when something happened last"),
    "finished": ("gauge", "1 when the dataset is complete"),
    "failed": ("gauge", "1 when the run ended with an error"),
}


class RunMetrics:
    """Counts the events of a run. Rows and bytes are those of complete partitions."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._values = dict.fromkeys(_HELP, 0.0)

    def on_event(self, event: Event) -> None:
        """Count one event."""
        values = self._values
        values["last_event_timestamp_seconds"] = time.time()
        match event:
            case Started():
                values |= {"rows": event.rows, "rows_done": event.kept_rows}
                values |= {"partitions": event.partitions, "partitions_done": event.kept}
            case PartitionDone():
                values["rows_done"] += event.rows
                values["bytes_done"] += event.bytes
                values["partitions_done"] += 1
            case PartitionRetried():
                values["retries_total"] += 1
            case PartitionDamaged():
                values["damaged_total"] += 1
            case WorkersChanged():
                values["workers"] = event.workers
            case NoWorkers():
                values["without_workers_total"] += 1
            case Finished():
                values["finished"] = 1

    def fail(self) -> None:
        """Record that the run ended with an error."""
        self._values["failed"] = 1

    def text(self) -> str:
        """All metrics, as Prometheus reads them."""
        values = {**self._values, "seconds": time.monotonic() - self._began}
        return "".join(f"{line}\n" for name, value in values.items() for line in _lines(name, value))


def _lines(name: str, value: float) -> tuple[str, str, str]:
    kind, description = _HELP[name]
    return f"# HELP datagen_{name} {description}", f"# TYPE datagen_{name} {kind}", f"datagen_{name} {value:.16g}"


class MetricsFile(RunMetrics):
    """Metrics in a file for the textfile collector of the node exporter. The file is replaced as a whole."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path, self._written = path, 0.0

    def on_event(self, event: Event) -> None:
        """Count one event, and write the file if that is due."""
        super().on_event(event)
        if not isinstance(event, PartitionDone) or time.monotonic() - self._written >= WRITE_EVERY:
            self.write()

    def fail(self) -> None:
        super().fail()
        self.write()

    def write(self) -> None:
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        draft.write_text(self.text(), encoding="utf-8")
        draft.replace(self._path)
        self._written = time.monotonic()


@contextmanager
def recorded(target: Path | tuple[str, int] | None) -> Iterator[RunMetrics]:
    """The metrics of a run for a file or an address (host, port); for None they are only counted.

    A block that ends with an exception is a run that failed.
    """
    metrics = MetricsFile(target) if isinstance(target, Path) else RunMetrics()
    with ExitStack() as stack:
        if isinstance(target, tuple):
            from datagen.cli.metrics_server import served  # start-up: http.server

            stack.enter_context(served(*target, metrics.text))
        try:
            yield metrics
        except BaseException:
            metrics.fail()
            raise
