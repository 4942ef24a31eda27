"""Computes the two numbers of a report: the score and realism.

The score is a product. It starts at 100, and every constraint, parameter or distribution that deviates takes a share of
the rest:

    a failed constraint  half of it (the first one), a twentieth (each further one)
    a failed metric      a tenth, less if it fails by little, at least a fiftieth

So a failure always lowers the score, and passing metrics do not compensate for it. Metrics that hold, do not apply or
are inconclusive take nothing: a dataset without a failure has 100, however few metrics apply.

Realism is the share of applicable realism tests that pass. It is not part of the score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datagen.validation.metrics.base import Finding

CAP = 49.0
"""The highest score of a dataset with a failed constraint."""
FURTHER = 0.05
"""The share that each further failed constraint takes."""
DEAREST = 0.1
"""The share that a clear failure takes."""
LEAST = 0.2
"""The smallest part of that share that a failure takes."""


@dataclass(frozen=True, slots=True)
class Loss:
    """The points that a finding cost, and its position among the findings."""

    finding: int
    points: float


def score_of(findings: Sequence[Finding]) -> tuple[float, tuple[Loss, ...]]:
    """The score, 0 to 100, and the lost points by finding, largest first. Score and losses add up to 100."""
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
    """The share of applicable realism tests that pass, 0 to 100; None if none applies."""
    signs = [finding for finding in findings if finding.group == "realism" and counts(finding)]
    return 100.0 * sum(float(sign.score or 0.0) for sign in signs) / len(signs) if signs else None


def counts(finding: Finding) -> bool:
    """Whether the finding is conclusive."""
    return finding.score is not None and finding.weight > 0


def _kept(finding: Finding) -> float:
    """The share of the score that remains after a finding other than constraints and realism tests."""
    if finding.group in ("constraint", "realism") or not counts(finding):
        return 1.0
    lost = 1.0 - min(max(float(finding.score or 0.0), 0.0), 1.0)
    failed = finding.verdict in ("fail", "not recovered")
    return 1.0 - DEAREST * (max(lost, LEAST) if failed else lost)
