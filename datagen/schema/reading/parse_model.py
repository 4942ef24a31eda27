"""Parses plain values into a `Document`. Each error of shape becomes one problem at its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from pydantic import ValidationError

from datagen.errors import Problem, SchemaError
from datagen.registry import Strict
from datagen.schema.document import Document
from datagen.schema.problems.known_keys import instead_of, is_kind, known_keys, missing_hint, place_hint
from datagen.schema.problems.messages import ProblemText, describe_error, needed, unit_hint, wrong_type
from datagen.schema.reading.json_values import Keys

MOST_KEYS = 8
"""The most keys of an object that a hint lists."""
MAX_PROBLEMS = 500


@dataclass(frozen=True, slots=True)
class _Located:
    """An error at its place; `branch` is the place of a union and its failing member."""

    keys: Keys
    error: dict[str, Any]
    branch: tuple[int, str] | None = None

    @property
    def specific(self) -> tuple[bool, int]:
        """Whether the union's member was recognized, and how deep the error is in it."""
        start = self.branch[0] if self.branch else 0
        return len(self.keys) > start or needed(self.error) is None, len(self.keys)


def validate(raw: Any) -> Document:
    """The document in `raw`. Raises SchemaError with all problems of shape."""
    if not isinstance(raw, dict):
        code, message, hint = wrong_type(["an object"], raw)
        raise SchemaError([Problem(code, (), message, hint)])
    try:
        return Document.model_validate(raw)
    except ValidationError as error:
        problems = problems_of(error, Document, raw)
    raise SchemaError(problems)


def validate_as_meant(raw: Any) -> tuple[Document, Any]:
    """The document, and `raw` with whole numbers as text where text is required. Raises SchemaError with all problems
    of shape.
    """
    try:
        return validate(raw), raw
    except SchemaError:
        meant = with_texts(raw)
        if meant is raw:
            raise
    return validate(meant), meant


def with_texts(raw: Any) -> Any:
    """The document with whole numbers as text where only text is allowed: `column: 2024` is the column "2024"."""
    if not isinstance(raw, dict):
        return raw
    try:
        Document.model_validate(raw)
    except ValidationError as error:
        located = _without_branches(_located(dict(one), raw) for one in error.errors(include_url=False)[:MAX_PROBLEMS])
        numbers = [one for one in located if _is_text_meant(one)]
        return _replaced(raw, {one.keys: str(one.error["input"]) for one in numbers}, ()) if numbers else raw
    return raw


def _is_text_meant(one: _Located) -> bool:
    """Whether a whole number is at a place that requires text."""
    needs = one.error.get("needs") or [needed(one.error)]
    return set(needs) == {"text"} and type(one.error["input"]) is int


def _replaced(data: Any, texts: Mapping[Keys, str], keys: Keys) -> Any:
    """A copy of `data` with other values at some places."""
    if keys in texts:
        return texts[keys]
    if isinstance(data, dict):
        return {name: _replaced(value, texts, (*keys, name)) for name, value in data.items()}
    if isinstance(data, list):
        return [_replaced(value, texts, (*keys, index)) for index, value in enumerate(data)]
    return data


def problems_of(error: ValidationError, model: type[Strict], raw: Any) -> list[Problem]:
    """The errors of parsing `raw` as `model`, one problem each; for a union only those of the intended member."""
    errors = error.errors(include_url=False)
    located = [_located(dict(one), raw) for one in errors[:MAX_PROBLEMS]]
    meant = _without_recounted(list(_without_branches(located)))
    problems = _without_misspelt([_problem(one, model, raw) for one in meant])
    problems = _within_key(problems, model, raw)
    if len(errors) > MAX_PROBLEMS:
        problems.append(Problem("truncated", (), f"{len(errors) - MAX_PROBLEMS} more problems are not listed"))
    return problems


def _without_recounted(located: list[_Located]) -> list[_Located]:
    """Without lists that are too short only because some of their items do not read."""
    wrong = {one.keys[:depth] for one in located for depth in range(len(one.keys))}
    return [one for one in located if one.error["type"] != "too_short" or one.keys not in wrong]


