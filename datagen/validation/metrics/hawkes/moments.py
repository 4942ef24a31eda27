"""Expected pairs of events of a Hawkes process, from its start on, with daily noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats
from datagen.point_process.ground_truth import GroundTruth

_LAGS = 400
_EXPONENTIAL = -np.log1p(-(np.arange(512) + 0.5) / 512)[np.newaxis]
_ALIKE = 1e-6


def excess_pairs(branching: float, decay: float, scale: float, since: Floats) -> Floats:
    """The excess of an event's sum of exp(-lag / scale) over earlier events, at times `since` exposure began, (n,).

    Per event, the covariance of the rate at times x and x + u is a exp(-g u) (1 + a / 2g (1 - exp(-2g x))), where a =
    branching / decay and g = (1 - branching) / decay. Events before x = 0 triggered others, but are not observed
    themselves.
    """
    a, g = branching / decay, (1.0 - branching) / decay
    q = 1.0 / scale + g
    steady = (1.0 + a / (2.0 * g)) * -np.expm1(-q * since) / q
    lead = q - 2.0 * g
    if abs(lead) < _ALIKE * q:
        young = since * np.exp(-q * since)
    else:
        young = (np.exp(-2.0 * g * since) - np.exp(-q * since)) / lead
    added: Floats = a * (steady - a / (2.0 * g) * young)
    return added


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Daily noise, which all parents share and no clock includes: its effect on pairs, to second order.

    `covariance` of the daily multiplier by lag in days; `days` is the mean length of one hour at a multiplier of 1.
    """

    covariance: Floats
    days: float

    @classmethod
    def of(cls, planted: GroundTruth, speed: float) -> Days:
        """On a clock of this mean speed."""
        covariance = planted.day_covariance(_LAGS) if planted.daily else np.zeros(1)
        return cls(covariance, 1.0 / (24.0 * max(speed, 1e-9)))

    def mean_covariance(self, scales: Floats) -> Floats:
        """The covariance of two times, averaged over exponential lags of these means, (k,)."""
        lags = _EXPONENTIAL * scales[:, np.newaxis] * self.days
        found: Floats = np.interp(lags, np.arange(len(self.covariance)), self.covariance).mean(axis=1)
        return found

    def chance(self, scales: Floats) -> Floats:
        """The factor on pairs by chance at each scale."""
        return 1.0 + self.mean_covariance(scales)

    def clustered(self, scales: Floats, decay: float) -> Floats:
        """The factor on pairs by excitation that decays at this rate: on a day with a high multiplier, more events are
        triggered, and sooner.
        """
        both = 1.0 / scales + decay
        found: Floats = 1.0 + self.mean_covariance(1.0 / both) * (1.0 / (scales * both)) ** 2
        return found
