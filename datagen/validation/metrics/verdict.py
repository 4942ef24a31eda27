"""The verdict on a parameter: declared against estimated, in standard errors and by effect size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from datagen.validation.metrics.base import Finding, Group, Verdict

FAR = 4.0
"""Standard errors beyond which a difference is significant: a report has hundreds of parameters."""
SMALL = 0.02
"""The largest difference that is tolerated for any sample, relative to the effect size."""
VANISHED = 0.01
"""The multiplier below which all values may round to zero."""
_BLURRED = 0.45

Numbers = tuple[float | None, float | None, float | None, float | None]
"""The estimate, its standard error, its z-score, and the score."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a table or column: its `planted` value and its name `called`.

    `size` is the effect size on the scale of the estimate: the difference from no effect. `log`: multipliers, compared
    by their logarithms.
    """

    table: str
    column: str | None
    measure: str
    subject: str
    planted: float
    size: float = 1.0
    log: bool = False
    group: Group = "recovery"
    weight: float = 1.0


def compare(
    parameter: Parameter, found: float, error: float, details: Mapping[str, Any] | None = None, message: str = ""
) -> Finding:
    """The finding on a parameter whose estimate has this standard error: that of its logarithm for a multiplier."""
    planted = parameter.planted
    if not (math.isfinite(found) and math.isfinite(error)) or error <= 0:
        return not_identifiable(parameter, "there is too little data")
    gap = math.log(max(found, 1e-12) / planted) if parameter.log and planted > 0 else found - planted
    z = gap / error
    shown = error * found if parameter.log else error
    numbers = f"planted {planted:.4g}, found {found:.4g} +- {shown:.2g}"
    absurd = (
        abs(z) > 2.0 * FAR and abs(gap) > 3.0 * parameter.size
    )  # the planted value is excluded even with this error
    if error > _BLURRED * parameter.size and not absurd:
        return _finding(
            parameter,
            "not identifiable",
            f"{numbers}: too few rows to decide{message}",
            (found, shown, z, None),
            details,
        )
    good = abs(z) <= FAR or abs(gap) <= SMALL * parameter.size
    score = 1.0 if good else max(0.0, 1.0 - (abs(gap) - 3.0 * error) / parameter.size)
    verdict: Verdict = "recovered" if good else "not recovered"
    return _finding(parameter, verdict, numbers + message, (found, shown, z, score), details)


def not_identifiable(parameter: Parameter, why: str) -> Finding:
    """The finding on a parameter that this window or sample cannot show."""
    return _finding(parameter, "not identifiable", why, (None, None, None, None))


def _finding(
    parameter: Parameter, verdict: Verdict, message: str, numbers: Numbers, details: Mapping[str, Any] | None = None
) -> Finding:
    found, error, z, score = numbers
    return Finding(
        parameter.group, parameter.measure, parameter.table, parameter.column, verdict, message,
        subject=parameter.subject, score=score, weight=parameter.weight if score is not None else 0.0,
        planted=parameter.planted, found=found, error=error, z=z, details=dict(details or {}),
    )  # fmt: skip


def close(
    parameter: Parameter, statistic: float, allowed: float, threshold: float, details: Mapping[str, Any] | None = None
) -> Finding:
    """The finding on a distance (0: none, 1: the largest possible), of which sampling alone explains `allowed`."""
    excess = max(0.0, statistic - allowed)
    good = excess <= threshold
    score = 1.0 if good else max(0.0, 1.0 - (excess - threshold) / 0.25)
    message = f"distance {statistic:.4f}, of which sampling explains {allowed:.4f}"
    return Finding(
        parameter.group, parameter.measure, parameter.table, parameter.column, "pass" if good else "fail", message,
        subject=parameter.subject, score=score, weight=parameter.weight, statistic=1.0 - statistic,
        threshold=1.0 - threshold - allowed, details=dict(details or {}),
    )  # fmt: skip


def where_most(finding: Finding, message: str) -> Finding:
    """The finding, with the place of the largest distance if it is too large."""
    return replace(finding, message=f"{message} ({finding.message})") if finding.verdict == "fail" else finding
