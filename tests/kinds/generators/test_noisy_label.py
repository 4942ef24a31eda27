from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_score, recall_score

import datagen
from tests.promises.documents import tables


def document(**label: object) -> dict:
    columns = {
        "id": {"type": "key"},
        "fraud": {"type": "boolean", "share": 0.1},
        "reported": {"type": "noisy_label", "truth": "fraud", "recall": 0.8, "false_positive_rate": 0.02} | label,
    }
    return {"datagen": 1, "name": "labels", "tables": {"payments": {"rows": 20000, "columns": columns}}}


def test_recall_and_precision_are_those_declared() -> None:
    made = tables(document())["payments"]
    truth, label = (made[name].to_numpy(zero_copy_only=False) for name in ("fraud", "reported"))
    precision = 0.08 / (0.08 + 0.018)
    assert abs(recall_score(truth, label) - 0.8) < 4 * (0.16 / truth.sum()) ** 0.5
    assert abs(precision_score(truth, label) - precision) < 4 * (precision * (1 - precision) / label.sum()) ** 0.5


def test_without_noise_it_is_the_truth() -> None:
    made = tables(document(recall=1, false_positive_rate=0))["payments"]
    assert made["fraud"].equals(made["reported"])


def test_less_noise_changes_the_labels_of_few_rows_only() -> None:
    one, two = (tables(document(recall=recall))["payments"]["reported"].to_numpy(False) for recall in (0.8, 0.9))
    assert (one <= two).all() and 0 < np.count_nonzero(one != two) < 400


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_validation_recovers_the_noise(seed: int, tmp_path) -> None:
    datagen.generate({**document(), "seed": seed}, tmp_path / "a")
    found = [f for f in datagen.validate(document(), tmp_path / "a").findings if f.measure == "LabelNoise"]
    assert [(f.subject, f.verdict) for f in found] == [
        (name, "recovered") for name in ("recall", "false positive rate", "precision")
    ]
    other = document(recall=0.9)
    found = [f for f in datagen.validate(other, tmp_path / "a").findings if f.measure == "LabelNoise"]
    assert found[0].verdict == "not recovered" and found[1].verdict == "recovered"


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ({"truth": "id"}, ["type"]),
        ({"truth": "frauds"}, ["unknown-column"]),
        ({"recall": 0.02}, ["no-effect"]),
    ],
)
def test_problems(label: dict, codes: list[str]) -> None:
    assert [problem.code for problem in datagen.check(document(**label))] == codes
