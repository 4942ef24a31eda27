"""A long validation says how far it is."""

from __future__ import annotations

from pathlib import Path

import datagen
from datagen.runtime.events import Event, PartitionDone, Started
from tests.validation.folders import SHOP


def test_events_report_every_validated_row(tmp_path: Path) -> None:
    made = datagen.generate(SHOP, tmp_path / "out", partition_rows=2000)
    heard: list[Event] = []
    datagen.validate(SHOP, tmp_path / "out", on_event=heard.append)
    started, *done = heard
    assert isinstance(started, Started) and started.rows == made.manifest.rows and started.partitions == len(done) > 1
    pieces = [event for event in done if isinstance(event, PartitionDone)]
    assert len(pieces) == len(done)
    assert sum(piece.rows for piece in pieces) == made.manifest.rows
    files = [file for path in (tmp_path / "out").iterdir() if path.name[0] != "_" for file in path.glob("*.parquet")]
    assert sum(piece.bytes for piece in pieces) == sum(file.stat().st_size for file in files)
