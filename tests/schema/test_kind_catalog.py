from __future__ import annotations

from datagen.registry import FAMILIES
from datagen.schema.json_schema import kind_schema
from datagen.schema.kind_catalog import found


def test_every_key_of_a_kind_and_of_the_objects_in_it_is_described() -> None:
    """Also keys far within: the days before a holiday, the unit of a covariate."""
    for entry in found(None):
        declared, definitions = kind_schema(FAMILIES[entry.family].members[entry.name], entry.name)
        shown = [*entry.fields, *entry.parts]
        within = {field.name.rpartition(".")[2] for field in entry.parts}
        assert {field.name for field in entry.fields} == {*declared["properties"]} - {"type"}
        assert within == {key for one in definitions.values() for key in one.get("properties", {}) if key != "type"}
        assert all(field.description and field.type for field in shown), entry.name
        assert len({field.name for field in shown}) == len(shown)
