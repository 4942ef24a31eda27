"""Slices of a dataset written by datagen: one slice per partition."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from datagen.analysis.semantic_model import SemanticModel
from datagen.runtime.storage.layout import PART
from datagen.validation.inputs.discovery import DataFolder
from datagen.validation.inputs.files import DataFile
from datagen.validation.slicing.file_slice import Piece


def aligned(model: SemanticModel, source: DataFolder) -> Iterator[Piece]:
    """One piece for each partition, with its number."""
    for root, tables in families(model).items():
        numbers = sorted({_number(file) for name in tables for file in source.tables.get(name, ())})
        for number in numbers:
            files = {name: _of(source.tables.get(name, ()), number) for name in tables}
            truth = {name: _of(source.truth.get(name, ()), number) for name in tables}
            yield Piece(number, root, {n: f for n, f in files.items() if n in source.tables}, truth)


def families(model: SemanticModel) -> dict[str, tuple[str, ...]]:
    """Root tables, each with all tables below it, parents first."""
    found: dict[str, list[str]] = {name: [name] for name, facts in model.tables.items() if facts.parent is None}
    below = sorted((f for f in model.tables.values() if f.parent is not None), key=lambda facts: facts.depth)
    for facts in below:
        found[facts.root].append(facts.name)
    return {root: tuple(tables) for root, tables in found.items()}


def _of(files: tuple[DataFile, ...], number: int) -> tuple[DataFile, ...]:
    return tuple(file for file in files if _number(file) == number)


def _number(file: DataFile) -> int:
    match = PART.match(Path(file.path).name)
    return int(match[1]) if match else 0
