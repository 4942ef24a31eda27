"""The report as JUnit XML: one case per finding, failures where a constraint failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from datagen.validation.report.report import where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datagen.validation.metrics.base import Finding
    from datagen.validation.report.report import Report

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow; they come from the data."""


def to_junit(report: Report) -> str:
    """Two test suites with a case per finding: the scored ones, and the realism tests, which never fail.

    Inapplicable findings are skipped. Findings that only cost points do not fail.
    """
    signs = [finding for finding in report.findings if finding.group == "realism"]
    scored = [finding for finding in report.findings if finding.group != "realism"]
    suites = _suite(f"datagen validate {report.schema}", "score", report.score, scored)
    if signs and report.realism is not None:
        suites += _suite(f"datagen realism {report.schema}", "realism", report.realism, signs)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{suites}</testsuites>\n'


def _suite(name: str, number: str, value: float, findings: Sequence[Finding]) -> str:
    failed = sum(_failed(finding) for finding in findings)
    skipped = sum(_skipped(finding) for finding in findings)
    head = f'name={quoteattr(_clean(name))} tests="{len(findings)}" failures="{failed}" errors="0" skipped="{skipped}"'
    score_properties = f'<properties><property name="{number}" value="{value:.3f}"/></properties>'
    cases = "\n".join(_case(finding) for finding in findings)
    return f"<testsuite {head}>\n{score_properties}\n{cases}\n</testsuite>\n"


def _case(finding: Finding) -> str:
    name = quoteattr(_clean(f"{where(finding)} {finding.subject}".strip()))
    opening = f"<testcase classname={quoteattr(finding.group)} name={name}"
    message = _clean(finding.message)
    if _failed(finding):
        rows = escape(_clean("\n".join(map(str, finding.rows))))
        return f'{opening}><failure message={quoteattr(message)} type="constraint">{rows}</failure></testcase>'
    if _skipped(finding):
        return f"{opening}><skipped message={quoteattr(message)}/></testcase>"
    return f"{opening}><system-out>{escape(f'{finding.verdict}: {message}')}</system-out></testcase>"


def _failed(finding: Finding) -> bool:
    return finding.group == "constraint" and finding.verdict == "fail"


def _skipped(finding: Finding) -> bool:
    return finding.verdict in ("not applicable", "not identifiable")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)
