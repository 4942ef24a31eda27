"""What is proposed at a cursor is what the JSON Schema allows there, in JSON and in YAML, finished or not."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from datagen.authoring.editing.completion import Completions, complete
from datagen.registry import FAMILIES, load
from datagen.schema.json_schema import json_schema

load()
VALIDATOR = Draft202012Validator(json_schema())
DOCUMENT = """datagen: 1
name: a
tables:
  things:
    rows: 5
    columns:
      id: {type: key}
      size: {type: normal, @}
  parts:
    parent: things
    rows: {type: per_parent, count: 2}
    columns:
      id: {type: key}
"""
EXAMPLES = [kind.examples[0] for base in FAMILIES.values() for _, kind in sorted(base.members.items()) if kind.examples]


def at(text: str, *, yaml: bool = True) -> Completions:
    """The completions at the sign @."""
    return complete(text.replace("@", "", 1), text.index("@"), yaml=yaml)


def labels(text: str, *, yaml: bool = True) -> list[str]:
    return [one.label for one in at(text, yaml=yaml).items]


def inserted(text: str, label: str, *, yaml: bool = True) -> str:
    """The text after the completion called `label` is taken."""
    found = at(text, yaml=yaml)
    item = next(one for one in found.items if one.label == label)
    plain = text.replace("@", "", 1)
    return plain[: found.start] + item.insert + plain[found.stop :]


def objects(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from objects(below, (*path, key))


def refused_keys(document: Any, path: tuple[str | int, ...]) -> set[str]:
    """The keys at a place that the validator does not know, also in the branches of choices."""
    found: set[str] = set()
    errors = list(VALIDATOR.iter_errors(document))
    while errors:
        error = errors.pop()
        errors += error.context or ()
        if error.validator == "additionalProperties" and tuple(error.absolute_path) == path:
            found |= {key for key in error.instance if f"'{key}'" in error.message}
    return found


@pytest.mark.parametrize("most", [2, pytest.param(8, marks=pytest.mark.slow)])
@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_a_key_that_was_taken_out_is_proposed_and_no_key_is_that_the_validator_refuses(
    example: dict[str, Any], most: int
) -> None:
    places = [path for path, found in objects(example) if "type" in found]
    for path in random.Random(len(places)).sample(places, min(most, len(places))):
        lacking = json.loads(json.dumps(example))
        here = lacking
        for key in path:
            here = here[key]
        gone = [key for key in here if key != "type"][:1]
        for key in gone:
            del here[key]
        here["\u00a7"] = 0
        before, _, after = json.dumps(lacking, ensure_ascii=False).partition('"\u00a7": 0')
        proposed = [one.label for one in complete(before + after, len(before), yaml=False).items]
        assert set(gone) <= set(proposed)
        del here["\u00a7"]
        assert not set(proposed) & set(here)
        here.update(dict.fromkeys(proposed))
        assert refused_keys(lacking, path) == set()


def test_required_keys_come_first_and_say_so() -> None:
    found = at(DOCUMENT).items
    assert [one.label for one in found[:2]] == ["mean", "sd"]
    assert found[0].detail.startswith("required")
    assert "type" not in labels(DOCUMENT)


def test_what_is_written_narrows_the_proposals() -> None:
    assert labels(DOCUMENT.replace("normal, @", "nor@")) == ["normal", "lognormal"]
    assert inserted(DOCUMENT.replace("normal, @", "nor@"), "lognormal") == DOCUMENT.replace("normal, @", "lognormal")


def test_kinds_are_proposed_as_objects() -> None:
    empty = DOCUMENT.replace("{type: normal, @}", "@")
    assert inserted(empty, "uuid") == empty.replace("@", "{type: uuid}")
    found = next(one for one in at(empty).items if one.label == "uuid")
    assert (found.what, bool(found.detail)) == ("kind", True)
    assert set(FAMILIES["generators"].members) <= set(labels(empty))


def test_tables_of_the_document_are_proposed_where_one_is_named() -> None:
    assert labels(DOCUMENT.replace(", @", "").replace("parent: things", "parent: @")) == ["things", "parts"]
    assert labels(DOCUMENT.replace("normal, @", "reference, table: @")) == ["things", "parts"]


@pytest.mark.parametrize("end", ["\n    @", "\n    @\n", "\n    be@"])
def test_an_empty_line_is_completed_at_its_column(end: str) -> None:
    assert "behaviors" in labels(DOCUMENT.replace(", @", "").rstrip() + end)


def test_lists_are_completed_by_items() -> None:
    text = DOCUMENT.replace(", @", "").rstrip() + "\n    behaviors:\n      @\n"
    assert "- {type: trend}" in [one.insert for one in at(text).items]
    dashed = text.replace("@", "- @")
    assert {"{type: trend}", "type: "} <= {one.insert for one in at(dashed).items}
    assert "shape" in labels(text.replace("@", "- type: trend\n        @"))


@pytest.mark.parametrize("text", ["@", "{@", '{"datagen": 1,\n "na@\n "tables": {}', '{"datagen": 1, @'])
def test_a_text_that_is_no_document_yet_is_completed(text: str) -> None:
    assert "name" in labels(text, yaml=not text.startswith("{"))


def test_a_value_that_is_missing_does_not_swallow_the_next_line() -> None:
    text = '{"datagen": 1, "tables": {"t": {"rows": @\n "columns": {}}}}'
    assert "per_parent" in labels(text, yaml=False)
    assert inserted('{"datagen": 1, "ta@": {}}', "tables", yaml=False) == '{"datagen": 1, "tables": {}}'


@pytest.mark.parametrize(
    "text", ["[" * 5000, "{a: " * 5000, "- " * 3000, 'a: "\n' * 500, "\x00{]}[,,::", "- - - -\n  - x: ["]
)
def test_in_hostile_texts_a_range_of_the_text_is_replaced(text: str) -> None:
    for yaml in (True, False):
        for offset in (len(text), len(text) // 2):
            found = complete(text, offset, yaml=yaml)
            assert 0 <= found.start <= found.stop <= len(text)
