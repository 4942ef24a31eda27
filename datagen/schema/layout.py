"""Writes plain values as JSON or YAML with short objects and lists on one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

WIDTH = 110
_FLOW = re.compile(r"( *)((?:- )*(?:(?:[^\s#\"'{\[][^#\"'{\[]*|\"[^\"]*\"): )?[{\[])(.*)([}\]])((?:\s+#.*)?)\Z")
_PART = re.compile(r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\[[^\[\]]*\]|[^,\"'\[\]])+(?:, |\Z)")


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
    if not any(isinstance(inner, Mapping | list | tuple) for inner in value):
        return "[\n" + _filled([json.dumps(one, ensure_ascii=False) for one in value], pad, width) + f"\n{pad[2:]}]"
    items = [pad + _text(inner, depth + 1, width, len(pad)) for inner in value]
    return "[\n" + ",\n".join(items) + "\n" + "  " * depth + "]"


def _filled(items: list[str], pad: str, width: int) -> str:
    """Scalars of a list, as many on each line as fit."""
    lines = [pad]
    for at, item in enumerate(items):
        part = item + ("," if at < len(items) - 1 else "")
        if lines[-1].strip() and len(lines[-1]) + 1 + len(part) > width:
            lines.append(pad)
        lines[-1] += part if not lines[-1].strip() else f" {part}"
    return "\n".join(lines)


def filled_line(line: str) -> Iterator[str]:
    """A line of YAML; a list or an object of scalars that is too long, over several lines."""
    found = _FLOW.match(line)
    parts = _PART.findall(found[3]) if found else []
    if found is None or len(line) - len(found[5]) <= WIDTH or "".join(parts) != found[3]:
        yield line
        return
    made = found[1] + found[2]
    for part in parts:
        if len(made) + len(part.rstrip()) > WIDTH:
            yield made.rstrip()
            made = " " * (len(found[1]) + 2 + 2 * found[2].count("- "))
        made += part
    yield made + found[4] + found[5]


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