def _without_misspelt(problems: list[Problem]) -> list[Problem]:
    """The problems without missing keys that are misspelled at their place, which is reported there."""
    meant = {(problem.keys[:-1], problem.hint) for problem in problems if problem.code == "unknown-key"}
    return [
        problem
        for problem in problems
        if problem.code != "missing" or (problem.keys[:-1], f"did you mean '{problem.keys[-1]}'?") not in meant
    ]


def _within_key(problems: list[Problem], model: type[Strict], raw: Any) -> list[Problem]:
    """One problem for an object that has the keys of a kind where the kind belongs within a key, which is missing."""
    typed = {one.keys[:-1] for one in problems if one.code == "unknown-key" and one.keys[-1] == "type"}
    missing = (one.keys for one in problems if one.code == "missing" and one.keys[:-1] in typed)
    within = {keys[:-1]: keys for keys in missing if is_kind(model, raw, keys)}
    return [
        replace(one, hint=f'write "{one.keys[-1]}": {{"type": ...}}, with the keys of the kind in it')
        if one.keys in within.values()
        else one
        for one in problems
        if one.code != "unknown-key" or one.keys[:-1] not in within
    ]


def _located(error: dict[str, Any], raw: Any) -> _Located:
    keys: Keys = ()
    branch: tuple[int, str] | None = None
    here = raw
    path = [piece for piece in error["loc"] if piece != "[key]"]
    last = path.pop() if error["type"] == "missing" else None
    for piece in path:
        if _within(here, piece):
            here, keys = here[piece], (*keys, piece)
        elif branch is None:  # the name of a union's member, or a key of a short spelling
            branch = len(keys), str(piece)
    context = error.get("ctx") or {}
    missing_key = (
        last if last is not None else context.get("key", str(context.get("discriminator", "")).strip("'") or None)
    )
    if missing_key is not None and isinstance(here, dict):
        keys = (*keys, missing_key)
    return _Located(keys, error, branch)


def _within(here: Any, piece: str | int) -> bool:
    if isinstance(here, dict):
        return piece in here
    return isinstance(here, list) and isinstance(piece, int) and piece < len(here)


def _without_branches(located: Iterable[_Located]) -> Iterator[_Located]:
    """The errors with each union reduced to its intended member: the one that was parsed furthest."""
    ordered = list(located)
    groups = groupby(ordered, key=lambda one: one.keys[: one.branch[0]] if one.branch else one)
    for _, group in groups:
        members = list(group)
        if members[0].branch is None:
            yield from members
        else:
            yield from _meant(members)


def _meant(errors: list[_Located]) -> list[_Located]:
    best = max(errors, key=lambda one: one.specific)
    if best.specific[0]:
        return [one for one in errors if one.branch == best.branch]
    needs = [need for one in errors if (need := needed(one.error)) is not None]
    return [_Located(best.keys, {**best.error, "needs": needs}, best.branch)]


def _problem(one: _Located, model: type[Strict], raw: Any) -> Problem:
    known = known_keys(model, raw, one.keys[:-1]) if one.error["type"] == "extra_forbidden" else []
    code, message, hint = _describe(one, known)
    if code == "unknown-key" and one.keys:
        hint = instead_of(model, raw, one.keys) or hint
        if hint.startswith("known:") and one.keys[-1] != "name":  # almost everything has a name
            hint = place_hint(model, raw, one.keys) or hint
    elif code == "missing" and one.keys and not hint:
        hint = missing_hint(model, raw, one.keys)
    elif code == "type" and one.keys and not hint:
        hint = unit_hint(one.error["input"], known_keys(model, raw, one.keys[:-1]))
        if not hint and one.error["type"] == "model_type" and (keys := known_keys(model, raw, one.keys)):
            hint = f"its keys: {', '.join(keys[:MOST_KEYS])}"
    return Problem(code, one.keys, message, hint)


def _describe(one: _Located, known: list[str]) -> ProblemText:
    if "needs" in one.error:
        return wrong_type(one.error["needs"], one.error["input"])
    return describe_error(one.error, known)
