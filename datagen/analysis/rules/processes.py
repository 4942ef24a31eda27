"""Every process is used; one that no table views has no effect."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.schema.reading.placeholders import InvalidRows


def processes(model: SemanticModel) -> Iterator[Problem]:
    """Every process has a table that follows it: a view, or events that depend on it."""
    if any(isinstance(facts.rows, InvalidRows) for facts in model.tables.values()) or model.lost:
        return
    for facts in model.tables.values():
        for name, process in facts.processes.items():
            if not process.implied and next(model.following(facts.name, name), None) is None:
                message = f"no table below '{facts.name}' shows the process '{name}'"
                hint = f'give one rows such as {{"type": "stays", "process": "{name}"}}'
                yield Problem("no-effect", ("tables", facts.name, "processes", name), message, hint)
