"""Promise 1: a cell is a function of document name, seed, table, column and row, and of nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import datagen
from tests.promises.documents import busy, tables

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def whole() -> dict[str, str]:
    return datagen.fingerprint(busy())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.integers(1, 3000))
def test_any_partitioning_gives_the_same_content(whole: dict[str, str], rows: int) -> None:
    assert datagen.fingerprint(busy(), partition_rows=rows) == whole


def test_another_seed_gives_other_data(whole: dict[str, str]) -> None:
    other = datagen.fingerprint(busy(), seed=8)
    assert all(other[name] != whole[name] for name in ("places", "people", "visits", "remarks"))


def test_documents_of_other_names_share_no_values_under_one_seed(whole: dict[str, str]) -> None:
    other = datagen.fingerprint(busy(name="another"))
    assert all(other[name] != whole[name] for name in ("places", "people", "visits", "remarks"))


def test_two_documents_with_one_seed_share_no_people() -> None:
    def people(name: str, table: str) -> set[str]:
        columns = {"id": {"type": "key"}, "mail": {"type": "email"}, "token": {"type": "uuid"}}
        made = datagen.preview(
            {"datagen": 1, "name": name, "tables": {table: {"rows": 400, "columns": columns}}}, rows=400
        )
        return {*made[table]["mail"].to_pylist(), *made[table]["token"].to_pylist()}

    for table in ("customers", "people"):
        shared = people("bank", table) & people("shop", table)
        assert len(shared) < 8, "a few addresses may be the same by chance"
        assert people("bank", table) == people("bank", table)


def test_drawn_rows_and_behaviors_of_other_documents_differ_too() -> None:
    """Counts, arrivals, events, references and noise are keyed by the document's name like cells."""
    before, after = tables(busy()), tables(busy(name="another"))
    assert before["visits"].num_rows != after["visits"].num_rows
    assert before["people"]["joined_at"].to_pylist()[:5] != after["people"]["joined_at"].to_pylist()[:5]


def test_yaml_and_json_give_the_same_content(whole: dict[str, str], tmp_path: Path) -> None:
    from ruamel.yaml import YAML

    path = tmp_path / "busy.yaml"
    with path.open("w") as file:
        YAML().dump(busy(), file)
    assert datagen.fingerprint(path) == whole
    assert datagen.fingerprint(path.read_text()) == whole
    assert datagen.fingerprint(json.dumps(busy())) == whole, "a text is no folder, and longer than any path"


def test_the_order_of_tables_and_columns_does_not_matter(whole: dict[str, str]) -> None:
    document = busy()
    document["tables"] = dict(reversed(document["tables"].items()))
    assert datagen.fingerprint(document) == whole


def test_another_table_changes_no_value(whole: dict[str, str]) -> None:
    document = busy()
    document["tables"]["likes"] = {
        "parent": "remarks",
        "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 2}},
        "columns": {"like_id": {"type": "key"}},
    }
    found = datagen.fingerprint(document)
    assert {name: found[name] for name in whole} == whole


def test_another_column_changes_no_other_value() -> None:
    document = busy()
    columns = document["tables"]["visits"]["columns"]
    document["tables"]["visits"]["columns"] = {"mood": {"type": "choice", "values": ["good", "bad"]}, **columns}
    before, after = tables(busy())["visits"], tables(document)["visits"]
    assert after.select(before.column_names).equals(before)


def test_a_longer_window_leaves_earlier_events_as_they_were() -> None:
    longer = busy(window={"start": "2023-01-01", "end": "2024-11-20"})
    before, after = tables(busy())["visits"], tables(longer)["visits"]
    known = after.filter(pc.less(after["came_at"], pc.cast("2024-03-10", after["came_at"].type)))
    lasting = ["person_id", "came_at", "place_id", "fee", "notes"]
    assert known.num_rows == before.num_rows > 1000
    assert known.select(lasting).equals(before.select(lasting))


def test_a_larger_scale_keeps_the_rows_of_a_counted_table() -> None:
    before, after = tables(busy())["places"], tables(busy(), scale=3)["places"]
    assert after.num_rows == 3 * before.num_rows
    assert after.slice(0, before.num_rows).equals(before)


def test_a_larger_scale_keeps_what_entities_are_though_not_when_they_arrive() -> None:
    before, after = tables(busy())["people"], tables(busy(), scale=2)["people"]
    lasting = ["person_id", "grade", "name", "email"]
    assert after.slice(0, before.num_rows).select(lasting).equals(before.select(lasting))


def test_a_constant_rate_of_arrival_keeps_entities_and_events_when_the_window_grows() -> None:
    def document(end: str) -> dict[str, object]:
        made = busy(window={"start": "2023-01-01", "end": end})
        made["tables"]["people"]["rows"] = {"type": "arrivals", "mean_per_month": 10}
        return made

    before, after = tables(document("2023-10-10"))["people"], tables(document("2024-02-01"))["people"]
    assert after.num_rows > before.num_rows > 50
    lasting = ["person_id", "joined_at", "grade", "friend_id", "email"]
    assert after.slice(0, before.num_rows).select(lasting).equals(before.select(lasting))


@pytest.mark.golden
def test_golden_fingerprints_hold_on_every_machine() -> None:
    """Regenerate with `python -m tests.promises.golden` after an intended change of values."""
    golden = json.loads((Path(__file__).parent / "golden.json").read_text())
    assert datagen.fingerprint(busy()) == golden["busy"]
    for name in ("simple_users_events", "bank"):
        assert datagen.fingerprint(EXAMPLES / f"{name}.json") == golden[name]
