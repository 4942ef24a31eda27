"""Repairs text that is nearly YAML: tabs, a second colon in a value, keys without a blank, marks that YAML reserves."""

from __future__ import annotations

import json
import re

from datagen.authoring.repair.change import Change, at_line
from datagen.errors import SchemaError
from datagen.schema.reading.yaml_reader import parse_yaml

_MOST = 200
_ENTRY = re.compile(r"^(\s*(?:- )?[^\s:#\"'{\[][^:#\"']*:)[ \t]+([^\s\"'{\[|>&*#][^\n]*?)([ \t]+#[^\n]*)?$")
_TIGHT = re.compile(r"^(\s*(?:- )?[\w$]+):([^\s:/].*)$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_INDENT = re.compile(r"^ *\t[ \t]*")


def fix_yaml(text: str) -> tuple[str, list[Change]]:
    """The text as YAML as far as that can be done, and what was changed; YAML stays as it is, byte for byte."""
    changes: list[Change] = []
    lines = text.split("\n")
    for _ in range(_MOST):
        try:
            parse_yaml("\n".join(lines))
        except SchemaError as error:
            problem = error.problems[0]
            if problem.code != "syntax" or not _mended(lines, (problem.line or 1) - 1, changes):
                break
        else:
            break
    return "\n".join(lines), changes


def _mended(lines: list[str], index: int, changes: list[Change]) -> bool:
    """Repair tabs everywhere, or else the line where the parser stopped or the one before it. Whether
    something changed.
    """
    width = 4 if any(line.startswith("  ") for line in lines) else 2
    whole = ((_INDENT, "indent with spaces"), (_CONTROL, "a character that has no place in a text"))
    for wrong, reason in whole:
        found = [at for at, line in enumerate(lines) if wrong.search(line)]
        for at in found:
            lines[at] = wrong.sub(lambda match: match[0].expandtabs(width) if "\t" in match[0] else "", lines[at])
        if found:
            changes.append(at_line(found[0] + 1, f"in {len(found)} lines", "", reason))
            return True
    for at in (index, index - 1):
        for fix in (_comment, _quoted, _spaced, _text_mark):
            line, reason = fix(lines[at]) if 0 <= at < len(lines) else ("", "")
            if reason and line != lines[at]:
                changes.append(at_line(at + 1, lines[at], line, reason))
                lines[at] = line
                return True
    return False


def _comment(line: str) -> tuple[str, str]:
    return re.sub(r"^(\s*)//", r"\1#", line), "a comment begins with #"


def _quoted(line: str) -> tuple[str, str]:
    entry = _ENTRY.match(line)
    if entry is None or not re.search(r":(\s|$)| #", entry[2]):
        return line, ""
    return f"{entry[1]} {json.dumps(entry[2], ensure_ascii=False)}{entry[3] or ''}", "a value with a colon is quoted"


def _spaced(line: str) -> tuple[str, str]:
    return _TIGHT.sub(r"\1: \2", line), "a blank follows the colon"


def _text_mark(line: str) -> tuple[str, str]:
    """A value that begins with a mark of YAML's own."""
    found = re.match(r"^(\s*(?:- )?[\w$]+:[ \t]+)([@`%].*)$", line)
    return (
        (found[1] + json.dumps(found[2], ensure_ascii=False), "a text with such a mark is quoted")
        if found
        else (line, "")
    )
