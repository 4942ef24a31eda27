"""A process ends with its entity: at a time of the entity's row, such as the end of an interval."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import datagen
from tests.kinds.processes.worlds import micros
from tests.promises.documents import tables

PATH = Path(__file__).parents[2] / "cases" / "process_on_intervals.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(PATH.read_text())
OPEN = 2**62
GOLDEN = {
    "customers": "2461c965889c991ef8465ca8ce39b2e9",
    "subscriptions": "d9d9a77480c792102e0b7d7a5ed5cc79",
    "payment_states": "65e5ab5a7139885ca62058c98288c078",
    "payment_changes": "7ed9e0e6f19273f452a4e38872f75a02",
    "invoices": "9aabbdc2e2c9bd405e56df7a35a6517e",
    "payment_history": "28977b3646fdc4756cfb14234bf43a90",
    "logins": "6cb50a0696c0205ec09e19c5bb448760",
}


def changed(**process: Any) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    document["tables"]["subscriptions"]["processes"]["payment"].update(process)
    return document


def times(column: pa.ChunkedArray) -> np.ndarray:
    """Microseconds; `OPEN` where it is missing."""
    return column.combine_chunks().cast("int64").fill_null(OPEN).to_numpy()


@pytest.fixture(scope="module")
def made() -> dict[str, pa.Table]:
    return tables(DOCUMENT)


@pytest.fixture(scope="module")
def ends(made: dict[str, pa.Table]) -> dict[int, int]:
    """When each subscription ends; `OPEN` for those that go on."""
    found = made["subscriptions"]
    return dict(zip(found["subscription_id"].to_pylist(), times(found["ends_at"]).tolist(), strict=True))


def own_ends(table: pa.Table, ends: dict[int, int]) -> np.ndarray:
    return np.array([ends[one] for one in table["subscription_id"].to_pylist()])


def test_the_last_stay_of_an_interval_ends_with_it_and_leads_nowhere(made: dict[str, pa.Table], ends: Any) -> None:
    stays = made["payment_states"]
    left, end = times(stays["left_at"]), own_ends(stays, ends)
    last = np.array([one is None for one in stays["next_state"].to_pylist()])
    assert (left[last] == end[last]).all()
    assert (left[~last] < end[~last]).all() and (times(stays["entered_at"]) < end).all()
    assert np.count_nonzero(last) == len(ends)
    assert np.count_nonzero(end[last] < OPEN) > 1000 and np.count_nonzero(end[last] == OPEN) > 300


def test_every_view_and_every_event_ends_with_the_interval(made: dict[str, pa.Table], ends: Any) -> None:
    for name, column in (("payment_changes", "changed_at"), ("invoices", "period_start"), ("logins", "logged_in_at")):
        assert len(made[name]) > 1000
        assert (times(made[name][column]) < own_ends(made[name], ends)).all(), name
    history = made["payment_history"]
    current = np.array(history["current"].to_pylist())
    assert (current == (times(history["valid_to"]) == OPEN)).all()
    assert np.count_nonzero(current) == sum(end == OPEN for end in ends.values())


def test_stays_are_those_of_a_process_without_an_end_as_far_as_they_go(made: dict[str, pa.Table], ends: Any) -> None:
    endless = tables(changed(until=None))["payment_states"]
    kept = times(endless["entered_at"]) < own_ends(endless, ends)
    columns = ["subscription_id", "state", "entered_at"]
    assert endless.filter(pa.array(kept)).select(columns).equals(made["payment_states"].select(columns))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_validation_recovers_every_hazard_share_and_rate(seed: int, tmp_path: Path) -> None:
    document = {**DOCUMENT, "seed": seed}
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    assert report.score >= 95
    found = [f for f in report.findings if f.measure in ("TransitionRecovery", "RateDuring") and f.planted]
    assert len(found) >= 6
    assert {f.verdict for f in found} == {"recovered"}


def test_validation_finds_a_stay_that_outlasts_its_interval(tmp_path: Path) -> None:
    datagen.generate(DOCUMENT, tmp_path / "out")
    file = next((tmp_path / "out" / "payment_states").glob("*.parquet"))
    stays = pq.read_table(file)
    left = stays["left_at"].to_pylist()
    row = next(n for n, (at, to) in enumerate(zip(left, stays["next_state"].to_pylist(), strict=True)) if at and not to)
    left[row] = None
    at = stays.schema.get_field_index("left_at")
    pq.write_table(stays.set_column(at, stays.schema.field(at), pa.array(left, stays.schema.field(at).type)), file)
    report = datagen.validate(DOCUMENT, tmp_path / "out", hashes=False)
    (found,) = (f for f in report.findings if f.measure == "ContiguousStays")
    assert found.verdict == "fail" and found.message.startswith("1 of")


def test_a_date_and_other_kinds_of_process_end_too() -> None:
    document = changed(until="ends_on")
    columns = document["tables"]["subscriptions"]["columns"]
    columns["ends_on"] = {"type": "expression", "expression": "CAST(ends_at AS DATE)"}
    stays, found = (tables(document)[name] for name in ("payment_states", "subscriptions"))
    midnight = dict(
        zip(found["subscription_id"].to_pylist(), times(found["ends_on"].cast("timestamp[us]")), strict=True)
    )
    assert (times(stays["entered_at"]) < own_ends(stays, midnight)).all()
    assert any(at == OPEN for at in midnight.values()) and micros(stays["left_at"]).max() > 0


@pytest.mark.golden
def test_golden_fingerprints_hold_on_every_machine() -> None:
    assert datagen.fingerprint(DOCUMENT, scale=0.1) == GOLDEN


@pytest.mark.parametrize(
    ("until", "code", "words"),
    [("end_at", "unknown-column", "ends_at"), ("customer_id", "type", "timestamp or date")],
)
def test_an_invalid_end_is_reported_at_its_place(until: str, code: str, words: str) -> None:
    (problem,) = datagen.check(changed(until=until))
    assert (problem.code, problem.place) == (code, "$.tables.subscriptions.processes.payment.until")
    assert words in problem.hint


def test_no_countdown_before_a_transition_that_is_not_known() -> None:
    document = changed()
    document["tables"]["subscriptions"]["behaviors"] = [
        {"type": "countdown", "before": "payment.current>late", "within": "1w", "multiply": {"logins": 2}}
    ]
    (problem,) = datagen.check(document)
    assert (problem.code, problem.place) == ("conflict", "$.tables.subscriptions.behaviors[0].before")
