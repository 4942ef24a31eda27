"""`datagen replay` writes events to standard output or to a file."""

from __future__ import annotations

import json
from pathlib import Path

import datagen
from tests.cli.terminal import Run
from tests.kinds.formats.test_hive_folders import EVENTS


def test_events_go_to_standard_output_or_to_a_file(run: Run, tmp_path: Path) -> None:
    made = datagen.generate(EVENTS, tmp_path / "out")
    reported = run("replay", tmp_path / "out", "--speed", "1e9")
    lines = reported.out.splitlines()
    assert reported.code == 0 and len(lines) == made["events"].rows
    assert set(json.loads(lines[0])) == {"topic", "key", "timestamp", "value"}
    assert "events of 1 table to " in run("replay", tmp_path / "out", "--out", tmp_path / "x.jsonl").out
    assert (tmp_path / "x.jsonl").read_text() == reported.out


def test_a_replay_of_an_unknown_table_is_an_error_with_a_hint(run: Run, tmp_path: Path) -> None:
    datagen.generate(EVENTS, tmp_path / "out")
    reported = run("replay", tmp_path / "out", "--table", "event")
    assert reported.code == 1 and "did you mean 'events'" in reported.err
