"""The judgement of self-excitation: branching and decay that give the pairs that were found, and their errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datagen.measures.base import Finding
from datagen.measures.excitation_fit import Pairs, Solution, solved
from datagen.measures.recovery import Parameter, judged, unidentified

if TYPE_CHECKING:
    from datagen.measures.excitation import Excitation, ExcitationState

_LEAST_UNITS = 20
_LEAST_CLUSTERS = 80


def excitation_findings(measure: Excitation, state: ExcitationState | None) -> list[Finding]:
    """Branching and decay."""
    branching, decay = _parameters(measure)
    if not all(fading.monotone for _, fading in measure.planted.fadings):
        return _neither(branching, decay, "returns, or leaving after an event, blur it")
    if state is None or not (state.sums[3] > 0 and state.profile.sum() > 0):
        return _neither(branching, decay, "there are no events, or none to expect")
    n, found = measure.declared.branching, solved(Pairs(measure, state))
    gone = found.branching < n / 3 and found.clusters >= _LEAST_CLUSTERS
    if found.weighty < _LEAST_UNITS and not gone:
        return _neither(branching, decay, "too few events, or parents, come in clusters")
    return list(_judged(branching, decay, found))


def _neither(branching: Parameter, decay: Parameter, why: str) -> list[Finding]:
    return [unidentified(branching, why), unidentified(decay, why)]


def _parameters(measure: Excitation) -> tuple[Parameter, Parameter]:
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
    yield judged(branching, found.branching, found.errors[0])
    if found.decay is None:
        yield unidentified(decay, "there is too little clustering to tell")
    else:
        yield judged(decay, found.decay, found.errors[1])
