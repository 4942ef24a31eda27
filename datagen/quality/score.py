"""From findings to one number: gates are never averaged away, everything else is a weighted mean per group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from datagen.measures.base import Finding

WEIGHTS: Mapping[str, float] = {
    "recovery": 30.0, "distribution": 20.0, "cardinality": 15.0, "dependence": 10.0, "time": 15.0, "realism": 10.0,
}  # fmt: skip
"""Points of each group; those of a group in which nothing applies are shared out among the others."""
CAP = 49.0
"""The most that a dataset with a failed gate can have."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a finding cost: its position among the findings, and points of 100."""

    finding: int
    points: float


def score_of(findings: Sequence[Finding]) -> tuple[float, tuple[Loss, ...]]:
    """The score, 0 to 100, and what cost how many points, dearest first."""
    counted = [i for i, finding in enumerate(findings) if finding.group != "gate" and _counts(finding)]
    shares = _shares({findings[i].group for i in counted})
    totals = {group: sum(findings[i].weight for i in counted if findings[i].group == group) for group in shares}
    losses = [
        Loss(i, shares[f.group] * f.weight / totals[f.group] * (1.0 - (f.score or 0.0)))
        for i, f in ((i, findings[i]) for i in counted)
    ]
    score = 100.0 - sum(loss.points for loss in losses)
    failed = [i for i, finding in enumerate(findings) if finding.group == "gate" and finding.verdict == "fail"]
    if failed and score > CAP:
        losses += [Loss(i, (score - CAP) / len(failed)) for i in failed]
        score = CAP
    lost = [loss for loss in losses if loss.points > 0]
    return max(score, 0.0), tuple(sorted(lost, key=lambda loss: (-loss.points, loss.finding)))


def _counts(finding: Finding) -> bool:
    return finding.score is not None and finding.weight > 0


def _shares(groups: Iterable[str]) -> dict[str, float]:
    """The points of each group that has anything to say; 100 in all."""
    total = sum(WEIGHTS[group] for group in groups)
    return {group: 100.0 * WEIGHTS[group] / total for group in sorted(groups)} if total else {}


def points_of(findings: Iterable[Finding]) -> dict[str, float]:
    """The points that each group can give: only groups in which something applies; 100 in all."""
    return _shares({finding.group for finding in findings if finding.group != "gate" and _counts(finding)})
