"""Repairs text that is nearly YAML: tabs, a second colon in a value, keys without a blank, marks that YAML reserves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from datagen.authoring.repair.change import Change, at_line
from datagen.errors import SchemaError
from datagen.schema.reading.yaml_reader import parse_yaml

_MOST = 200
_ENTRY = re.compile(r"^(\s*(?:- )?[^\s:#\"'{\[][^:#\"']*:)[ \t]+([^\s\"'{\[|>&*#][^\n]*?)([ \t]+#[^\n]*)?$")
_TIGHT = re.compile(r"^(\s*(?:- )?[\w$]+):([^\s:/].*)$")
_TIGHT_BRACKET = re.compile(r"^\s*(?:- )?[\w$]+:[{\[]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_INDENT = re.compile(r"^ *\t[ \t]*")
_WIDE = {0xFF1A: ":", 0xFF0C: ",", 0xFF5B: "{", 0xFF5D: "}", 0xFF3B: "[", 0xFF3D: "]"}
"""The wide marks of East Asian keyboards."""
_CALL = re.compile(r"(?<=: )([^\s\"'{}\[\],#][^\"'{}\[\],()]*\((?:[^{}\"()]|\([^{}\"()]*\))*\)[^\"'{}\[\],]*)(?=[,}])")
"""A value with commas in brackets within an object on one line, which end the value in YAML."""
_FLOW_EQUALS = re.compile(r"((?<=[{,])\s*\w+)\s*=\s*(?=[^\s,{}=>][^,{}=]*[,}])")
_FLOW_TEXTS = (
    (re.compile(r"(?<=[{,\[])(\s*)([@`%][^{}\[\],:\"'\n]*)(?=\s*[:,}\]])"), "a text with such a mark is quoted"),
    (re.compile(r"(?<=[\w\"']: )(\s*)([@`%#][^{}\[\],:\"'\n]*)(?=\s*[,}\]])"), "a text with such a mark is quoted"),
    (re.compile(r"(?<=\w:)(\s+)([^\s{}\[\],:\"'#][^{}\[\],\"'\n]*:\s[^{}\[\],\"'\n]*)(?=[,}])"),
     "a value with a colon is quoted"),
)  # fmt: skip
"""Texts within brackets that YAML reads as something else: with a mark of its own, with a second colon."""
_FLOW_MARKS = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|[{}\[\],]")


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
    whole = (
        (_INDENT, "indent with spaces"),
        (_CONTROL, "a character that has no place in a text"),
        (re.compile(f"[{''.join(map(chr, _WIDE))}]"), "the mark of YAML"),
    )
    for wrong, reason in whole:
        found = [at for at, line in enumerate(lines) if wrong.search(line)]
        for at in found:
            lines[at] = wrong.sub(lambda match: _plain_mark(match[0], width), lines[at])
        if found:
            changes.append(at_line(found[0] + 1, f"in {len(found)} lines", "", reason))
            return True
    for at in (index, index - 1):
        for fix in (_comment, _omission, _quoted, _spaced, _text_mark, _flow_text, *_other_signs(lines)):
            line, reason = fix(lines[at]) if 0 <= at < len(lines) else ("", "")
            if reason and line != lines[at]:
                changes.append(at_line(at + 1, lines[at], line, reason))
                lines[at] = line
                if fix is _spaced:
                    _all_spaced(lines, changes)
                return True
    return _indented(lines, index, changes) or _ended(lines, changes)


def _other_signs(lines: list[str]) -> list[Callable[[str], tuple[str, str]]]:
    """`key = value`, unless the text is TOML."""
    return [] if any(re.match(r"\[[\w.]+\]\s*$", line) for line in lines) else [_equals]


def _stopped_at(lines: list[str]) -> int:
    """The line where the parser stops; beyond the last where it does not."""
    try:
        parse_yaml("\n".join(lines))
    except SchemaError as error:
        return (error.problems[0].line or 1) - 1
    return len(lines) + 1


def _indented(lines: list[str], index: int, changes: list[Change]) -> bool:
    """Indent a line as one above it, where the parser then comes further."""
    reached = _stopped_at(lines)
    for at in (index, index - 1):
        if not 0 < at < len(lines) or not lines[at].strip():
            continue
        bare, indent = lines[at].lstrip(), len(lines[at]) - len(lines[at].lstrip())
        opens = bare.rstrip().endswith(":")
        for level in sorted(_levels(lines[:at]), key=lambda one: (abs(one - indent), one if opens else -one)):
            tried = [*lines[:at], " " * level + bare, *lines[at + 1 :]]
            if level != indent and _stopped_at(tried) > reached:
                changes.append(at_line(at + 1, lines[at], f"{level} blanks before it", "indented as the lines above"))
                lines[at] = tried[at]
                return True
    return False


def _levels(above: list[str]) -> list[int]:
    """The indentations that the next line can have."""
    levels: list[int] = []
    for line in above:
        bare = line.lstrip()
        if bare and not bare.startswith("#"):
            levels = [*(one for one in levels if one < len(line) - len(bare)), len(line) - len(bare)]
    return levels


def _ended(lines: list[str], changes: list[Change]) -> bool:
    """Close the objects of a line at which the text ended too early, without the entry that is not complete."""
    last = next((at for at in reversed(range(len(lines))) if lines[at].strip()), 0)
    open_at: list[tuple[str, int]] = []
    end = 0
    for mark in _FLOW_MARKS.finditer(lines[last]):
        if mark[0] in "{[":
            open_at.append(("}" if mark[0] == "{" else "]", mark.end()))
            end = mark.end()
        elif mark[0] in "}]" and open_at:
            open_at.pop()
            end = mark.end()
        elif mark[0] == ",":
            end = mark.start()
    if not open_at:
        return False
    made = lines[last][:end] + "".join(mark for mark, _ in reversed(open_at))
    changes.append(at_line(last + 1, lines[last][end:], "", "the text ended too early"))
    lines[last] = "" if re.fullmatch(r"\s*[^:{]+: \{\}", made) else made
    return True


def _equals(line: str) -> tuple[str, str]:
    return re.sub(r"^(\s*(?:- )?[\"']?[\w$]+[\"']?)\s*(?:=>|:=|=)\s*(?=\S)", r"\1: ", line), "a colon follows a key"


def _omission(line: str) -> tuple[str, str]:
    return ("", "something was left out here") if line.strip() in ("...", "\u2026") else (line, "")


def loosened(text: str) -> tuple[str, list[Change]]:
    """YAML that can be parsed, but means something else than it shows: comments with //, commas in brackets."""
    changes: list[Change] = []
    lines = text.split("\n")
    for at, line in enumerate(lines):
        made = re.sub(r"(?<=[\w}\]\"'])\s+//\s(.*)$", r" # \1", line)
        made = re.sub(r"([{,]\s*\w+)\uff1a\s*", r"\1: ", made)
        made = _equals(made)[0] if re.match(r"\s*(?:- )?\w+\s*(?:=>|:=|=)\s*[{\[]", made) else made
        made = _FLOW_EQUALS.sub(r"\1: ", _CALL.sub(_in_quotes, made)) if "{" in made else made
        if made != line:
            changes.append(at_line(at + 1, line, made, "as YAML writes it"))
            lines[at] = made
    return "\n".join(lines), changes


