"""From findings to one number: gates are never averaged away, everything else loses points of its group.

    group          points   what it asks
    recovery           35   are the planted effects and parameters there?
    distribution       15   do the values follow the declared laws?
    cardinality        10   do parents have as many children as declared?
    dependence          5   do columns go together as declared?
    time               10   do days, weeks and years look as declared?
    realism            25   would an analyst believe it, whatever was declared?

The points of groups in which nothing applies are shared out among the others. Within a group every finding has its weight's
share and loses what its score lacks of 1; one that fails outright costs `LEAST` points at least, so that a single break
shows in a wide schema too, though a group never loses more than it has. Checks without a weight, findings without a score
(not applicable, not identifiable) and groups without findings neither add nor take points. A failed gate caps the score.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from datagen.measures.base import Finding

WEIGHTS: Mapping[str, float] = {
    "recovery": 35.0, "distribution": 15.0, "cardinality": 10.0, "dependence": 5.0, "time": 10.0, "realism": 25.0,
}  # fmt: skip
"""Points of each group; those of a group in which nothing applies are shared out among the others."""
CAP = 49.0
"""The most that a dataset with a failed gate can have."""
LEAST = 1.5
"""Points that an outright failure costs at least."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a finding cost: its position among the findings, and points of 100."""

    finding: int
    points: float


def score_of(findings: Sequence[Finding]) -> tuple[float, tuple[Loss, ...]]:
    """The score, 0 to 100, and what cost how many points, dearest first."""
    counted: dict[str, list[int]] = defaultdict(list)
    for i, finding in enumerate(findings):
        if finding.group != "gate" and _counts(finding):
            counted[finding.group].append(i)
    losses = [loss for group, room in _shares(counted).items() for loss in _lost(findings, counted[group], room)]
    score = 100.0 - sum(loss.points for loss in losses)
    failed = [i for i, finding in enumerate(findings) if finding.group == "gate" and finding.verdict == "fail"]
    if failed and score > CAP:
        losses += [Loss(i, (score - CAP) / len(failed)) for i in failed]
        score = CAP
    lost = [loss for loss in losses if loss.points > 0]
    return max(score, 0.0), tuple(sorted(lost, key=lambda loss: (-loss.points, loss.finding)))


def _lost(findings: Sequence[Finding], at: Sequence[int], room: float) -> list[Loss]:
    """What the findings of one group, which has `room` points, cost."""
    total = sum(findings[i].weight for i in at)
    found = [Loss(i, _cost(findings[i], room * findings[i].weight / total)) for i in at]
    over = sum(loss.points for loss in found) / room
    return found if over <= 1 else [Loss(loss.finding, loss.points / over) for loss in found]


def _cost(finding: Finding, share: float) -> float:
    lost = share * (1.0 - float(finding.score or 0.0))
    return max(lost, LEAST) if finding.verdict in ("fail", "not recovered") else lost


def _counts(finding: Finding) -> bool:
    return finding.score is not None and finding.weight > 0


def _shares(groups: Iterable[str]) -> dict[str, float]:
    """The points of each group that has anything to say; 100 in all."""
    present = sorted(groups)
    total = sum(WEIGHTS[group] for group in present)
    return {group: 100.0 * WEIGHTS[group] / total for group in present} if total else {}


def points_of(findings: Iterable[Finding]) -> dict[str, float]:
    """The points that each group can give: only groups in which something applies; 100 in all."""
    return _shares({finding.group for finding in findings if finding.group != "gate" and _counts(finding)})
