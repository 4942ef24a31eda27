"""The report as JUnit XML: one case per finding, failures where a gate failed or something was not recovered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from datagen.quality.report import where

if TYPE_CHECKING:
    from datagen.measures.base import Finding
    from datagen.quality.report import Report

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold: they come from the data."""


def to_junit(report: Report) -> str:
    """One test suite with a case per finding. What does not apply is skipped; what only costs points is told, not failed."""
    cases = "\n".join(_case(finding) for finding in report.findings)
    skipped = sum(_skipped(finding) for finding in report.findings)
    head = f'tests="{len(report.findings)}" failures="{len(report.failed)}" errors="0" skipped="{skipped}"'
    name = quoteattr(_clean(f"datagen validate {report.schema}"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite name={name} {head}>\n{cases}\n</testsuite>\n</testsuites>\n'


def _case(finding: Finding) -> str:
    name = quoteattr(_clean(f"{where(finding)} {finding.subject}".strip()))
    opening = f"<testcase classname={quoteattr(finding.group)} name={name}"
    message = _clean(finding.message)
    if finding.group == "gate" and finding.verdict == "fail":
        rows = escape(_clean("\n".join(map(str, finding.rows))))
        return f'{opening}><failure message={quoteattr(message)} type="gate">{rows}</failure></testcase>'
    if _skipped(finding):
        return f"{opening}><skipped message={quoteattr(message)}/></testcase>"
    return f"{opening}><system-out>{escape(f'{finding.verdict}: {message}')}</system-out></testcase>"


def _skipped(finding: Finding) -> bool:
    return finding.verdict in ("not applicable", "not identifiable")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)
