"""Mends a document in rounds of `check` and mend, until nothing changes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from datagen.authoring.repair.change import Change
from datagen.authoring.repair.extract import extract
from datagen.authoring.repair.json_text import mend_json
from datagen.authoring.repair.mends import mend
from datagen.authoring.repair.shapes import mend_shapes
from datagen.authoring.repair.tree import Tree
from datagen.authoring.repair.yaml_text import mend_yaml
from datagen.engine.dry_run import check
from datagen.errors import Problem, SchemaError
from datagen.registry import load
from datagen.schema.reading.read import MAX_BYTES, Schema, read_text

_ROUNDS = 24
_COMMENTS = re.compile(r"^\s*(?://[^\n]*|/\*.*?\*/|#[^\n]*)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Repair:
    """A mended document: its text, what was changed in the order it was done, and the problems that are left."""

    text: str
    yaml: bool
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        """Whether `check` finds nothing any more."""
        return not self.problems


def repair(text: str) -> Repair:
    """Mend the text of a document, or of an answer that holds one. Text that is sound is given back as it is.

    What cannot be mended without knowing what was meant is left, as problems of the text that is given back.
    """
    if len(text) > MAX_BYTES:
        return Repair(text, False, (), _problems(text, yaml=False))
    load()
    found, changes = extract(text)
    yaml = not _COMMENTS.sub("", found).lstrip().startswith(("{", "["))
    mended, more = mend_yaml(found) if yaml else mend_json(found)
    changes += more
    problems = _problems(mended, yaml=yaml)
    if not problems or not _editable(mended, yaml=yaml):
        return Repair(mended, yaml, tuple(changes), problems)
    return _edited(mended, yaml, changes)


def _edited(text: str, yaml: bool, changes: list[Change]) -> Repair:
    try:
        tree = Tree(text, yaml=yaml)
    except ValueError:  # read by our reader, but not by the one that keeps comments
        return Repair(text, yaml, tuple(changes), _problems(text, yaml=yaml))
    if not isinstance(tree.root, dict):
        return Repair(text, yaml, tuple(changes), _problems(text, yaml=yaml))
    changes += mend_shapes(tree)
    seen: set[tuple[str, str, str]] = set()
    for _ in range(_ROUNDS):
        problems = _problems(tree.text, yaml=yaml)
        made = _round(tree, problems, seen)
        changes += made
        if not made:
            break
        changes += mend_shapes(tree)
    return Repair(tree.text, yaml, tuple(changes), _problems(tree.text, yaml=yaml))


def _round(tree: Tree, problems: tuple[Problem, ...], seen: set[tuple[str, str, str]]) -> list[Change]:
    """Mend each problem that was not tried before."""
    made = []
    for problem in problems:
        tried = (str(problem.code), problem.place, problem.message)
        if tried in seen:
            continue
        seen.add(tried)
        change = mend(problem, tree)
        if change is not None:
            made.append(change)
    return made


def _editable(text: str, *, yaml: bool) -> bool:
    """Whether nothing is lost when the document is edited: it reads, it is an object, and no key is written twice."""
    try:
        problems = read_text(text, yaml=yaml).problems
    except SchemaError:
        return False
    return not any(problem.code == "duplicate" for problem in problems)


def _problems(text: str, *, yaml: bool) -> tuple[Problem, ...]:
    try:
        schema: Schema = read_text(text, yaml=yaml)
    except SchemaError as error:
        return error.problems
    return check(schema)
