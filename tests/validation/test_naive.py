"""Valid is not believable: a shop drawn evenly holds every constraint and scores below 50."""

from __future__ import annotations

import pytest

import datagen
from tests.validation.naive import naive_shop
from tests.validation.worlds import EXAMPLES


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("naive")
    for name, frame in naive_shop().items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return datagen.validate(EXAMPLES / "shop.json", folder)


def test_every_constraint_holds(report):
    assert report.failed == ()


def test_it_scores_below_50(report):
    assert report.score < 50


@pytest.mark.parametrize(
    "sign",
    [
        "UnequalParents",
        "UnequalReferences",
        "Concentration",
        "Weekdays",
        "Hours",
        "PileUp",
        "NoPast",
        "TextCycling",
        "EqualCategories",
    ],
)
def test_realism_tests_of_an_analyst_detect_it(report, sign):
    assert any(f.measure == sign and f.verdict == "fail" for f in report.findings)


def test_every_point_lost_is_accounted_for(report):
    assert report.score + sum(loss.points for loss in report.losses) == pytest.approx(100)
