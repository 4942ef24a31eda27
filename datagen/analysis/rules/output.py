"""Options of the file format that name columns: each of them is a column of some table."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.kinds.formats.base import Sink
from datagen.registry import did_you_mean


def output(model: SemanticModel) -> Iterator[Problem]:
    """What is asked of the files can be done to them."""
    if model.document.output is not None and not model.schema.unread:
        yield from output_problems(model, model.document.output)


def output_problems(model: SemanticModel, sink: Sink) -> Iterator[Problem]:
    """The problems of a format that the document names, or of one that takes its place."""
    known = frozenset(name for facts in model.tables.values() for name in facts.columns)
    for option, name in sink.unknown_columns(known):
        said = f"no table has a column '{name[:60]}'"
        yield Problem("unknown-column", ("output", option, name), said, did_you_mean(name, sorted(known)))
