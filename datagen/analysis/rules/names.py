"""Names are distinct for file systems and databases, and not reserved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.names import alike
from datagen.schema.reading.json_values import Keys

DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)
"""A folder of such a name cannot be made on Windows."""


def names(model: SemanticModel) -> Iterator[Problem]:
    """Tables become folders, columns become names in SQL: neither keeps upper and lower case apart everywhere."""
    yield from _alike("table", model.tables, ("tables",))
    for facts in model.tables.values():
        yield from _alike("column", facts.declared, ("tables", facts.name, "columns"))
        if facts.name.lower() in DEVICES:
            message = f"a folder cannot be called '{facts.name}' on Windows"
            yield Problem("invalid-name", ("tables", facts.name), message, "choose another name")
        if facts.name == "rows":
            message = "'rows' means the rows of a table where behaviors name their target"
            yield Problem("invalid-name", ("tables", "rows"), message, "choose another name")
    yield from model.latent_problems


def _alike(what: str, given: Iterable[str], keys: Keys) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in given:
        first = seen.setdefault(alike(name), name)
        if first != name:
            message = f"{what} '{name}' differs from '{first}' only by {'case' if name.lower() == first.lower() else 'the form of its letters'}"
            yield Problem("invalid-name", (*keys, name), message, "choose another name")
