"""A kind of the language is never taken for a kind of another tool."""

from __future__ import annotations

import json

import pytest

from datagen.authoring.repair import repair
from datagen.authoring.repair.foreign_kinds import foreign_column, named_kind
from datagen.registry import FAMILIES, load

load()
KINDS = [(family, name) for family, base in FAMILIES.items() for name in sorted(base.members)]


@pytest.mark.parametrize(("family", "name"), KINDS)
def test_the_name_of_a_kind_means_that_kind(family: str, name: str) -> None:
    assert named_kind(family, name) == name
    if family == "generators":
        assert foreign_column(name, {"start": "2024-01-01", "end": "2025-01-01"}) is None


@pytest.mark.parametrize("name", [name for family, name in KINDS if family == "generators"])
def test_a_column_that_is_only_the_name_of_a_kind_becomes_that_kind(name: str) -> None:
    document = {"datagen": 1, "name": "d", "seed": 1, "tables": {"t": {"rows": 1, "columns": {"a": name}}}}
    repaired = repair(json.dumps(document))
    assert json.loads(repaired.changes[0].after)["type"] == name


@pytest.mark.parametrize(("family", "name"), KINDS)
def test_an_example_of_a_kind_is_not_changed(family: str, name: str) -> None:
    for example in FAMILIES[family].members[name].examples[:1]:
        assert repair(json.dumps(example)).changes == ()
