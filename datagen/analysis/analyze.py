"""The list of rules, and `check`, which applies all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from datagen.analysis.cascading_errors import CascadeFilter
from datagen.analysis.dependencies import settle
from datagen.analysis.rules.behavior_targets import behavior_targets
from datagen.analysis.rules.column_references import column_references
from datagen.analysis.rules.column_types import long_texts, modifiers, precision, zones
from datagen.analysis.rules.correlations import correlations
from datagen.analysis.rules.cycles import cycles
from datagen.analysis.rules.expectations import expectations
from datagen.analysis.rules.faults import faults
from datagen.analysis.rules.kind_problems import kind_problems
from datagen.analysis.rules.names import names
from datagen.analysis.rules.no_effect import choice_effects, no_effect, processes
from datagen.analysis.rules.output import output
from datagen.analysis.rules.parents import parents, row_sources
from datagen.analysis.rules.primary_keys import primary_keys
from datagen.analysis.rules.row_filters import row_filters
from datagen.analysis.rules.switches import switches
from datagen.analysis.rules.time_window import time_window
from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem, SchemaError
from datagen.schema.problems.ordering import in_order
from datagen.schema.reading.read import Schema, read_tolerant

MOST = 1000

Rule = Callable[[SemanticModel], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    names, parents, row_sources, row_filters, primary_keys, time_window, kind_problems, modifiers, precision,
    long_texts, zones, column_references, cycles, correlations, behavior_targets, choice_effects, no_effect, processes,
    expectations, output, faults, switches,
)  # fmt: skip


def check(schema: Schema) -> tuple[Problem, ...]:
    """Every problem of shape and of meaning, in document order. Empty for a document that can be planned.

    Valid parts are still checked if others are invalid; follow-on problems are not reported. Never raises for an
    invalid document.
    """
    return _problems(SemanticModel(schema))


def analyze_or_raise(source: str | Path | Mapping[str, Any] | Schema) -> SemanticModel:
    """The semantic model of a valid document. Raises SchemaError with all problems otherwise."""
    model = SemanticModel(read_tolerant(source))
    problems = _problems(model)
    if problems:
        raise SchemaError(problems)
    return model


def _problems(model: SemanticModel) -> tuple[Problem, ...]:
    shape, raw, lines = model.schema.problems, model.schema.raw, model.schema.lines
    if ("tables",) in model.schema.unparsed:
        return shape
    settle(model)
    candidates = (problem for rule in RULES for problem in rule(model))
    found = list(islice(CascadeFilter(model).certain(candidates), MOST))
    causes = [*shape, *(problem for problem in found if problem.code != "depends-on-invalid")]
    if len(found) == MOST:
        causes.append(Problem("truncated", (), "there may be more problems than these", "repair these first"))
    return in_order(causes or found, raw, lines)
