"""Captions of charts in plain words: "weekday: as planted"."""

from __future__ import annotations

import re

from datagen.validation.metrics.base import Finding
from datagen.validation.report.number_format import beside, digits, share
from datagen.validation.report.summary import state_of

_OF_SHAPE = re.compile(r"\s*\(1: as planted, 0: flat\)")
"""Marks findings that compare a whole shape: 1 is the declared one, 0 a flat line."""
FLAT = 0.25
"""Below this share of its strength an effect is almost absent."""


def caption(finding: Finding) -> str:
    """The finding as a sentence for a reader without knowledge of statistics."""
    state = state_of(finding)
    if state in ("none", "unsure"):
        return f"Cannot be estimated: {finding.message}."
    if finding.group == "realism" or (finding.group == "time" and not finding.weight):
        return f"{finding.message}."
    if _OF_SHAPE.search(finding.subject):
        return _shape(finding, state)
    if state == "good":
        return _good(finding)
    numbers = _numbers(finding)
    return f"Not as declared: {numbers}." if numbers else f"Not as declared: {finding.message}."


def _numbers(finding: Finding) -> str:
    """The planted and the found number; empty if there are none."""
    if finding.planted is None or finding.found is None:
        return ""
    what = f"{subject_of(finding)}: " if finding.subject else ""
    return f"{what}{digits(finding.planted)} planted, {beside(finding.found, finding.error)} found"


def subject_of(finding: Finding) -> str:
    """The estimated quantity, without the explanation of its numbers."""
    return _OF_SHAPE.sub("", finding.subject)


def _shape(finding: Finding, state: str) -> str:
    what = subject_of(finding).rpartition(": ")[2]
    if state == "good" or finding.found is None:
        return f"{what}: as planted."
    if finding.found < -FLAT:
        return f"{what}: the opposite of the declared effect."
    if finding.found < FLAT:
        return f"{what}: almost absent, although it is planted."
    if finding.found < 1:
        return f"{what}: weaker than planted, {share(finding.found)} of its strength."
    return f"{what}: stronger than planted, {digits(finding.found)} times."


def _good(finding: Finding) -> str:
    numbers = _numbers(finding) if finding.group == "recovery" else ""
    return f"{numbers}." if numbers else "As declared."
