"""A row reference is the key of the row of the same parent that an attribute numbers."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

import datagen
from datagen.kinds.generators.row_reference import RowReference
from tests.recovery.worlds import frames


def world(**columns: Any) -> dict[str, Any]:
    document = copy.deepcopy(RowReference.examples[0])
    document["tables"]["alarms"]["columns"] |= {
        "machine_id": {"type": "parent_key"},
        "number": {"type": "row_attribute", "attribute": "cause_number"},
        **columns,
    }
    return document


def test_it_leads_to_the_row_of_that_number_below_the_same_parent() -> None:
    alarms = frames(world(), 1)["alarms"]
    numbered = alarms.assign(own=alarms.groupby("machine_id").cumcount() + 1).set_index("alarm_id")
    caused = alarms[alarms["number"].notna()]
    cause = numbered.loc[caused["follows"].astype(int)]
    assert len(caused) > 50
    assert (cause["own"].to_numpy() == caused["number"].to_numpy()).all()
    assert (cause["machine_id"].to_numpy() == caused["machine_id"].to_numpy()).all()
    assert alarms["follows"].isna().equals(alarms["number"].isna())


def test_an_attribute_that_numbers_nothing_is_a_problem() -> None:
    (problem,) = datagen.check(world(other={"type": "row_reference", "attribute": "event_time"}))
    assert "numbers rows" in problem.message


def test_columns_that_copy_each_other_are_a_problem() -> None:
    one, other = ({"type": "row_reference", "attribute": "cause_number", "column": name} for name in ("a", "b"))
    for columns in ({"a": one}, {"a": other, "b": one}):
        problems = datagen.check(world(**columns))
        assert problems and all("itself" in one.message for one in problems), problems


def test_it_copies_a_column_of_the_row() -> None:
    page = Path("docs/experiments.md").read_text()
    text = page[page.index("file=spillover.yaml") :].partition("\n")[2].partition("```")[0]
    members = frames(yaml.safe_load(text), 1)["members"]
    both = members.merge(members, left_on="referrer_id", right_on="member_id", suffixes=("", "_there"))
    assert (both["referrer_arm"].astype(str) == both["variant_there"].astype(str)).all()
    assert (both["referrer_saw_at"] == both["saw_at_there"]).all()
