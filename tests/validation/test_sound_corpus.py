"""What datagen makes of a sound document is sound: every constraint holds and the score is at least 95, whatever
domain, size and seed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import datagen
from tests.validation.sound import DOCUMENTS, FAST

SEEDS = (1, 2, 3)


def judged(folder: Path, name: str, seed: int) -> tuple[bool, float, list[str]]:
    datagen.generate(DOCUMENTS[name], folder, seed=seed, overwrite=True)
    report = datagen.validate(DOCUMENTS[name], folder)
    wrong = [f for f in report.findings if f.verdict in ("fail", "not recovered") and f.group != "realism"]
    return report.passed, report.score, [f"{f.table}.{f.column} {f.measure} {f.subject}: {f.message}" for f in wrong]


def test_there_are_60_documents() -> None:
    assert len(DOCUMENTS) == 60


@pytest.mark.parametrize("name", FAST)
def test_a_sound_dataset_scores_95(tmp_path: Path, name: str) -> None:
    passed, score, wrong = judged(tmp_path / "out", name, 1)
    assert passed and score >= 95, wrong


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_sound_dataset_scores_95_at_every_seed(tmp_path: Path, name: str) -> None:
    for seed in SEEDS:
        passed, score, wrong = judged(tmp_path / "out", name, seed)
        assert passed and score >= 95, (seed, wrong)
