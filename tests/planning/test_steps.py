from __future__ import annotations

import pytest

from datagen.errors import PlanError
from datagen.planning.steps import Step, closure, ordered

A, B, C = Step("a"), Step("a", "x"), Step("b")


def test_needs_come_first_otherwise_the_document_decides() -> None:
    graph = {A: frozenset[Step](), B: frozenset({C}), C: frozenset({A})}
    assert ordered(graph) == (A, C, B)


def test_a_cycle_is_named() -> None:
    with pytest.raises(PlanError, match=r"a\.x -> b -> a\.x|b -> a\.x -> b"):
        ordered({B: frozenset({C}), C: frozenset({B})})


def test_a_closure_holds_everything_needed_directly_or_not() -> None:
    graph = {A: frozenset[Step](), B: frozenset({A}), C: frozenset({B})}
    assert closure(graph, [B]) == {A, B}
