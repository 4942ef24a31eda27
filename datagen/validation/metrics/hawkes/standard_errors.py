"""How much parents differ, from the pairs of their events that chance brings together: those at the long scale, excitation taken out."""

from __future__ import annotations

import numpy as np

from datagen.validation.metrics.hawkes.estimator import Pairs, Solution

_TINY = 1e-5
_LEAST_PARENTS = 200


def spread(pairs: Pairs, found: Solution) -> tuple[float, float] | None:
    """The variance of the parents' multipliers with its standard error; None where parents are too few."""
    state, at = pairs.state, found.at
    if float(state.sums[6] ** 2 / max(float(state.products[0, 6, 6]), 1e-300)) < _LEAST_PARENTS:
        return None
    alike, added = pairs.level**2 * float(pairs.chance[2]), pairs.level * float(pairs.brought_on(at)[2])
    square = (float(state.sums[2]) - added) / alike
    steps = _TINY * np.eye(2)
    slope = np.array([float((pairs.brought_on(at + h) - pairs.brought_on(at - h))[2]) / (2 * _TINY) for h in steps])
    by_level = -added / (pairs.level * alike) - 2.0 * square / pairs.level
    expected = float(state.sums[7])
    own = np.zeros(8)
    own[2] = 1.0 / alike
    own[3] = by_level / expected
    own[6] = -square / float(state.sums[6])
    own[7] = -by_level * pairs.level / expected - added / (alike * expected)
    weights = own - pairs.level / alike * (slope @ found.moves)
    variance = float(weights @ state.products[0] @ weights)
    return square - 1.0, max(variance, _least(pairs, square)) ** 0.5


def _least(pairs: Pairs, square: float) -> float:
    """The variance that remains if one sees each parent's gamma multiplier: an unlucky sample lacks those who do most."""
    square = max(square, 1.0)
    third = square * (2.0 * square - 1.0)
    fourth = third * (3.0 * square - 2.0)
    own = fourth - 4.0 * square * third + (4.0 * square**2 + 2.0 * square) * square - 3.0 * square**2
    state = pairs.state
    return max(own, 0.0) * float(state.products[0, 6, 6] / state.sums[6] ** 2)
