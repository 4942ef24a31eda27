"""Rows of every source are in the order of time below one parent: references to earlier rows rely on it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from datagen.kinds.row_sources.base import RowSource
from datagen.registry import load
from tests.promises.documents import tables

load()
# entities of the example of 'runs' have one run each
EXAMPLES = [
    pytest.param(kind, example, id=f"{name}-{number}")
    for name, kind in RowSource.members.items()
    if name != "runs" and kind.model_fields["type"].default == name and kind.time is not None and not kind.root
    for number, example in enumerate(kind.examples)
]


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_rows_below_one_parent_are_in_the_order_of_time(kind: type[RowSource], example: dict[str, Any]) -> None:
    document = copy.deepcopy(example)
    name, table = next(
        (name, table) for name, table in document["tables"].items()
        if table.get("parent") and table["rows"].get("type") == kind.model_fields["type"].default
    )  # fmt: skip
    time: dict[str, Any] = {"type": "row_attribute", "attribute": kind.time}
    table["columns"]["at"] = {"type": "event_time"} if kind.time == "event_time" else time
    table["columns"]["before"] = {"type": "expression", "expression": "LAG(at) OVER ()"}
    made = tables(document)[name]
    pairs = [(a, b) for a, b in zip(made["before"].to_pylist(), made["at"].to_pylist(), strict=True) if a is not None]
    assert len(pairs) > 10
    assert all(before <= at for before, at in pairs)
