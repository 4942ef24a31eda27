"""Names are distinct for file systems and databases, and not reserved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.names import comparison_key
from datagen.schema.reading.json_values import Keys

DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)
"""Reserved device names: Windows has no folders of these names."""


def names(model: SemanticModel) -> Iterator[Problem]:
    """Table names become folders and column names SQL names, which may ignore case."""
    yield from _alike("table", model.tables, ("tables",))
    for facts in model.tables.values():
        yield from _alike("column", facts.declared, ("tables", facts.name, "columns"))
        if facts.name.lower() in DEVICES:
            message = f"a folder cannot be called '{facts.name}' on Windows"
            yield Problem("invalid-name", ("tables", facts.name), message, "choose another name")
        if facts.name == "rows":
            message = "'rows' is reserved: it is the rate of a table as the target of a behavior"
            yield Problem("invalid-name", ("tables", "rows"), message, "choose another name")
    yield from model.latent_problems


def _alike(what: str, given: Iterable[str], keys: Keys) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in given:
        first = seen.setdefault(comparison_key(name), name)
        if first != name:
            message = (
                f"{what} '{name}' differs from '{first}' only by "
                f"{'case' if name.lower() == first.lower() else 'the form of its letters'}"
            )
            yield Problem("invalid-name", (*keys, name), message, "choose another name")
