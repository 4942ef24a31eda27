"""Finds the document in the answer of a chat: within a fenced block, between sentences, in code, or with a margin."""

from __future__ import annotations

import html
import json
import re

from datagen.authoring.repair.change import Change, at_line

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*([\w.+-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_LANGUAGES = ("", "json", "jsonc", "json5", "yaml", "yml")
_BEGIN = re.compile(r"^(?:[ \t]*\{|[\"']?datagen[\"']?[ \t]*[:=]|\$schema[ \t]*:)", re.MULTILINE)
_VERSION = re.compile(r"^[\"']?datagen[\"']?[ \t]*[:=]", re.MULTILINE)
_CODE = re.compile(r"<(?:pre|code)\b[^>]*>\s*(.*?)\s*</(?:pre|code)>", re.DOTALL | re.IGNORECASE)
_ASSIGNED = re.compile(
    r"^[ \t]*(?:export[ ]+)?(?:(?:const|let|var)[ ]+)?\w+[ ]*(?::[ ]*\w+[ ]*)?=[ ]*(?=\{)", re.MULTILINE
)
_MARGINS = (re.compile(r"^[ \t]*\d+[ ]*[:|][ ]?"), re.compile(r"^>[ ]?"), re.compile(r"^\+"))
_NEXT = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:#.*)?$", re.MULTILINE)
_ENTRY = re.compile(r"[\"']?[$\w-]+[\"']?[ \t]*:|[-#}\]]|[ \t]|$")
_INVISIBLE = {"\ufeff": "", "\u200b": "", "\u00a0": " ", "\u2028": "\n", "\r\n": "\n", "\r": "\n"}


def extract(text: str) -> tuple[str, list[Change]]:
    """The text of the document, and what was left out around it."""
    changes: list[Change] = []
    plain = text
    for character, instead in _INVISIBLE.items():
        plain = plain.replace(character, instead)
    if plain.replace("\n", "") != text.removeprefix("\ufeff").replace("\r", "").replace("\n", ""):
        changes.append(at_line(1, "characters that cannot be seen", "", "they are no part of a document"))
    for step, reason in (
        (_unpacked, "the document is the text within it"),
        (_without_margin, "the margin is no part of the document"),
        (_in_fence, "only the block is the document"),
    ):
        found = step(plain)
        if found is not None:
            changes.append(at_line(1, "the text around the fenced block" if step is _in_fence else plain, "", reason))
            plain = found
    begin = _ASSIGNED.search(plain)
    if begin is None or _VERSION.search(plain, 0, begin.start()):
        begin = _BEGIN.search(plain)
    start = 0 if begin is None else begin.end() if begin.re is _ASSIGNED else begin.start()
    if plain[:start].strip() and (begin is None or begin.re is _ASSIGNED or not _is_head(plain[:start])):
        changes.append(at_line(1, plain[:start], "", "the document begins after it"))
        plain = plain[start:]
    first = _first_of_yaml(plain)
    if len(first.rstrip()) < len(plain.rstrip()):
        changes.append(at_line(first.count("\n") + 1, plain[len(first) :], "", "the document ended before it"))
        plain = first
    return plain, changes


def _unpacked(text: str) -> str | None:
    """The text of a JSON string, of an answer of a provider's interface, or of HTML."""
    if (inside := _CODE.search(text)) is not None:
        return html.unescape(re.sub(r"</?(?:pre|code)\b[^>]*>", "", inside[1])) + "\n"
    if "&quot;" in text and '"' not in text:
        return html.unescape(text)
    if not text.lstrip().startswith(('"', "{")):
        return None
    try:
        found = json.loads(text)
        for key in ("choices", 0, "message", "content") if "choices" in found else ("content", 0, "text"):
            found = found if isinstance(found, str) else found[key]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def _without_margin(text: str) -> str | None:
    """The text without the numbers of its lines, or the marks of a quotation or a difference before them."""
    lines = text.strip("\n").split("\n")
    for margin in _MARGINS:
        if len(lines) > 2 and all(margin.match(line) for line in lines if line.strip()):
            return "\n".join(margin.sub("", line) for line in lines) + "\n"
    return None


def _first_of_yaml(text: str) -> str:
    """The first of several YAML documents, without sentences after it."""
    begin = _BEGIN.search(text)
    if begin is None or begin[0].endswith("{"):
        return text
    following = _NEXT.search(text, begin.end())
    first = text[: following.start()] if following else text
    lines = first.split("\n")
    end = next((at for at, line in enumerate(lines) if not _ENTRY.match(line)), len(lines))
    before = "\n".join(lines[:end]) + "\n"
    ended = end and not any(re.match(r"[ \t]*[\w\"'$]+[ \t]*:(?=\s)", line) for line in lines[end + 1 :])
    return before if ended and end < len(lines) and before.count('"') % 2 == 0 else first


def _in_fence(text: str) -> str | None:
    """The longest fenced block in a language of documents; else one of code that has a document, or the only one."""
    every = [(language.lower(), block) for _, language, block in _FENCE.findall(text) if block.strip()]
    blocks = [block for language, block in every if language in _LANGUAGES]
    blocks = blocks or [block for _, block in every if _ASSIGNED.search(block)]
    if not blocks and len(every) == 1 and not _BEGIN.search(text.replace(every[0][1], "")):
        blocks = [every[0][1]]
    return max(blocks, key=len) if blocks else None


def _is_head(text: str) -> bool:
    """Whether the lines before the first key that is known belong to the document: comments, markers, other keys."""
    return all(re.match(r"\s*(#|//|/\*|\*(?!\*)|---|[\w$\"']+[ \t]*:|$)", line) for line in text.splitlines())
