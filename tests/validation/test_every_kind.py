"""What a kind makes passes the constraints that the kind brings along, while it is made and in its files."""

from __future__ import annotations

import pytest

import datagen
from datagen.registry import FAMILIES, load
from datagen.validation import inline

load()
EXAMPLES = [
    pytest.param(example, id=f"{family}-{name}-{number}")
    for family, base in FAMILIES.items()
    for name, kind in base.members.items()
    for number, example in enumerate(kind.examples)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_a_kind_are_sound(example, tmp_path, monkeypatch):
    monkeypatch.setattr(inline, "EVERY", 1)
    made = datagen.generate(example, tmp_path / "out", validate=True).report
    read = datagen.validate(example, tmp_path / "out")
    for report in (made, read):
        assert [f"{f.table}.{f.column} {f.measure}: {f.message} {f.rows}" for f in report.failed] == []
