"""The rows of a dataset as a stream of events in time order, as a message broker would deliver them.

An external merge sort: the rows are read once, and each batch is sorted and written to a local file (a run). Samples of
the times cut the whole period into slices of bounded size. Each slice is then gathered from all runs of all tables, and
sorted. So memory does not grow with the dataset. The disk holds one uncompressed copy of the rows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from datagen.analysis import analyze_or_raise
from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import Ints, as_numpy
from datagen.columnar.nested import json_cells
from datagen.columnar.text import buffers
from datagen.errors import OutputError
from datagen.kinds.formats.jsonl import objects
from datagen.kinds.formats.support.finished_parquet import batches
from datagen.registry import did_you_mean
from datagen.runtime.dataset import Dataset
from datagen.runtime.dataset_table import DatasetTable
from datagen.runtime.storage.layout import DOCUMENT
from datagen.runtime.storage.texts import read_json

_RUN_ROWS = 262_144
"""Rows sorted at once."""
_SLICE_ROWS = 131_072
"""The approximate number of rows that are gathered and written together."""
_SAMPLED = 1_024
"""Every so manieth row of a run is a sample of the times."""
_TICK = 0.05
"""Seconds: events that are due within one tick are written together."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A table whose rows are events: the column of their time, and those of the message key."""

    table: DatasetTable
    moment: str
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Messages in time order: the time of each, int64 microseconds (n,), and its line of JSON."""

    times: Ints
    messages: pa.Array

    def text(self, start: int, stop: int) -> memoryview:
        """The lines of the messages from `start` to `stop`."""
        return buffers(self.messages.slice(start, stop - start))[0].data


def topics(dataset: Dataset, chosen: Mapping[str, str | None]) -> list[Topic]:
    """The tables whose rows have a time, or the `chosen` ones, each with the column of its time if one was given.

    Raises OutputError for an unknown table or column, or a column without times.
    """
    try:
        model = analyze_or_raise(read_json(dataset.store, DOCUMENT))
    except (OSError, ValueError) as error:
        raise OutputError(f"{dataset.store.path_or_url(DOCUMENT)} cannot be read: {error}") from None
    unknown = next((name for name in chosen if name not in dataset.tables), None)
    if unknown is not None:
        raise OutputError(f"the dataset has no table '{unknown[:60]}'; {did_you_mean(unknown, list(dataset.tables))}")
    found = []
    for name in dataset.tables:
        moment = chosen.get(name) or model.tables[name].moment
        if chosen and name not in chosen:
            continue
        if moment is None or moment not in dataset[name].schema.names:
            if chosen:
                raise OutputError(f"the rows of '{name}' have no time of their own; name a column, as in {name}=COLUMN")
            continue
        found.append(_topic(dataset[name], moment, model.tables[name].identity))
    if not found:
        raise OutputError("no table has rows with a time; name one, as in --table TABLE=COLUMN")
    return found


def _topic(table: DatasetTable, moment: str, key: tuple[str, ...]) -> Topic:
    type_ = table.schema.field(moment).type
    if not (pa.types.is_timestamp(type_) or pa.types.is_date(type_)):
        raise OutputError(f"'{table.name}.{moment}' has the type {type_}; name a column of times")
    return Topic(table, moment, tuple(name for name in key if name in table.schema.names))


def replayed(events: Sequence[Topic]) -> Iterator[EventBatch]:
    """All events in time order, some thousands at a time. Events of the same time keep the order of their tables, and
    within a table that of their rows. Rows without a time are left out.
    """
    with TemporaryDirectory(prefix="datagen-replay-") as folder:
        sorted_ = [_SortedRuns.of(topic, Path(folder) / f"{at}.arrow") for at, topic in enumerate(events)]
        bounds = _bounds(np.concatenate([one.samples for one in sorted_]))
        for low, high in pairwise(bounds):
            parts = [part for one in sorted_ if (part := one.between(int(low), int(high))) is not None]
            if parts:
                times = np.concatenate([part.times for part in parts])
                order = np.argsort(times, kind="stable")
                messages = pa.concat_arrays([part.messages for part in parts]).take(pa.array(order))
                yield EventBatch(times[order], messages)


def _bounds(samples: Ints) -> Ints:
    """The bounds of slices with about `_SLICE_ROWS` rows each, from all times on."""
    ordered = np.sort(samples)[:: max(_SLICE_ROWS // _SAMPLED, 1)]
    limits = np.array([np.iinfo(np.int64).min, np.iinfo(np.int64).max])
    return np.unique(np.concatenate([limits, ordered]))


@dataclass(slots=True)
class _SortedRuns:
    """The rows of a table in a local file, sorted run by run. Each is a record batch."""

    topic: Topic
    runs: list[pa.RecordBatch]
    times: list[Ints]

    @classmethod
    def of(cls, topic: Topic, path: Path) -> _SortedRuns:
        schema = pa.schema([one.with_type(_plain(one.type)) for one in topic.table.schema])
        with pa.ipc.new_file(str(path), schema) as spill:
            for rows in _pieces(topic.table, schema):
                run = rows.filter(pc.is_valid(rows[topic.moment])).combine_chunks().to_batches()
                for one in run:
                    order = np.argsort(_microseconds(one[topic.moment]), kind="stable")
                    spill.write_batch(one.take(pa.array(order)))
        read = pa.ipc.open_file(pa.memory_map(str(path)))
        runs = [read.get_batch(at) for at in range(read.num_record_batches)]
        return cls(topic, runs, [_microseconds(run[topic.moment]) for run in runs])

    @property
    def samples(self) -> Ints:
        """Times of the runs, evenly spread over their rows."""
        return np.concatenate([np.zeros(0, np.int64), *(times[::_SAMPLED] for times in self.times)])

    def between(self, low: int, high: int) -> EventBatch | None:
        """The events from `low` to before `high`; None if there are none."""
        found = []
        for run, times in zip(self.runs, self.times, strict=True):
            start, stop = np.searchsorted(times, [low, high])
            if stop > start:
                found.append(run.slice(start, stop - start))
        if not found:
            return None
        rows = pa.Table.from_batches(found).combine_chunks().to_batches()[0]
        times = _microseconds(rows[self.topic.moment])
        order = np.argsort(times, kind="stable")
        rows = rows.take(pa.array(order))
        return EventBatch(times[order], _messages(self.topic, rows, times[order]))


def _pieces(table: DatasetTable, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of a table, some hundred thousand at a time: row groups of Parquet, whole files of other formats."""
    held: list[pa.Table] = []
    for file in table.contents.files:
        key = f"{table.name}/{file.name}"
        found = batches(table.store, key, table.schema) if file.name.endswith(".parquet") else None
        for rows in found or [table.read(table.store.path_or_url(key))]:
            held.append(rows.cast(schema))
            if sum(one.num_rows for one in held) >= _RUN_ROWS:
                yield pa.concat_tables(held)
                held = []
    if held:
        yield pa.concat_tables(held)


