"""Repairs a document in rounds of `check` and repair, until nothing changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from datagen.authoring.repair.change import Change
from datagen.authoring.repair.extract import extract
from datagen.authoring.repair.fixes import fix
from datagen.authoring.repair.json_text import fix_json
from datagen.authoring.repair.shapes import fix_shapes
from datagen.authoring.repair.tree import Tree
from datagen.authoring.repair.yaml_text import fix_yaml, loosened
from datagen.engine.dry_run import check
from datagen.errors import Problem, SchemaError
from datagen.registry import load
from datagen.schema.reading.read import MAX_BYTES, read_text

_ROUNDS = 24
_COMMENTS = re.compile(r"^\s*(?://[^\n]*|/\*.*?\*/|#[^\n]*)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Repair:
    """A repaired document: its text, what was changed in the order it was done, and the problems that are left."""

    text: str
    yaml: bool
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]

    @property
    def valid(self) -> bool:
        """Whether `check` finds nothing any more."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Reader:
    """How the text is read: as YAML or JSON, with files from a folder or without."""

    yaml: bool
    folder: Path | None

    def problems(self, text: str) -> tuple[Problem, ...]:
        try:
            schema = read_text(text, yaml=self.yaml, folder=self.folder)
        except SchemaError as error:
            return error.problems
        return check(schema)

    def editable(self, text: str) -> bool:
        """Whether nothing is lost when the document is edited: it reads, it is an object, and no key
        is written twice.
        """
        try:
            schema = read_text(text, yaml=self.yaml, folder=self.folder)
        except SchemaError:
            return False
        return not any(problem.code == "duplicate" for problem in schema.problems)


def repair(text: str, folder: Path | None = None) -> Repair:
    """Repair the text of a document, or of an answer that holds one. Valid text is returned unchanged.

    `folder` is where files beside the document lie; without it a document that names one has a problem.
    What cannot be repaired without knowing what was meant is left, as problems of the text that is given back.
    """
    load()
    found, changes = extract(text) if len(text) <= MAX_BYTES else (text, [])
    yaml = not _COMMENTS.sub("", found[:MAX_BYTES]).lstrip().startswith(("{", "["))
    reader = _Reader(yaml, folder)
    repaired, more = (found, []) if len(text) > MAX_BYTES else fix_yaml(found) if yaml else fix_json(found)
    changes += more
    problems = reader.problems(repaired)
    if problems and yaml:
        repaired, more = loosened(repaired)
        changes += more
    if not problems or not reader.editable(repaired):
        return Repair(repaired, yaml, tuple(changes), problems)
    return _edited(repaired, reader, changes)


def _edited(text: str, reader: _Reader, changes: list[Change]) -> Repair:
    try:
        tree = Tree(text, yaml=reader.yaml)
    except ValueError:  # read by our reader, but not by the one that keeps comments
        return Repair(text, reader.yaml, tuple(changes), reader.problems(text))
    changes += fix_shapes(tree)
    seen: set[tuple[str, str, str]] = set()
    for _ in range(_ROUNDS):
        made = _round(tree, reader.problems(tree.text), seen)
        changes += made
        if not made:
            break
        changes += fix_shapes(tree)
    return Repair(tree.text, reader.yaml, tuple(changes), reader.problems(tree.text))


def _round(tree: Tree, problems: tuple[Problem, ...], seen: set[tuple[str, str, str]]) -> list[Change]:
    """Repair each problem that was not tried before."""
    made = []
    for problem in problems:
        tried = (str(problem.code), problem.place, problem.message)
        if tried in seen:
            continue
        seen.add(tried)
        change = fix(problem, tree)
        if change is not None:
            made.append(change)
    return made
