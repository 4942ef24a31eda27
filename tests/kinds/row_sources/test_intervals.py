from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import datagen
from tests.promises.documents import tables

WINDOW = {"start": "2024-01-01", "end": "2024-07-01"}


def document(rooms: object = 40, end: str = WINDOW["end"], **rows: object) -> dict:
    laws = {"gap": {"type": "exponential", "mean": "2d"}, "length": {"type": "gamma", "shape": 3, "mean": "1d"}, **rows}
    return {
        "datagen": 1,
        "name": "rooms",
        "window": {**WINDOW, "end": end},
        "tables": {
            "rooms": {"rows": rooms, "columns": {"room_id": {"type": "key"}}},
            "bookings": {
                "parent": "rooms",
                "rows": {"type": "intervals", **laws},
                "columns": {
                    "booking_id": {"type": "key"},
                    "room_id": {"type": "parent_key"},
                    "since": {"type": "row_attribute", "attribute": "starts_at"},
                    "until": {"type": "row_attribute", "attribute": "ends_at"},
                },
            },
        },
    }


def by_room(made: dict) -> dict[int, list[dict]]:
    rooms: dict[int, list[dict]] = {}
    for row in made["bookings"].to_pylist():
        rooms.setdefault(row["room_id"], []).append(row)
    return rooms


def test_intervals_of_one_parent_never_overlap_and_only_the_last_is_open() -> None:
    rooms = by_room(tables(document()))
    assert len(rooms) == 40
    for bookings in rooms.values():
        assert all(one["since"] < one["until"] <= other["since"] for one, other in pairwise(bookings))


def test_gaps_and_lengths_follow_their_laws() -> None:
    rooms = by_room(tables(document(400)))
    lengths = [(b["until"] - b["since"]).total_seconds() / 86400 for some in rooms.values() for b in some[:5]]
    gaps = [(b["since"] - a["until"]).total_seconds() / 86400 for some in rooms.values() for a, b in pairwise(some[:6])]
    assert abs(sum(lengths) / len(lengths) - 1) < 0.06
    assert abs(sum(gaps) / len(gaps) - 2) < 0.15


def test_a_longer_window_keeps_the_intervals_there_were() -> None:
    short, long = (tables(document(end=end))["bookings"].to_pylist() for end in ("2024-04-01", "2024-07-01"))
    later = {(row["room_id"], row["since"]): row["until"] for row in long}
    assert all(row["until"] is None or later[row["room_id"], row["since"]] == row["until"] for row in short)


def test_validation_finds_overlaps(tmp_path: Path) -> None:
    datagen.generate(document(), tmp_path / "good", workers=1)
    report = datagen.validate(document(), tmp_path / "good")
    assert report.passed
    assert any(finding.measure == "NoOverlap" and finding.verdict == "pass" for finding in report.findings)


def test_laws_are_of_durations() -> None:
    problems = datagen.check(document(gap={"type": "normal", "mean": 3, "sd": 1}))
    assert [problem.place for problem in problems] == ["$.tables.bookings.rows.gap.type"]
