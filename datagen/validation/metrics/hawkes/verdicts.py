"""The judgement of self-excitation: branching and decay that give the pairs that were found, and their errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datagen.validation.metrics.base import Finding
from datagen.validation.metrics.hawkes.estimator import Pairs, Solution, blurred, solved
from datagen.validation.metrics.hawkes.standard_errors import spread
from datagen.validation.metrics.rates.dispersion import dispersion
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

if TYPE_CHECKING:
    from datagen.validation.metrics.hawkes.metric import ExcitationRecovery, ExcitationState

_LEAST_UNITS = 20
_LEAST_CLUSTERS = 80


def excitation_findings(measure: ExcitationRecovery, state: ExcitationState | None) -> list[Finding]:
    """Branching and decay, and how much parents differ."""
    if not all(fading.monotone for _, fading in measure.planted.fadings):
        return _none(measure, "returns, or leaving after an event, blur it")
    if state is None or not (state.sums[3] > 0 and state.profile.sum() > 0):
        return _none(measure, "there are no events, or none to expect")
    pairs = Pairs(measure, state)
    n, found = measure.declared.branching, solved(pairs)
    gone = found.branching < n / 3 and found.clusters >= _LEAST_CLUSTERS
    if blurred(pairs) or (found.weighty < _LEAST_UNITS and not gone):
        return _none(measure, "too few events, or parents, come in clusters, or the window is too short for them")
    return [*_judged(*_parameters(measure), found), _dispersion(measure, state, spread(pairs, found))]


def _none(measure: ExcitationRecovery, why: str) -> list[Finding]:
    parameters = (
        *_parameters(measure),
        dispersion(measure.table, measure.declared.dispersion, measure.planted.spread()),
    )
    return [not_identifiable(parameter, why) for parameter in parameters]


def _dispersion(measure: ExcitationRecovery, state: ExcitationState, found: tuple[float, float] | None) -> Finding:
    hidden = measure.planted.spread(state.lacking)
    parameter = dispersion(measure.table, measure.declared.dispersion, hidden)
    if found is None or len(measure.bounds) > 2:
        return not_identifiable(parameter, "parents are too few")
    return compare(parameter, *found)


def _parameters(measure: ExcitationRecovery) -> tuple[Parameter, Parameter]:
    n = measure.declared.branching
    branching = Parameter(
        measure.table, None, measure.name, "branching (events that an event brings on)", n, size=n, group="time", weight=0.5
    )  # fmt: skip
    decay = Parameter(
        measure.table, None, measure.name, "decay (hours to an event brought on)", measure.declared.decay, log=True, group="time",
        weight=0.5,
    )  # fmt: skip
    return branching, decay


def _judged(branching: Parameter, decay: Parameter, found: Solution) -> Iterator[Finding]:
    yield compare(branching, found.branching, found.errors[0])
    if found.decay is None:
        yield not_identifiable(decay, "there is too little clustering to tell")
    else:
        yield compare(decay, found.decay, found.errors[1])
