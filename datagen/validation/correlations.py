"""Selects the declared correlations of a table that can be measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from datagen.columnar.block import Bools, Rows
from datagen.columnar.row_time import moments
from datagen.engine.program import Program
from datagen.validation.filtered import filtered_by
from datagen.validation.metrics.base import Metric
from datagen.validation.metrics.category_shares import Shares
from datagen.validation.metrics.correlation import CorrelationRecovery, Scale
from datagen.validation.metrics.distribution.metric import DistributionFit
from datagen.validation.metrics.registry import metric_of

_WHOLE = 0.9999
"""The share of a distribution that a row must be able to show to be counted."""


def correlations(program: Program, table: str) -> Iterator[Metric]:
    """A metric for each declared pair whose columns have a known distribution."""
    facts = program.model.tables[table]
    for declared in facts.correlations:
        for one, other, rho in declared.pairs():
            fits = placed(program, table, one), placed(program, table, other)
            if fits[0] is None or fits[1] is None:
                continue
            places = fits[0].places, fits[1].places
            scale: Scale = "rho" if declared.tau is None else "tau"
            planted = rho if declared.tau is None else declared.tau
            yield CorrelationRecovery(
                table, one, other, scale, planted, places, _seen(fits[0], fits[1]), lambda: program.rows_in(table)
            )  # fmt: skip


def placed(program: Program, table: str, column: str) -> DistributionFit | Shares | None:
    """The metric that gives the quantile of each cell; None if cells are hidden or changed by other declarations."""
    generator = program.model.tables[table].columns[column]
    if generator.hidden or any(modifier.reads() for modifier in generator.modifiers):
        return None
    if filtered_by(program.model, table, column):
        return None
    metrics = map(metric_of, generator.declarations(program.column_scope(table, column)))
    fits = [metric for metric in metrics if isinstance(metric, DistributionFit | Shares)]
    return fits[0] if len(fits) == 1 and known(fits[0]) else None


def known(fit: DistributionFit | Shares) -> bool:
    """Whether all effects on the distribution are visible in the files."""
    if isinstance(fit, Shares):
        return True
    hidden = fit.planted is not None and (bool(fit.planted.unobserved) or bool(fit.planted.survival_factors))
    return not hidden and not any(case.mean_only for case in fit.cases)


def _seen(*fits: DistributionFit | Shares) -> Callable[[Rows], Bools]:
    """The rows that can show the whole distributions of their cells."""
    limited = [fit for fit in fits if isinstance(fit, DistributionFit) and fit.limit is not None]

    def seen(rows: Rows) -> Bools:
        found = np.ones(len(rows), np.bool_)
        for fit in limited:
            assert fit.limit is not None
            rated = fit.planted is not None and fit.planted.rate
            factor = fit.planted.at(rows, moments(rows)) if fit.planted and rated else np.ones(len(rows))
            found &= fit.cases[0].chance(fit.limit(rows) / factor) > _WHOLE
        return found

    return seen
