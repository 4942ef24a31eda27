"""Computes the two numbers of a report: the score and realism.

The score is a product. It starts at 100, and every constraint, parameter or distribution that is not as declared takes a share
of what is left:

    a failed constraint        half of it (the first one), a twentieth (each further one)
    a failed measure     a tenth, less where it fails by little, a fiftieth at least

So a failure always lowers the score, whatever else is measured, and nothing that holds makes up for it. What holds, does not apply
or cannot be told at this size takes nothing: a dataset without a failure has 100, however few measures apply.

Realism is the share of the signs that do not give the data away as made up, of those that apply. It is no part of the score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datagen.validation.metrics.base import Finding

CAP = 49.0
"""The most that a dataset with a failed constraint can have."""
FURTHER = 0.05
"""What each failed constraint after the first one takes of the rest."""
DEAREST = 0.1
"""What an outright failure takes of the rest."""
LEAST = 0.2
"""The least part of it that a failure takes, however close it is."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a finding cost: its position among the findings, and points of 100."""

    finding: int
    points: float


def score_of(findings: Sequence[Finding]) -> tuple[float, tuple[Loss, ...]]:
    """The score, 0 to 100, and what cost how many points, dearest first; score and points come to 100."""
    kept = {i: share for i, finding in enumerate(findings) if (share := _kept(finding)) < 1.0}
    constraints = [
        i for i, finding in enumerate(findings) if finding.group == "constraint" and finding.verdict == "fail"
    ]
    first = CAP / 100.0
    kept.update(
        {i: (first * (1.0 - FURTHER) ** (len(constraints) - 1)) ** (1.0 / len(constraints)) for i in constraints}
    )
    score = 100.0 * math.prod(kept.values())
    taken = {i: -math.log(share) for i, share in kept.items()}
    total = sum(taken.values())
    lost = [Loss(i, (100.0 - score) * part / total) for i, part in taken.items()]
    return score, tuple(sorted(lost, key=lambda loss: (-loss.points, loss.finding)))


def realism_of(findings: Iterable[Finding]) -> float | None:
    """How many of the signs that apply speak for the data, 0 to 100; None where none applies."""
    signs = [finding for finding in findings if finding.group == "realism" and counts(finding)]
    return 100.0 * sum(float(sign.score or 0.0) for sign in signs) / len(signs) if signs else None


def counts(finding: Finding) -> bool:
    """Whether the finding says something about the data, for or against it."""
    return finding.score is not None and finding.weight > 0


def _kept(finding: Finding) -> float:
    """What a finding beside constraints and signs leaves of the score, as a share."""
    if finding.group in ("constraint", "realism") or not counts(finding):
        return 1.0
    lost = 1.0 - min(max(float(finding.score or 0.0), 0.0), 1.0)
    failed = finding.verdict in ("fail", "not recovered")
    return 1.0 - DEAREST * (max(lost, LEAST) if failed else lost)
