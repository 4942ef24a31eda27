"""Writes plain values as JSON or YAML with short objects and lists on one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

WIDTH = 110


def json_text(value: Any, width: int = WIDTH) -> str:
    """The value as JSON text without a final newline. Objects and lists that fit into `width` are on one line."""
    return _text(value, 0, width, 0)


def _text(value: Any, depth: int, width: int, used: int) -> str:
    """`used` is the number of characters before the value on its line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + used + 1 <= width or not value or not isinstance(value, Mapping | list | tuple):
        return flat
    pad = "  " * (depth + 1)
    if isinstance(value, Mapping):
        heads = [json.dumps(str(key), ensure_ascii=False) + ": " for key in value]
        items = [
            pad + head + _text(inner, depth + 1, width, len(pad) + len(head))
            for head, inner in zip(heads, value.values(), strict=True)
        ]
        return "{\n" + ",\n".join(items) + "\n" + "  " * depth + "}"
    items = [pad + _text(inner, depth + 1, width, len(pad)) for inner in value]
    return "[\n" + ",\n".join(items) + "\n" + "  " * depth + "]"


def yaml_text(value: Any, width: int = WIDTH) -> str:
    """The value as YAML text without a final newline. Innermost objects and lists are on one line, which is folded at
    `width`.
    """
    import io

    from ruamel.yaml import YAML  # start-up: only documents in YAML need it

    yaml, written = YAML(typ="safe", pure=True), io.StringIO()
    yaml.default_flow_style, yaml.width, yaml.allow_unicode = None, width, True
    yaml.representer.sort_base_mapping_type_on_output = False
    yaml.dump(value, written)
    return written.getvalue().rstrip("\n")