def _in_quotes(found: re.Match[str]) -> str:
    return json.dumps(found[1], ensure_ascii=False) if "," in found[1] else found[1]


def _plain_mark(found: str, width: int) -> str:
    if "\t" in found:
        return found.expandtabs(width)
    return found.translate(_WIDE) if found in map(chr, _WIDE) else ""


def _comment(line: str) -> tuple[str, str]:
    return re.sub(r"^(\s*|.*[\w}\]\"'] )\s*//", r"\1#", line), "a comment begins with #"


def _quoted(line: str) -> tuple[str, str]:
    entry = _ENTRY.match(line)
    if entry is None or not re.search(r":(\s|$)| #", entry[2]):
        return line, ""
    return f"{entry[1]} {json.dumps(entry[2], ensure_ascii=False)}{entry[3] or ''}", "a value with a colon is quoted"


def _spaced(line: str) -> tuple[str, str]:
    return _TIGHT.sub(r"\1: \2", line), "a blank follows the colon"


def _all_spaced(lines: list[str], changes: list[Change]) -> None:
    """Spaces before the objects and lists of all lines: `id:{type: key}` is read, but as something else."""
    for at, line in enumerate(lines):
        if _TIGHT_BRACKET.match(line):
            lines[at] = _spaced(line)[0]
            changes.append(at_line(at + 1, line, lines[at], "a blank follows the colon"))


def _text_mark(line: str) -> tuple[str, str]:
    """A value that begins with a mark of YAML's own."""
    found = re.match(r"^(\s*(?:- )?[\w$]+:[ \t]+)([@`%].*)$", line)
    return (
        (found[1] + json.dumps(found[2], ensure_ascii=False), "a text with such a mark is quoted")
        if found
        else (line, "")
    )


def _flow_text(line: str) -> tuple[str, str]:
    """Values within brackets that need quotes."""
    for wrong, reason in _FLOW_TEXTS if re.search(r"[{\[]", line) else ():
        made = wrong.sub(lambda found: found[1] + json.dumps(found[2].rstrip(), ensure_ascii=False), line)
        if made != line:
            return made, reason
    return line, ""
