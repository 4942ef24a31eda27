"""A dataset in very many slices, of which only a sample is looked at, is judged like one that is seen as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import datagen
from datagen.analysis import analyze_or_raise
from datagen.validation import placement
from datagen.validation.inputs.dataset_view import View
from datagen.validation.inputs.discovery import found as found_in
from datagen.validation.metrics.hawkes import metric as excitation
from datagen.validation.metrics.rates import metric as rates
from datagen.validation.slicing.by_partition import aligned
from datagen.validation.slicing.file_slice import FileSlice
from tests.validation.planted import document

EFFECTS = [
    {"type": "segments", "column": "plan", "multiply": {"plus": {"visits": 2.0}, "pro": {"visits": 4.0}}},
    {"type": "vintage", "multiply": {"visits": [1.0, 0.7, 0.5]}},
]


def test_a_sample_spread_over_hundreds_of_slices_has_honest_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a billion rows: the share is so small that most slices have not a single parent in it."""
    monkeypatch.setattr(rates, "MOST_PARENTS", 3000)
    monkeypatch.setattr(rates, "SAMPLED_PARENTS", 1500)
    monkeypatch.setattr(excitation, "SAMPLED_PARENTS", 1500)
    schema = document(EFFECTS, {"rows": {"type": "events", "mean_per_month": 1.5, "dispersion": 0.5}})
    made = datagen.generate(schema, tmp_path / "out", partition_rows=420)
    assert len(made.manifest.tables["visits"].files) > 150
    found = [
        f
        for f in datagen.validate(schema, tmp_path / "out").findings
        if f.table == "visits" and f.weight and f.group not in ("constraint", "realism")
    ]
    reported = {f.subject: f for f in found}
    for subject in ("mean per month", "segments: plan plus", "segments: plan pro"):
        finding = reported[subject]
        assert finding.verdict == "recovered" and finding.z is not None and abs(finding.z) < 4, finding
        assert finding.error is not None and 0.005 < finding.error / finding.planted < 0.2, finding
    assert {f.verdict for f in found} <= {"recovered", "pass", "not identifiable"}
    assert reported["children per parent"].verdict == "pass"
    assert reported["dispersion (variance of the parents' multipliers)"].verdict == "recovered"


def test_no_row_of_a_slice_has_the_identity_of_one_in_another(tmp_path: Path) -> None:
    """Who is looked at is chosen by identity: with the same ones in each slice it would be all or nobody."""
    model = analyze_or_raise(document())
    datagen.generate(document(), tmp_path / "out", partition_rows=3000)
    view = View.of(document(), found_in(tmp_path / "out", model.tables))
    blocks = [FileSlice(view, piece).block("visits") for piece in aligned(view.model, view.source)]
    ids = [block.ids for block in blocks if block is not None]
    assert len(ids) > 10
    assert len(np.unique(np.concatenate(ids))) == sum(map(len, ids))


def test_one_worker_is_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a run: a small dataset of many files needs no cluster, which takes seconds to start."""

    def no_cluster(*_: object) -> None:
        raise AssertionError("a cluster was started")

    schema = document([], {"rows": {"type": "events", "mean_per_month": 1.5}})
    datagen.generate(schema, tmp_path / "out", partition_rows=1000)
    monkeypatch.setattr(placement, "on_dask", no_cluster)
    assert datagen.validate(schema, tmp_path / "out", workers=1).score == 100
