"""Estimates branching, decay and dispersion with standard errors: estimating equations and Newton's method."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from datagen.columnar.block import Floats
from datagen.declarations.rates import Excitation
from datagen.point_process.ground_truth import GroundTruth
from datagen.validation.metrics.hawkes.moments import Days, excess_pairs
from datagen.validation.metrics.hawkes.pair_sums import middles
from datagen.validation.metrics.rates.daily_noise import common_noise

_LEAST, _LARGEST = -0.9, 0.985
_FARTHEST = float(np.log(100.0))
_STEPS = 60
_CLOSE = 1e-9
_TINY = 1e-5
_BLURRED = 0.45
_FLOOR = 0.1
_FEW = 15.0
_LEAST_PARENTS = 200


@dataclass(frozen=True, slots=True, eq=False)
class ExcitationState:
    """Over units, which are parents, or intervals of them if they are few: sums of (pairs at each scale, events, chance
    pairs of the planted rates at each scale, events expected), shape (8,), and of their products, without and with
    neighbours in time.

    `profile` is the expected number of events by operational time since exposure began; `hours` that time and real
    time, in total. `days`: events by day of the window. `missing_truth`: hidden columns that are not in the data.
    """

    sums: Floats
    products: Floats
    profile: Floats
    hours: Floats
    days: Floats
    missing_truth: frozenset[str]

    def __add__(self, other: ExcitationState) -> ExcitationState:
        names = (f.name for f in fields(self) if f.name != "missing_truth")
        added = {name: getattr(self, name) + getattr(other, name) for name in names}
        return ExcitationState(**added, missing_truth=self.missing_truth | other.missing_truth)


@dataclass(frozen=True, slots=True)
class Solution:
    """`errors` are those of the branching and of the logarithm of the decay, which is None if the pairs do not
    determine it. `at`: the estimate (branching, log decay), (2,); `moves`: its influence function by each unit's sums,
    (2, 8).

    `effective_size`: the effective number of parents, or intervals; `clusters`: the expected number of clusters.
    """

    branching: float
    decay: float | None
    errors: tuple[float, float]
    at: Floats
    moves: Floats
    effective_size: float
    clusters: float


class Pairs:
    """The excess of pairs at the short and the middle scale over chance as estimated at the long scale, per expected
    event.
    """

    def __init__(self, declared: Excitation, planted: GroundTruth, scales: Floats, state: ExcitationState) -> None:
        self.state, self.profile = state, state.profile
        self.scales, self.since = scales, middles(declared.reach)
        self.noisy = planted
        self.days = Days.of(planted, float(state.hours[0] / max(state.hours[1], 1e-9)))
        self.level = float(state.sums[3] / self.profile.sum())
        self.chance = chance = state.sums[4:7] * self.days.chance(self.scales)
        self.ratio = chance[:2] / chance[2]
        self.found = self._beyond(state.sums[:3]) / self.level
        self.low, self.high = (np.array([n, np.log(declared.decay) + far]) for n, far in _BOUNDS)
        self.planted = np.array([declared.branching, np.log(declared.decay)])

    def _beyond(self, sums: Floats) -> Floats:
        beyond: Floats = sums[:2] - self.ratio * sums[2]
        return beyond

    def excited_pairs(self, at: Floats) -> Floats:
        """The pairs from excitation at each scale, for `at` = (branching, log decay), (3,)."""
        n, decay = float(at[0]), float(np.exp(at[1]))
        sums = np.array([self.profile @ excess_pairs(n, decay, s, self.since) for s in self.scales.tolist()])
        found: Floats = sums * self.days.clustered(self.scales, (1.0 - n) / decay)
        return found

    def expected(self, at: Floats) -> Floats:
        """The expectation of `found`, (2,)."""
        return self._beyond(self.excited_pairs(at))

    def slope(self, at: Floats) -> Floats:
        """Its derivative by both parameters, (2, 2)."""
        steps = _TINY * np.eye(2)
        return np.stack([(self.expected(at + h) - self.expected(at - h)) / (2 * _TINY) for h in steps], axis=1)

    def influence(self, at: Floats) -> Floats:
        """The derivative of `found - expected` by each unit's sums, (2, 8)."""
        state, added = self.state, self.level * self.excited_pairs(at)[2]
        squares = (state.sums[2] - added) / state.sums[6]  # chance pairs found, per chance pair of equal rates
        by_pairs = np.column_stack([np.eye(2), -self.ratio])
        by_events = -self.expected(at)[:, np.newaxis] / self.profile.sum()
        found: Floats = np.column_stack([by_pairs, by_events, -squares * by_pairs, np.zeros(2)]) / self.level
        return found

    def covariance(self, weights: Floats) -> Floats:
        """The covariance of sums over units with these weights, (k, 8), including neighbours in time unless almost
        nothing remains.
        """
        alone, together = (weights @ products @ weights.T for products in self.state.products)
        low = _FLOOR * np.diag(alone)
        found: Floats = together if bool((np.diag(together) > low).all()) else _FLOOR * alone
        return found

    @property
    def clock_error(self) -> float:
        """The standard error of the mean day's multiplier, which scales all delays."""
        if not self.noisy.daily:
            return 0.0
        shares = self.state.days / self.state.days.sum()
        variance = float(common_noise(shares[np.newaxis], self.noisy)[0, 0])
        return math.sqrt(max(variance, 0.0))

    @property
    def effective_size(self) -> float:
        """Kish's effective sample size of the units by their pairs."""
        return float(self.state.sums[0] ** 2 / max(float(self.state.products[0, 0, 0]), 1e-300))

    @property
    def clusters(self) -> float:
        """The expected number of clusters."""
        return self.level * float(self.excited_pairs(self.planted)[0]) * (1.0 - float(self.planted[0])) ** 2


