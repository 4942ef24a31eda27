"""Problems that the kinds report about their own declarations."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem


def kind_problems(model: SemanticModel) -> Iterator[Problem]:
    """The problems that each kind reports about its own declaration."""
    for facts in model.tables.values():
        yield from facts.rows.problems(model.rows(facts.name))
        for name, process in facts.processes.items():
            yield from process.problems(model.process(facts.name, name))
        for index, behavior in enumerate(facts.behaviors):
            yield from behavior.problems(model.behavior(facts.name, index))
    for scope, generator in model.columns():
        yield from generator.problems(scope)
