from __future__ import annotations

from datetime import UTC, date, datetime

from tests.kinds.faults.damage import people, problems


def read_date(text: str, pattern: str) -> date:
    return datetime.strptime(text, pattern).replace(tzinfo=UTC).date()


def test_dates_are_written_in_the_other_formats() -> None:
    made = people(
        {"type": "mixed_formats", "columns": ["joined_on"], "rate": 0.4, "formats": ["%d.%m.%Y", "%b %d, %y"]}
    )
    was, now = made.clean["joined_on"].to_pylist(), made.dirty["joined_on"].to_pylist()
    read = {"dots": 0, "english": 0, "iso": 0}
    for day, text in zip(was, now, strict=True):
        if "." in text:
            read["dots"] += read_date(text, "%d.%m.%Y") == day
        elif "," in text:
            read["english"] += read_date(text, "%b %d, %y") == day
        else:
            read["iso"] += date.fromisoformat(text) == day
    assert sum(read.values()) == len(was), "every text is its date"
    assert min(read.values()) > 300


def test_times_too_and_formats_without_surprises() -> None:
    made = people(
        {"type": "mixed_formats", "columns": ["joined_at"], "rate": 1, "formats": ["%d/%m/%Y %H:%M:%S"]}, rows=20
    )
    assert made.dirty["joined_at"].to_pylist() == [
        f"{t:%d/%m/%Y %H:%M:%S}" for t in made.clean["joined_at"].to_pylist()
    ]
    assert (
        "formats[0]" in problems({"type": "mixed_formats", "columns": ["joined_on"], "rate": 1, "formats": ["%q"]})[-1]
    )
