"""What a kind makes passes the constraints that the kind brings along, while it is made and in its files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import datagen
from datagen.kinds.formats.postgresql import ADDRESS
from datagen.registry import FAMILIES, load
from datagen.validation import inline
from tests.postgres_server import INSTALLED, postgres

load()
EXAMPLES = [
    pytest.param(example, id=f"{family}-{name}-{number}")
    for family, base in FAMILIES.items()
    for name, kind in base.members.items()
    for number, example in enumerate(kind.examples)
]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """A server in place of the one that the example of `postgresql` names."""
    if not INSTALLED:
        pytest.skip("PostgreSQL is not installed")
    with postgres() as url:
        yield url


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_a_kind_are_sound(example, tmp_path, monkeypatch, request):
    if example.get("output", {}).get("type") == "postgresql":
        monkeypatch.setenv(ADDRESS, request.getfixturevalue("database"))
    monkeypatch.setattr(inline, "EVERY", 1)
    made = datagen.generate(example, tmp_path / "out", validate=True).report
    read = datagen.validate(example, tmp_path / "out")
    for report in (made, read):
        assert [f"{f.table}.{f.column} {f.measure}: {f.message} {f.rows}" for f in report.failed] == []
