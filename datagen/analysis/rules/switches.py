"""Every declaration that is switched off exists."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.switches import unknown
from datagen.errors import Problem


def switches(model: SemanticModel) -> Iterator[Problem]:
    """Each address in `without` names a declaration, and no two are equal."""
    if model.schema.unparsed:
        return
    seen: set[str] = set()
    for index, address in enumerate(model.document.without):
        wrong = unknown(model, address)
        if wrong is not None:
            yield Problem("unknown-declaration", ("without", index), *wrong)
        elif address in seen:
            yield Problem("duplicate", ("without", index), f"'{address}' is listed twice", "keep one")
        seen.add(address)
