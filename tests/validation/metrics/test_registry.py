"""Every declaration has a metric, and a declaration of another package finds the metric registered for it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import dataclass

import pytest

import datagen.declarations
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import ConditionalDeclaration, ConstraintDeclaration, RangeDeclaration
from datagen.declarations.processes import StaysDeclaration, ViewDeclaration
from datagen.validation.metrics.constraints.ranges import Boundary
from datagen.validation.metrics.registry import judges, metric_of


def declarations() -> list[type[Declaration]]:
    found = []
    for module in pkgutil.iter_modules(datagen.declarations.__path__, "datagen.declarations."):
        members = vars(importlib.import_module(module.name)).values()
        found += [
            one
            for one in members
            if inspect.isclass(one) and issubclass(one, Declaration) and one.__module__ == module.name
        ]
    bases = (Declaration, ConstraintDeclaration, StaysDeclaration, ViewDeclaration)
    return [one for one in found if one not in bases]


@pytest.mark.parametrize("declaration", declarations(), ids=lambda one: one.__name__)
def test_every_declaration_is_judged_by_one_metric_of_its_own(declaration):
    from datagen.validation.metrics import registry

    registry.load()
    assert declaration in registry._METRICS


def test_a_metric_has_what_the_declaration_says():
    metric = metric_of(RangeDeclaration("orders", "amount", low=1.0, high=2.0, range="1 to 2", open_end=True))
    assert isinstance(metric, Boundary)
    assert (metric.table, metric.column, metric.low, metric.high, metric.open_end) == (
        "orders",
        "amount",
        1.0,
        2.0,
        True,
    )


def test_a_constraint_on_some_rows_keeps_its_own_words():
    within = RangeDeclaration("orders", "amount", low=0.0, range="0 or more")
    metric = metric_of(ConditionalDeclaration("orders", "amount", constraint=within, where="'kind' is 'a'"))
    assert metric.message == "are outside 0 or more where 'kind' is 'a'"


def test_a_declaration_without_a_metric_is_an_error_that_names_it():
    @dataclass(frozen=True, eq=False)
    class Unknown(Declaration):
        pass

    with pytest.raises(TypeError, match="no metric judges Unknown: register one with @judges"):
        metric_of(Unknown("orders"))


def test_a_declaration_of_another_package_is_judged_by_its_own_metric():
    @dataclass(frozen=True, eq=False)
    class Parity(Declaration):
        column: str
        share: float = 0.5

    @judges(Parity)
    @dataclass(frozen=True, eq=False)
    class ParityMetric(Parity):
        group: str = "recovery"

    found = metric_of(Parity("orders", "amount"))
    assert isinstance(found, ParityMetric)
    assert (found.table, found.column, found.share) == ("orders", "amount", 0.5)
