"""Finds the document in the answer of a chat: within a fenced block, or between sentences."""

from __future__ import annotations

import re

from datagen.authoring.repair.change import Change, at_line

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*([\w.+-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_LANGUAGES = ("", "json", "jsonc", "json5", "yaml", "yml")
_BEGIN = re.compile(r"^(?:[ \t]*\{|[\"']?datagen[\"']?[ \t]*:|\$schema[ \t]*:)", re.MULTILINE)
_INVISIBLE = {"\ufeff": "", "\u200b": "", "\u00a0": " ", "\u2028": "\n", "\r\n": "\n", "\r": "\n"}


def extract(text: str) -> tuple[str, list[Change]]:
    """The text of the document, and what was left out around it."""
    changes: list[Change] = []
    plain = text
    for character, instead in _INVISIBLE.items():
        plain = plain.replace(character, instead)
    if plain.replace("\n", "") != text.removeprefix("\ufeff").replace("\r", "").replace("\n", ""):
        changes.append(at_line(1, "characters that cannot be seen", "", "they are no part of a document"))
    found = _in_fence(plain)
    if found is not None:
        changes.append(at_line(1, "the text around the fenced block", "", "only the block is the document"))
        return found, changes
    begin = _BEGIN.search(plain)
    if begin and plain[: begin.start()].strip() and not _is_head(plain[: begin.start()]):
        changes.append(at_line(1, plain[: begin.start()], "", "the document begins after it"))
        return plain[begin.start() :], changes
    return plain, changes


def _in_fence(text: str) -> str | None:
    """The longest fenced block in a language of documents."""
    blocks = [block for _, language, block in _FENCE.findall(text) if language.lower() in _LANGUAGES and block.strip()]
    return max(blocks, key=len) if blocks else None


def _is_head(text: str) -> bool:
    """Whether the lines before the first key that is known belong to the document: comments, markers, other keys."""
    return all(re.match(r"\s*(#|//|/\*|\*|---|[\w$\"']+[ \t]*:|$)", line) for line in text.splitlines())
