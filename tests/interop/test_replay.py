"""A replay has every event once, in time order, in bounded memory, and at the pace that is asked for."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.errors import OutputError
from datagen.interop import replay
from datagen.interop.replay import ReplayClock, replayed, topics
from tests.kinds.formats.test_hive_folders import BY_DAY, EVENTS
from tests.promises.documents import busy

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - the times of files have no zone


def played(made: datagen.Dataset, chosen: dict[str, str | None] | None = None) -> list[dict[str, Any]]:
    text = bytearray()
    count = ReplayClock(text.extend, lambda: None).play(replayed(topics(made, chosen or {})))
    lines = bytes(text).decode().split("\n")[:-1]
    assert count == len(lines)
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> datagen.Dataset:
    return datagen.generate(EVENTS, tmp_path_factory.mktemp("replay") / "out", partition_rows=700)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many runs and many slices, as in a large dataset."""
    monkeypatch.setattr(replay, "_RUN_ROWS", 100)
    monkeypatch.setattr(replay, "_SLICE_ROWS", 64)
    monkeypatch.setattr(replay, "_SAMPLED", 8)


def test_every_row_is_there_once_and_in_order(made: datagen.Dataset, small: None) -> None:
    events = played(made)
    rows = made["events"].to_arrow().to_pylist()
    assert len(events) == len(rows) and {event["topic"] for event in events} == {"events"}
    assert [e["timestamp"] for e in events] == sorted(e["timestamp"] for e in events)
    by_key = {row["event_id"]: row for row in rows}
    for event in events:
        row = by_key.pop(event["key"])
        assert event["value"]["at"] == row["at"].isoformat() and event["value"]["amount"] == row["amount"]
        assert event["timestamp"] == (row["at"] - EPOCH) // dt.timedelta(milliseconds=1)
    assert not by_key


def test_slices_and_partitions_change_nothing(
    made: datagen.Dataset, small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sliced = played(made)
    monkeypatch.undo()
    whole = datagen.generate(EVENTS, tmp_path / "one")
    assert played(whole) == sliced
    divided = datagen.generate(EVENTS, tmp_path / "days", format=BY_DAY, partition_rows=700)
    assert sorted(map(str, played(divided))) == sorted(map(str, sliced))
    texts = datagen.generate(EVENTS, tmp_path / "csv", format="csv")
    assert played(texts) == sliced


def test_slices_are_of_bounded_size(made: datagen.Dataset, small: None) -> None:
    sizes = [len(part.times) for part in replayed(topics(made, {}))]
    assert len(sizes) > 10 and max(sizes) < 4 * 64


def test_tables_are_mixed_by_time_and_parents_come_before_children_of_the_same_time(tmp_path: Path) -> None:
    made = datagen.generate(busy(), tmp_path / "out")
    events = played(made)
    assert len({event["topic"] for event in events}) > 1
    assert [e["timestamp"] for e in events] == sorted(e["timestamp"] for e in events)
    seen: set[int] = set()
    for event in events:
        if event["topic"] == "people":
            seen.add(event["key"])
        if event["topic"] == "visits":
            assert event["value"]["person_id"] in seen


@dataclass
class Clock:
    """A clock that only sleeping moves on."""

    time: float = 100.0
    written: list[tuple[float, bytes]] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def pace(self, speed: float) -> ReplayClock:
        return ReplayClock(
            lambda text: self.written.append((self.time, bytes(text))),
            lambda: None,
            speed,
            lambda: self.time,
            self.sleep,
        )


def test_events_are_written_when_they_are_due(made: datagen.Dataset) -> None:
    clock, speed = Clock(), 86_400.0
    clock.pace(speed).play(replayed(topics(made, {})))
    first = None
    for at, text in clock.written:
        for line in text.decode().splitlines():
            stamp = json.loads(line)["timestamp"] / 1000
            first = stamp if first is None else first
            due = 100.0 + (stamp - first) / speed
            assert due - 0.06 < at < due + 0.001
    assert 29 < clock.time - 100 < 32  # a month at a day a second


def test_a_clock_that_is_stopped_knows_how_many_events_it_wrote(made: datagen.Dataset) -> None:
    lines = bytearray()

    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    clock = ReplayClock(lines.extend, lambda: None, 1.0, sleep=stop)
    with pytest.raises(KeyboardInterrupt):
        clock.play(replayed(topics(made, {})))
    assert clock.written == lines.count(b"\n") >= 1


def test_a_column_is_named_where_rows_have_no_time_of_their_own(made: datagen.Dataset) -> None:
    events = played(made, {"events": "event_date"})
    days = [event["value"]["event_date"] for event in events]
    assert days == sorted(days) and len(events) == made["events"].rows


@pytest.mark.parametrize(
    "chosen, words",
    [
        ({"evnts": None}, "no table 'evnts'; did you mean 'events'"),
        ({"events": "amount"}, "has the type double; name a column of times"),
        ({"events": "nothing"}, "no time of their own; name a column, as in events=COLUMN"),
    ],
)
def test_a_replay_without_times_is_refused(made: datagen.Dataset, chosen: dict[str, Any], words: str) -> None:
    with pytest.raises(OutputError, match=words):
        topics(made, chosen)
