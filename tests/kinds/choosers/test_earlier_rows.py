"""References of a table to itself choose rows of an earlier time, whatever the order of the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datagen
from datagen.analysis.analyze import analyze_or_raise
from datagen.analysis.notes import notes
from tests.promises.documents import tables

EVENTS = {"type": "events", "mean_per_month": 4}
SIX = {"type": "per_parent", "count": 6}
SENT = {"type": "event_time"}
DELAYED = {"type": "after", "column": "threads.opened_at", "delay": {"type": "exponential", "mean": "2d"}}
ZIPF = {"popularity": {"type": "zipf", "exponent": 1.0}}


def forum(reference: dict[str, Any], rows: dict[str, Any] | None = None, sent: Any = None, boards: int = 12) -> Any:
    """Boards with threads, and messages that reply to other messages."""
    return {
        "datagen": 1,
        "name": "forum",
        "window": {"start": "2024-01-01", "end": "2024-07-01"},
        "tables": {
            "boards": {"rows": boards, "columns": {"board_id": {"type": "key"}}},
            "threads": {
                "parent": "boards",
                "rows": {"type": "events", "mean_per_month": 3},
                "columns": {"thread_id": {"type": "key"}, "board_id": {"type": "parent_key"},
                            "opened_at": {"type": "event_time"}},
            },
            "messages": {
                "parent": "threads",
                "rows": rows or EVENTS,
                "columns": {
                    "message_id": {"type": "key"},
                    "thread_id": {"type": "parent_key"},
                    "board": {"type": "expression", "expression": "threads.board_id"},
                    "sent_at": sent or SENT,
                    "tone": {"type": "choice", "values": ["dry", "warm"]},
                    "reply_to": {"type": "reference", "table": "messages", **reference},
                },
            },
        },
    }  # fmt: skip


def replies(made: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """The rows with a reply, and the rows that they reply to."""
    keys = made["reply_to"].combine_chunks()
    at = np.flatnonzero(np.asarray(keys.is_valid()))
    return at, keys.drop_null().to_numpy() - made["message_id"][0].as_py()


def times(made: pa.Table) -> np.ndarray:
    return made["sent_at"].combine_chunks().cast("int64").fill_null(-1).to_numpy()


@pytest.mark.parametrize(
    "reference",
    [
        {"within": "boards"},
        {"within": "boards", **ZIPF},
        {"within": "boards", "distinct": True},
        {"within": "boards", "unique": True},
        {"within": "boards", "existing_at": "sent_at"},
        {"within": "boards", "existing_at": "sent_at", "lookback": "20d"},
        {"within": "boards", "same": {"tone": "tone"}},
        {"within": "boards", "order_by": "sent_at"},
        {"order_by": "sent_at"},
    ],
    ids=str,
)
def test_events_of_several_parents_reply_to_earlier_ones_only(reference: dict[str, Any]) -> None:
    document = forum(reference)
    made = tables(document)["messages"]
    at, to = replies(made)
    sent = times(made)
    assert len(at) > 0.5 * len(made)
    assert (sent[to] <= sent[at]).all() and (to != at).all()
    assert (to > at).any(), "rows of later threads can be earlier, and are chosen too"
    assert tables(document, partition_rows=3)["messages"].equals(made)


def test_every_earlier_row_is_chosen_alike() -> None:
    """The place of the chosen row among the earlier ones of its board is uniform."""
    made = tables(forum({"within": "boards"}, boards=60))["messages"]
    at, to = replies(made)
    order = np.lexsort((times(made), made["board"].to_numpy()))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    boards = made["board"].to_numpy()
    first = np.searchsorted(boards[order], boards)
    before = place[at] - first[at]
    share = (place[to] - first[to] + 0.5) / before
    assert len(share) > 5000
    assert np.abs(np.sort(share) - (np.arange(len(share)) + 0.5) / len(share)).max() < 1.95 / len(share) ** 0.5


@pytest.mark.parametrize("reference", [{"within": "threads"}, {"within": "boards"}, {}], ids=str)
@pytest.mark.parametrize("more", [{}, ZIPF, {"distinct": True}, {"same": {"tone": "tone"}}], ids=str)
def test_a_column_orders_rows_that_have_no_time(reference: dict[str, Any], more: dict[str, Any]) -> None:
    made = tables(forum({**reference, **more, "order_by": "sent_at"}, SIX, DELAYED))["messages"]
    at, to = replies(made)
    sent = times(made)
    assert len(at) > 0.4 * len(made)
    assert (sent[to] <= sent[at]).all() and (to != at).all() and (sent[to] >= 0).all()
    if reference.get("within") == "threads" and not more:  # all but the first one, and those whose time is not known
        assert len(at) == len(made) - np.count_nonzero(sent < 0) - len(set(made["thread_id"].to_numpy()[sent >= 0]))


@pytest.mark.parametrize("reference", [{"within": "boards"}, {"order_by": "sent_at"}, {"within": "boards", **ZIPF}])
def test_validation_finds_a_reply_to_a_later_message(reference: dict[str, Any], tmp_path: Path) -> None:
    document = forum(reference)
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    assert report.score >= 95
    (found,) = (f for f in report.findings if f.measure == "EarlierReferences")
    assert found.verdict == "pass"
    file = next((tmp_path / "out" / "messages").glob("*.parquet"))
    made = pq.read_table(file)
    at, _ = replies(made)
    sent, keys = times(made), made["reply_to"].to_pylist()
    boards = made["board"].to_numpy()
    row = int(at[0])
    later = np.flatnonzero((sent > sent[row]) & (boards == boards[row]))
    keys[row] = made["message_id"][int(later[0])].as_py()
    column = made.schema.get_field_index("reply_to")
    pq.write_table(
        made.set_column(column, made.schema.field(column), pa.array(keys, made.schema.field(column).type)), file
    )
    broken = datagen.validate(document, tmp_path / "out", hashes=False)
    (found,) = (f for f in broken.findings if f.measure == "EarlierReferences")
    assert found.verdict == "fail" and found.message.startswith("1 of")


@pytest.mark.parametrize(
    ("reference", "code", "place", "words"),
    [
        ({"order_by": "opened"}, "unknown-column", ".order_by", "tone"),
        ({"order_by": "tone"}, "type", ".order_by", "timestamp"),
        ({"table": "boards", "order_by": "sent_at"}, "no-effect", ".order_by", "existing_at"),
    ],
)
def test_invalid_orders_are_reported_at_their_place(
    reference: dict[str, Any], code: str, place: str, words: str
) -> None:
    (problem,) = datagen.check(forum(reference))
    assert (problem.code, problem.place) == (code, f"$.tables.messages.columns.reply_to{place}")
    assert words in problem.hint


def test_an_order_that_is_not_that_of_time_is_noted() -> None:
    (note,) = notes(analyze_or_raise(forum({})))
    assert list(notes(analyze_or_raise(forum({"within": "threads"})))) == []
    assert "stand earlier in 'messages'" in note.message and '"within": "threads"' in note.hint


def test_a_time_that_rows_do_not_have_is_named_as_their_order() -> None:
    (problem,) = datagen.check(forum({"within": "threads", "existing_at": "sent_at"}, SIX, DELAYED))
    assert problem.code == "no-effect" and '"order_by": "sent_at"' in problem.hint
