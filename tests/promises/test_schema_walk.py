"""Whatever is written, it is refused with a place or made as it was planned, validates, and comes out the same in other
pieces.
"""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from datagen.errors import SchemaError
from datagen.registry import FAMILIES, load
from tests.promises.outcomes import outcome
from tests.promises.random_documents import sound
from tests.promises.schema_walk import at, drawn, edged, small

FEW, MANY = 60, 3_000
AT_ONCE, MANY_AT_ONCE = 20, 98
EDGED = 25


def outcomes(first: int, last: int) -> list[str]:
    """What becomes of each document, and of what is left of it once everything refused is cut out."""
    found = []
    for seed in range(first, last):
        found.append(outcome(drawn(seed)))
        if found[-1] == "refused" and seed % 5 == 0:
            found += repaired(seed)
    return found


def repaired(seed: int) -> list[str]:
    try:
        left = sound(drawn(seed))[0]
    except (SchemaError, ValueError, KeyError, TypeError, AttributeError):
        return []  # what is wrong with it cannot be cut out
    return [outcome(left)]


@pytest.mark.parametrize("first", range(0, FEW, AT_ONCE))
def test_a_document_is_refused_at_a_place_or_made_as_planned(first: int) -> None:
    found = outcomes(first, first + AT_ONCE)
    assert "made" in found and "refused" in found


def test_a_number_at_the_edge_is_refused_or_made_as_planned() -> None:
    found = [outcome(edged(seed)) for seed in range(EDGED)]
    assert "made" in found and "refused" in found


@pytest.mark.slow
@pytest.mark.parametrize("first", range(EDGED, 1_975, 195))
def test_many_numbers_at_the_edge_are_refused_or_made_as_planned(first: int) -> None:
    found = [outcome(edged(seed)) for seed in range(first, first + 195)]
    assert found.count("made") >= 20


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FEW, MANY, MANY_AT_ONCE))
def test_many_documents_are_refused_at_a_place_or_made_as_planned(first: int) -> None:
    found = outcomes(first, first + MANY_AT_ONCE)
    assert found.count("made") >= MANY_AT_ONCE // 10


@pytest.mark.parametrize(
    "family, kind, keys, value",
    [
        ("row_sources", "grid", "tables.readings.columns.celsius.sd", 5e-324),
        ("processes", "contagion", "tables.teachers.behaviors.0.multiply.young.tool.waiting>adopted", 5e-324),
        ("processes", "lifecycle", "tables.customers.processes.subscription.covariates.0.thresholds.1", 2**63 - 1),
        ("processes", "lifecycle", "tables.customers.processes.subscription.covariates.0.thresholds.1", 1e308),
        ("modifiers", "round_to", "tables.things.columns.price.median", 10**18),
        ("behaviors", "pareto_nbd", "tables.customers.behaviors.0.beta", 5e-324),
        ("generators", "random_walk", "tables.orders.columns.price.start", 2**63 - 1),
    ],
)
def test_a_number_that_once_went_wrong_is_refused_or_made_as_planned(
    family: str, kind: str, keys: str, value: float
) -> None:
    """Found by the slow tests: deviations that round to nothing, thresholds and starts beyond 64 bits."""
    load()
    for example in FAMILIES[family].members[kind].examples:
        document, path = json.loads(json.dumps(example)), keys.replace("tool.waiting", "tool|waiting").split(".")
        small(document)
        steps = [int(key) if key.isdigit() else key.replace("|", ".") for key in path]
        with suppress(KeyError, IndexError):
            at(document, steps)
            at(document, steps[:-1])[steps[-1]] = value
            assert outcome(document) in ("made", "refused")
            return
    pytest.fail("no example has this key")