def _plain(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def _microseconds(column: pa.Array) -> Ints:
    """Times as microseconds since 1970, int64 (n,)."""
    zone = getattr(column.type, "tz", None)
    found: Ints = as_numpy(column.cast(pa.timestamp("us", zone)).cast(pa.int64()))
    return found


def _messages(topic: Topic, rows: pa.RecordBatch, times: Ints) -> pa.Array:
    """A line of JSON for each row: topic, key, timestamp in milliseconds as Kafka has it, and the row as the value."""
    return pc.binary_join_element_wise(
        f'{{"topic":{json.dumps(topic.table.name)},"key":',
        _key([rows[name] for name in topic.key], rows.num_rows),
        ',"timestamp":',
        pa.array(times // 1000).cast(pa.string()),
        ',"value":',
        objects(rows),
        "}\n",
        "",
    )


def _key(columns: list[pa.Array], rows: int) -> pa.Array:
    """The key of each message as JSON: a value, a list of several, or null without a key."""
    if not columns:
        return pa.array(["null"] * rows, pa.string())
    texts = [pc.fill_null(json_cells(column), "null") for column in columns]
    if len(texts) == 1:
        return texts[0]
    return pc.binary_join_element_wise("[", pc.binary_join_element_wise(*texts, ","), "]", "")


@dataclass(slots=True)
class ReplayClock:
    """Writes events when they are due: `speed` seconds of their time in each second of the clock; all at once if it is
    None.
    """

    write: Callable[[memoryview], object]
    flush: Callable[[], object]
    speed: float | None = None
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    written: int = field(default=0, init=False)
    """The number of events that are written."""
    _begun: tuple[float, int] | None = field(default=None, init=False)

    def play(self, slices: Iterator[EventBatch]) -> int:
        """Write all events; the number of them."""
        for part in slices:
            self._play(part)
        self.flush()
        return self.written

    def _play(self, part: EventBatch) -> None:
        if self.speed is None:
            self._write(part, 0, len(part.times))
            return
        if self._begun is None:
            self._begun = (self.now(), int(part.times[0]))
        begun, first = self._begun
        due = begun + (part.times - first) / 1e6 / self.speed
        at = 0
        while at < len(due):
            wait = due[at] - self.now()
            if wait > 0:
                self.sleep(wait)
            stop = max(int(np.searchsorted(due, self.now() + _TICK)), at + 1)
            self._write(part, at, stop)
            self.flush()
            at = stop

    def _write(self, part: EventBatch, start: int, stop: int) -> None:
        self.write(part.text(start, stop))
        self.written += stop - start
