"""The log of a run for operators: events as JSON lines, and metrics in the text format of Prometheus."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from datagen.cli.progress import RunSummary
from datagen.runtime.events import Event, Finished, NoWorkers, PartitionDone, PartitionRetried, Started

WRITE_EVERY = 5.0
"""Seconds between two writings of the metrics."""
_HELP = {
    "rows": ("gauge", "rows of the dataset that are planned"),
    "rows_done": ("gauge", "rows of complete partitions"),
    "bytes_done": ("gauge", "bytes of the files that this run wrote"),
    "partitions": ("gauge", "partitions that are planned"),
    "partitions_done": ("gauge", "partitions that are complete"),
    "retries_total": ("counter", "partitions that were started again"),
    "without_workers_total": ("counter", "times that the cluster had no worker"),
    "last_event_timestamp_seconds": ("gauge", "when something happened last"),
    "finished": ("gauge", "1 when the dataset is complete"),
}


class JsonLog(RunSummary):
    """Every event as one JSON object on standard error, with its time; the line at the end stays."""

    def hear(self, event: Event) -> None:
        super().hear(event)
        fields = {name: value for name, value in asdict(event).items() if name != "seen"}
        when = datetime.now(UTC).isoformat(timespec="milliseconds")
        print(json.dumps({"time": when, "event": type(event).__name__, **fields}), file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        """The event says it."""


class Metrics:
    """Numbers of a run in a file that Prometheus' node exporter collects; the file is replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self.path, self.written = path, 0.0
        self.values = dict.fromkeys(_HELP, 0.0)

    def hear(self, event: Event) -> None:
        """Count one event, and write the file if that is due."""
        values = self.values
        values["last_event_timestamp_seconds"] = time.time()
        if isinstance(event, Started):
            values |= {"rows": event.rows, "rows_done": event.kept_rows}
            values |= {"partitions": event.partitions, "partitions_done": event.kept}
        elif isinstance(event, PartitionDone):
            values["rows_done"] += event.rows
            values["bytes_done"] += event.bytes
            values["partitions_done"] += 1
        elif isinstance(event, PartitionRetried):
            values["retries_total"] += 1
        elif isinstance(event, NoWorkers):
            values["without_workers_total"] += 1
        elif isinstance(event, Finished):
            values["finished"] = 1
        if not isinstance(event, PartitionDone) or time.monotonic() - self.written >= WRITE_EVERY:
            self.write()

    def write(self) -> None:
        lines = [line for name, value in self.values.items() for line in _lines(name, value)]
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        draft.replace(self.path)
        self.written = time.monotonic()


def _lines(name: str, value: float) -> tuple[str, str, str]:
    kind, description = _HELP[name]
    return f"# HELP datagen_{name} {description}", f"# TYPE datagen_{name} {kind}", f"datagen_{name} {value:.16g}"


def run_listener(out: Path | str, *, log_json: bool) -> RunSummary:
    """The listener that shows progress: JSON lines, a progress bar, or the line at the end."""
    return JsonLog(out) if log_json else event_listener(out)


def event_listener(folder: Path | str) -> RunSummary:
    """The event listener of a run: a progress bar on a terminal, else a summary only."""
    if not sys.stderr.isatty():
        return RunSummary(folder)
    from datagen.cli.progress_bar import Progress  # start-up: rich

    return Progress(folder)
