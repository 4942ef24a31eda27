"""Parses the answer of a model: a document with claims, or questions. All of it is untrusted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from datagen.authoring.repair import Change, repair
from datagen.authoring.repair.extract import extract
from datagen.authoring.repair.json_text import fix_json
from datagen.errors import Problem, SchemaError
from datagen.schema.layout import json_text
from datagen.schema.reading.json_values import MAX_DEPTH, Keys
from datagen.schema.reading.read import read_text

MOST_CHARACTERS = 1_000_000
MOST_QUESTIONS = 2
MOST_CLAIMS = 50
_WORDS = 300
_FORBIDDEN = ("output", "$schema")
_FILES = ("file", "path", "url", "uri")


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a model, with its default answer."""

    question: str
    default: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of the description: the JSONPath where it is declared, the name of the expectation that checks it."""

    words: str
    place: str
    expectation: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer holds: questions, or the text of a document with its problems. `changes` were made by repair."""

    text: str = ""
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    claims: tuple[Claim, ...] = ()
    questions: tuple[Question, ...] = field(default=())


def read_answer(text: str) -> Answer:
    """The questions or the document of an answer, repaired as far as possible without the model."""
    if len(text) > MOST_CHARACTERS:
        return Answer(problems=(Problem("too-large", (), f"the answer has more than {MOST_CHARACTERS:,} characters"),))
    whole, changes = _object(text)
    if isinstance(whole, dict) and "tables" not in whole:
        questions = tuple(_questions(whole.get("questions")))
        if questions and "document" not in whole:
            return Answer(questions=questions)
        if isinstance(whole.get("document"), dict):
            return _document(json_text(whole["document"]) + "\n", tuple(_claims(whole.get("claims"))), changes)
    return _document(text)


def _document(text: str, claims: tuple[Claim, ...] = (), changes: Sequence[Change] = ()) -> Answer:
    done = repair(text)
    try:
        raw = read_text(done.text, yaml=done.yaml).raw
    except SchemaError:
        raw = {}
    problems = (*forbidden_parts(raw), *done.problems)
    return Answer(done.text, problems, (*changes, *done.changes), claims)


def forbidden_parts(document: Any) -> Iterator[Problem]:
    """What an untrusted document must not hold: where files lie. Everything else that is no schema is a problem of
    `check`.
    """
    for key in _FORBIDDEN:
        if isinstance(document, dict) and key in document:
            yield Problem("not-allowed", (key,), f"a generated document must not have '{key}'", "leave it out")
    yield from _files(document, ())


def _files(value: Any, keys: Keys) -> Iterator[Problem]:
    if len(keys) > MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _FILES and isinstance(inner, str) and "rows" in keys:
                yield Problem(
                    "not-allowed", (*keys, key), "files are not allowed here", "write the rows into the document"
                )
            yield from _files(inner, (*keys, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _files(inner, (*keys, index))


def _object(text: str) -> tuple[Any, Sequence[Change]]:
    """The JSON of an answer without what is around it, and the repairs of its syntax; None where it is none."""
    found, _ = extract(text)
    if not found.lstrip().startswith("{") and "{" in text:
        found = text[text.index("{") :]
    if not found.lstrip().startswith("{"):
        return None, ()
    fixed, changes = fix_json(found)
    return _plain(fixed), changes


def _plain(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _questions(value: Any) -> Iterator[Question]:
    for one in value[:MOST_QUESTIONS] if isinstance(value, list) else ():
        if isinstance(one, dict) and isinstance(one.get("question"), str):
            yield Question(_short(one["question"]), _short(one.get("default", "")))


def _claims(value: Any) -> Iterator[Claim]:
    for one in value[:MOST_CLAIMS] if isinstance(value, list) else ():
        if isinstance(one, dict) and isinstance(one.get("words"), str):
            yield Claim(_short(one["words"]), _short(one.get("place", "")), _short(one.get("expectation", "")))


def _short(value: Any) -> str:
    return " ".join(str(value).split())[:_WORDS] if isinstance(value, str | int | float) else ""
