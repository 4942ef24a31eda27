"""Which metric judges which declaration."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import fields
from importlib.metadata import entry_points
from typing import Any, TypeVar, cast

from datagen.declarations.base import Declaration
from datagen.validation.metrics.base import Metric

MetricClass = TypeVar("MetricClass", bound=type)
GROUP = "datagen.metrics"
"""Entry points of other packages: modules whose import registers metrics."""
_METRICS: dict[type[Declaration], Any] = {}


def judges(declaration: type[Declaration]) -> Callable[[MetricClass], MetricClass]:
    """Registers a metric class for a type of declaration.

    The class takes the declaration's fields as arguments of the same names, or has a class method `of(declaration)`.
    """

    def register(metric: MetricClass) -> MetricClass:
        _METRICS[declaration] = metric
        return metric

    return register


def metric_of(declaration: Declaration) -> Metric:
    """The metric of a declaration: that of its own type, else of the nearest base. Raises TypeError if
    there is none.
    """
    load()
    metric = next((_METRICS[base] for base in type(declaration).__mro__ if base in _METRICS), None)
    if metric is None:
        raise TypeError(f"no metric judges {type(declaration).__name__}: register one with @judges")
    if hasattr(metric, "of"):
        return cast("Metric", metric.of(declaration))
    return cast("Metric", metric(**{one.name: getattr(declaration, one.name) for one in fields(declaration)}))


@functools.cache
def load() -> None:
    """Imports every module of metrics, and those that other packages name as entry points."""
    package = importlib.import_module("datagen.validation.metrics")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    for entry in entry_points(group=GROUP):
        entry.load()
