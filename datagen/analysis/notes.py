"""Notes on a valid document: what it says, but may not mean."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Note


def notes(model: SemanticModel) -> Iterator[Note]:
    """The notes of the kinds on their own declarations, in the order of the document's tables."""
    for facts in model.tables.values():
        for name in facts.declared:
            yield from facts.columns[name].notes(model.column(facts.name, name))
        for index, behavior in enumerate(facts.behaviors):
            yield from behavior.notes(model.behavior(facts.name, index))
