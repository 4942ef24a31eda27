"""A trial: a small run of a document in a folder of its own, generated and validated, before anything is saved."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.api import generate, plan, validate
from datagen.errors import DatagenError, Problem, SchemaError

if TYPE_CHECKING:
    from datagen.validation.report.report import Report

TRIAL_ROWS = 60_000
"""The approximate maximum number of rows of a trial run."""
TRIAL_MEMORY = 1_000_000_000


def trial(text: str) -> tuple[Report | None, tuple[Problem, ...]]:
    """Generate and validate a document in a temporary folder, smaller where it is large. The report, and what is wrong
    with it. Expectations that depend on the number of rows are not measured in a smaller run.
    """
    try:
        planned = plan(text)
        scale = min(1.0, TRIAL_ROWS / max(planned.total_rows, 1))
        tried = text if scale == 1 else _without_sizes(planned.document)
        with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
            out = Path(folder) / "trial"
            generate(tried, out, scale=scale, workers=1, memory=TRIAL_MEMORY)
            report = validate(tried, out, workers=1)
    except SchemaError as error:
        return None, error.problems
    except DatagenError as error:
        return None, (Problem("unplannable", (), f"a small run failed: {error}"[:500]),)
    messages = [
        f"in a small run this does not hold: {f.table} {f.measure} {f.subject}: {f.message}"[:400]
        for f in report.failed
    ]
    return report, tuple(Problem("conflict", (), one) for one in messages)


def _without_sizes(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without the expectations that depend on how many rows there are."""
    kept = [one for one in document.get("expectations", ()) if one.get("type") not in ("count", "sum", "distinct")]
    return {**document, "expectations": kept}
