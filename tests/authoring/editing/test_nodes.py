"""The tolerant readers find what strict parsers find, and where it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from datagen.authoring.editing.completion import read_tree
from datagen.authoring.editing.nodes import Node, place_of, plain
from datagen.authoring.starters import starters

EXAMPLES = Path(__file__).parents[3] / "examples"
TEXTS = [pytest.param(one.text, id=one.name) for one in starters().values()]
TEXTS += [pytest.param(path.read_text(), id=path.name) for path in sorted(EXAMPLES.glob("*.yaml"))]
JSONS = [pytest.param(path.read_text(), id=path.name) for path in sorted(EXAMPLES.glob("*.json"))]


def squeezed(value: Any) -> Any:
    """The value with all scalars as texts without line ends."""
    if isinstance(value, dict):
        return {str(key): squeezed(below) for key, below in value.items()}
    return [squeezed(one) for one in value] if isinstance(value, list) else " ".join(str(value).split())


@pytest.mark.parametrize("text", TEXTS)
def test_yaml_is_read_as_its_parser_reads_it(text: str) -> None:
    assert squeezed(plain(read_tree(text, yaml=True))) == squeezed(yaml.load(text, yaml.BaseLoader))


@pytest.mark.parametrize("text", JSONS)
def test_json_is_read_as_its_parser_reads_it(text: str) -> None:
    words = {True: "true", False: "false", None: "null"}
    made = json.loads(text, parse_int=str, parse_float=str)

    def spelled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: spelled(below) for key, below in value.items()}
        return [spelled(one) for one in value] if isinstance(value, list) else words.get(value, value)

    assert squeezed(plain(read_tree(text, yaml=False))) == squeezed(spelled(made))


@pytest.mark.parametrize("text", TEXTS)
def test_every_scalar_is_at_its_place(text: str) -> None:
    def scalars(node: Node) -> list[Node]:
        below = [*node.items, *(entry.value for entry in node.entries if entry.value)]
        return [node] if node.kind == "scalar" else [one for child in below for one in scalars(child)]

    found = scalars(read_tree(text, yaml=True))
    assert len(found) > 20
    for one in found:
        written = yaml.load(text[one.start : one.stop], yaml.BaseLoader)
        assert squeezed(written) == squeezed(one.text)


@pytest.mark.parametrize("yaml_", [True, False])
def test_a_place_is_the_value_or_the_key_of_what_is_no_scalar(yaml_: bool) -> None:
    text = "a:\n  b: {c: 17}\n  d: [1, {e: 2}]\n" if yaml_ else '{"a": {"b": {"c": 17}, "d": [1, {"e": 2}]}}'
    tree = read_tree(text, yaml=yaml_)

    def shown(*keys: str | int) -> str:
        start, stop = place_of(tree, keys)
        return text[start:stop]

    assert shown("a", "b", "c") == "17"
    assert shown("a", "b").strip('"') == "b"
    assert shown("a", "b", "missing").strip('"') == "b"
    assert shown("a", "d", 0) == "1"
    assert "e" in shown("a", "d", 1)
    assert shown("z") == ""
