"""The keys of the tables of a plan, as databases declare them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from datagen.engine.generate import program_of
from datagen.interop.table_schema import DescribedSchema, DescribedTable, described
from datagen.kinds.formats.base import KeyReference, TableKeys

if TYPE_CHECKING:
    from datagen.planning.plan import Plan


def table_keys(plan: Plan) -> Mapping[str, TableKeys]:
    """The keys of each visible table. Referenced tables come first, except within cycles."""
    schema = described(program_of(plan))
    return {table.name: _keys(schema, table) for table in schema.parents_first()}


def _keys(schema: DescribedSchema, table: DescribedTable) -> TableKeys:
    cycles = schema.cycles().get(table.name, frozenset())
    unique = tuple(c.name for c in table.columns if c.unique and table.key != (c.name,))
    references = (KeyReference(key.columns, key.table, key.keys, key.table in cycles) for key in table.references)
    return TableKeys(table.key, unique, tuple(references))
