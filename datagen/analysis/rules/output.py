"""Options of the file format that name columns: each column exists in some table."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.kinds.formats.base import Sink
from datagen.registry import did_you_mean


def output(model: SemanticModel) -> Iterator[Problem]:
    """The options of the output format fit the tables."""
    if model.document.output is not None and not model.schema.unread:
        yield from output_problems(model, model.document.output)


def output_problems(model: SemanticModel, sink: Sink) -> Iterator[Problem]:
    """The problems of the declared format, or of one that overrides it."""
    known = frozenset(name for facts in model.tables.values() for name in facts.columns)
    for option, name in sink.unknown_columns(known):
        message = f"no table has a column '{name[:60]}'"
        yield Problem("unknown-column", ("output", option, name), message, did_you_mean(name, sorted(known)))
