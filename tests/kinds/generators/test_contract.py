"""What every kind of column and of change promises, for every example that it shows."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from datagen.columnar.block import Rows
from datagen.columnar.nested import nested_type
from datagen.kinds.generators.base import Generator
from datagen.kinds.modifiers.base import Modifier
from datagen.registry import load
from tests.fakes import World, listed, within_reach

load()
FOLDER = Path(__file__).parent
KINDS = [*Generator.members.values(), *Modifier.members.values()]
EXAMPLES = [
    pytest.param(example, id=f"{kind.family}-{kind.model_fields['type'].default}-{i}")
    for kind in KINDS
    for i, example in enumerate(kind.examples)
    if within_reach(example)
]
DTYPES = {"float": np.float64, "bool": np.bool_, "category": np.int32}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_explains_and_shows_itself(kind):
    assert kind.__doc__
    assert kind.examples
    assert all(
        field.description
        for name, field in kind.model_fields.items()
        if name in kind.__annotations__ and name != "type"
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_is_one_file_with_a_test(kind):
    file = Path(inspect.getfile(kind))
    assert file.stem == kind.model_fields["type"].default
    assert (FOLDER.parent / kind.family / f"test_{file.stem}.py").exists()


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_has_no_problem(example):
    assert [str(problem) for problem in World(example).problems()] == []


def cells(world: World):
    for table in world.tables.values():
        for name in table.columns:
            world.filled(table.name, name)
            yield table.name, name


@pytest.mark.parametrize("example", EXAMPLES)
def test_cells_are_of_the_type_that_was_said(example):
    world = World(example)
    for table, name in cells(world):
        scope, generator, values = (
            world.scope(table, name),
            world.tables[table].columns[name],
            world.filled(table, name),
        )
        assert values.type == generator.result(scope)
        assert len(values) == len(world.blocks[table])
        if values.type.nested:
            assert values.data.type == nested_type(values.type)
        elif values.type.name == "text":
            assert values.data.type == pa.string()
        else:
            assert values.data.dtype == DTYPES.get(values.type.name, np.int64)
        assert (values.dictionary is not None) == (values.type.name == "category")
        assert not values.missing or scope.nullable(name)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_cells_of_a_subset_are_a_subset_of_the_cells(example):
    """A cell depends on its own row, whichever rows are asked for along with it, in any order, twice
    as well as never.
    """
    world = World(example)
    for table, name in cells(world):
        whole = world.filled(table, name)
        at = np.random.default_rng(5).integers(0, len(whole), len(whole)) if len(whole) else np.empty(0, np.int64)
        for some in (at, at[:0], at[:1]):
            part = world.fill(table, name)(Rows(world.blocks[table], some))
            assert part.type == whole.type
            assert listed(part) == listed(whole.take(some))


@pytest.mark.parametrize("example", EXAMPLES)
def test_two_halves_make_the_whole(example):
    """Cells do not depend on the block that they are made in."""
    if any("reference" in str(table) for table in example["tables"].values()):
        pytest.skip("the stand-in knows other tables only as far as their block goes")
    whole, low, high = World(example), World(example, stop=25), World(example, start=25)
    for table, name in cells(whole):
        halves = listed(low.filled(table, name)) + listed(high.filled(table, name))
        assert halves == listed(whole.filled(table, name))


@pytest.mark.parametrize("example", EXAMPLES)
def test_another_seed_gives_other_cells(example):
    fixed = (
        "key",
        "sparse_key",
        "parent_key",
        "constant",
        "arrival_time",
        "event_time",
        "row_attribute",
        "count_of",
        "expression",
        "by",
        "lookup",
        "listed",
        "child_key",
        "ordinal",
        "formatted_key",
        "min_of",
        "max_of",
        "hierarchy",
        "working_day",
        "business_hours",
        "queue",
    )
    one, two = World(example), World(example, seed=2)
    for table, name in cells(one):
        if one.tables[table].columns[name].type not in fixed:
            assert listed(one.filled(table, name)) != listed(two.filled(table, name))