_BOUNDS = ((_LEAST, -_FARTHEST), (_LARGEST, _FARTHEST))


def solved(pairs: Pairs) -> Solution:
    """Both parameters; or the branching alone, at the planted decay, if the decay cannot be estimated."""
    both, size = _newton(pairs), (pairs.effective_size, pairs.clusters)
    if both is not None:
        moves = np.linalg.inv(pairs.slope(both)) @ pairs.influence(both)
        errors = _errors(pairs, moves)
        errors[1] = float(np.hypot(errors[1], pairs.clock_error))
        if errors[1] < _BLURRED:
            return Solution(float(both[0]), float(np.exp(both[1])), (errors[0], errors[1]), both, moves, *size)
    at = _bisected(pairs)
    moves = _moves_alone(pairs, at)
    (error,) = _errors(pairs, moves)
    return Solution(float(at[0]), None, (error, np.inf), at, np.concatenate([moves, np.zeros_like(moves)]), *size)


def blurred(pairs: Pairs) -> bool:
    """Whether this window and sample could not show the planted branching, even at the planted decay."""
    (error,) = _errors(pairs, _moves_alone(pairs, pairs.planted))
    return not error <= _BLURRED * float(pairs.planted[0])


def _moves_alone(pairs: Pairs, at: Floats) -> Floats:
    """The influence of each unit's sums on the branching for a known decay, by the middle scale, (1, 8)."""
    slope = float(pairs.slope(at)[1, 0])
    found: Floats = pairs.influence(at)[1:] / (slope if abs(slope) > 1e-300 else 1e-300)
    return found


def _errors(pairs: Pairs, weights: Floats) -> list[float]:
    """Standard errors of sums over units with these weights, (k, 8), of which the first is the branching.

    A few units, or a sample without the large clusters, underestimate their own variance. Errors are raised by a factor
    from simulations of few units, and at least to those with known causes of events.
    """
    n, events = float(pairs.planted[0]), max(float(pairs.state.days.sum()), 1.0)
    least = np.array([(n / events) ** 0.5, (1.0 / (n * events)) ** 0.5])[: len(weights)]
    variances = np.maximum(np.diag(pairs.covariance(weights)), 0.0)
    errors = np.sqrt(variances * (1.0 + _FEW / max(pairs.effective_size, 1.0)))
    raised: list[float] = (errors * max(1.0, *(least / np.maximum(errors, 1e-300)))).tolist()
    return raised


def _newton(pairs: Pairs) -> Floats | None:
    """The solution of found = expected; None if there is none within the bounds."""
    at = pairs.planted
    for _ in range(_STEPS):
        slope = pairs.slope(at)
        if abs(np.linalg.det(slope)) <= 1e-12 * float(np.abs(slope).prod() ** 0.5 + 1e-300):
            return None
        step = np.linalg.solve(slope, pairs.found - pairs.expected(at))
        step = step / max(1.0, abs(step[0]) / 0.2, abs(step[1]) / 0.5)
        at = at + step
        if bool((at < pairs.low).any() or (at > pairs.high).any()):
            return None
        if float(np.abs(step).max()) < _CLOSE:
            return np.array(at)
    return None


def _bisected(pairs: Pairs) -> Floats:
    """The branching that gives the pairs at the middle scale, for the planted decay."""
    low, high = _LEAST, _LARGEST
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        below = float(pairs.expected(np.array([middle, pairs.planted[1]]))[1]) < float(pairs.found[1])
        low, high = (middle, high) if below else (low, middle)
    return np.array([low, pairs.planted[1]])


def spread(pairs: Pairs, found: Solution) -> tuple[float, float] | None:
    """The variance of the parents' multipliers with its standard error; None if there are too few parents."""
    state, at = pairs.state, found.at
    if float(state.sums[6] ** 2 / max(float(state.products[0, 6, 6]), 1e-300)) < _LEAST_PARENTS:
        return None
    alike, added = pairs.level**2 * float(pairs.chance[2]), pairs.level * float(pairs.excited_pairs(at)[2])
    square = (float(state.sums[2]) - added) / alike
    steps = _TINY * np.eye(2)
    slope = np.array(
        [float((pairs.excited_pairs(at + h) - pairs.excited_pairs(at - h))[2]) / (2 * _TINY) for h in steps]
    )
    by_level = -added / (pairs.level * alike) - 2.0 * square / pairs.level
    expected = float(state.sums[7])
    own = np.zeros(8)
    own[2] = 1.0 / alike
    own[3] = by_level / expected
    own[6] = -square / float(state.sums[6])
    own[7] = -by_level * pairs.level / expected - added / (alike * expected)
    weights = own - pairs.level / alike * (slope @ found.moves)
    variance = float(weights @ state.products[0] @ weights)
    return square - 1.0, max(variance, _least_variance(pairs, square)) ** 0.5


def _least_variance(pairs: Pairs, square: float) -> float:
    """The variance for known gamma multipliers of the parents, because a sample may lack the most active ones."""
    square = max(square, 1.0)
    third = square * (2.0 * square - 1.0)
    fourth = third * (3.0 * square - 2.0)
    own = fourth - 4.0 * square * third + (4.0 * square**2 + 2.0 * square) * square - 3.0 * square**2
    state = pairs.state
    return max(own, 0.0) * float(state.products[0, 6, 6] / state.sums[6] ** 2)
