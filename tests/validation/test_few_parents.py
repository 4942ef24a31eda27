"""Sound data of few parents, few events, few clusters or common days is not called broken: its errors are those of the
planted process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datagen
from datagen.validation.metrics.popularity import of_even

YEAR = ("2024-01-01", "2025-01-01")


def visits(
    rows: dict[str, Any],
    *behaviors: dict[str, Any],
    parents: int | dict[str, Any] = 2,
    window: tuple[str, str] = YEAR,
    entity: tuple[dict[str, Any], ...] = (),
    **columns: Any,
) -> dict[str, Any]:
    arriving = {"joined_at": {"type": "arrival_time"}} if isinstance(parents, dict) else {}
    kind = {"type": "choice", "values": {"a": 5, "b": 3, "c": 2}}
    return {
        "datagen": 1,
        "name": "few",
        "seed": 1,
        "window": {"start": window[0], "end": window[1]},
        "tables": {
            "people": {
                "rows": parents,
                "columns": {"person_id": {"type": "key"}, "kind": kind, **arriving},
                "behaviors": list(entity),
            },
            "visits": {
                "parent": "people",
                "rows": {"type": "events", **rows},
                "behaviors": list(behaviors),
                "columns": {"person_id": {"type": "parent_key"}, "at": {"type": "event_time"}, **columns},
            },
        },
    }


FEW = {"type": "arrivals", "count": 2, "before_window": 0.4}
GROWING = {"type": "trend", "shape": "exponential", "growth_per_year": 0.4}
SOUND = {
    "five events of 800 parents": visits({"mean_per_hour": 0.0003}, parents=800, window=("2024-03-05", "2024-03-06")),
    "two who may leave": visits(
        {"mean_per_month": 300},
        GROWING,
        parents=FEW,
        window=("2023-06-15T08:30:00", "2025-03-01T17:45:00"),
        entity=({"type": "retention", "lifetime": {"type": "weibull", "shape": 0.8, "scale": 8}},),
    ),
    "bursts of two parents": visits(
        {"mean_per_day": 16, "gaps": {"type": "hawkes", "branching": 0.2, "decay": "131min"}},
        parents=FEW,
        window=("2024-01-01", "2024-04-01"),
    ),
    "few long bursts": visits(
        {"mean_per_month": 0.3, "gaps": {"type": "hawkes", "branching": 0.8, "decay": "640d"}},
        window=("1990-01-01", "2025-01-01"),
        parents={"type": "arrivals", "count": 100},
        entity=({"type": "vintage", "multiply": {"visits": {"type": "exponential", "rate": 0.2, "floor": 0.3}}},),
    ),
    "values near their bound": visits(
        {"mean_per_month": 0.2},
        {"type": "trend", "shape": "linear", "growth_per_year": 0.025, "of": "mark"},
        {"type": "noise", "rho": 0.5, "sd": 0.1, "of": "mark"},
        parents=300,
        window=("2005-01-01", "2025-01-01"),
        entity=({"type": "segments", "column": "kind", "multiply": {"c": {"visits.mark": 1.05}}},),
        mark={"type": "normal", "mean": 3, "sd": 1, "min": 0, "max": 6, "decimals": 0},
    ),
    "values of three parents": visits(
        {"mean_per_month": 2},
        {"type": "noise", "rho": 0.5, "sd": 0.1, "of": "price"},
        parents=3,
        entity=(
            {
                "type": "segments",
                "column": "kind",
                "multiply": {"c": {"visits.price": 1.05}, "b": {"visits.price": 1.2}},
            },
        ),
        price={"type": "lognormal", "median": 20, "sigma": 0.5, "decimals": 2},
    ),
    "many visits on common days": visits({"mean_per_month": 40}, {"type": "noise", "rho": 0.9, "sd": 0.4}, parents=300),
}


@pytest.mark.parametrize("name", SOUND)
def test_nothing_of_a_small_sound_dataset_is_called_broken(tmp_path: Path, name: str) -> None:
    for seed in (1, 2, 3):
        datagen.generate(SOUND[name], tmp_path / "out", seed=seed, overwrite=True)
        report = datagen.validate(SOUND[name], tmp_path / "out")
        wrong = [f for f in report.findings if f.verdict in ("fail", "not recovered") and f.group != "realism"]
        assert not wrong, (seed, [(f.measure, f.subject, f.message, f.z) for f in wrong])


def test_factors_on_values_with_bounds_and_noise_are_still_identified(tmp_path: Path) -> None:
    """Near the bound nothing is told; what has room is, and a wrong effect is named."""
    document = SOUND["values near their bound"]
    datagen.generate(document, tmp_path / "out")
    effect = document["tables"]["people"]["behaviors"][0]["multiply"]
    for planted, verdict in ((1.05, "recovered"), (1.3, "not recovered")):
        effect["c"]["visits.mark"] = planted
        found = datagen.validate(document, tmp_path / "out").findings
        assert [f.verdict for f in found if f.measure == "ValueFactorRecovery" and "kind c" in f.subject] == [verdict]
    effect["c"]["visits.mark"] = 1.05


def test_chance_makes_even_choices_uneven_as_seldom_as_a_normal_number_is_far() -> None:
    """With ten rows to choose from the sum of squared shares is skewed: beyond 4 plain errors in one of 600 samples."""
    draws = np.random.default_rng(1).multinomial(2000, [0.1] * 10, 30_000).astype(float)
    z = []
    for counts in draws:
        meeting = (counts * (counts - 1)).sum() / (2000 * 1999)
        z.append((meeting - 0.1) / of_even(counts, meeting, (2 * 0.1 * 0.9) ** 0.5 / 2000))
    assert (np.abs(z) > 4).mean() < 2e-4
    assert 0.001 < (np.array(z) > 3).mean() < 0.002


@pytest.mark.parametrize(
    "count", [{"type": "poisson", "mean": 150}, {"type": "negative_binomial", "mean": 60, "dispersion": 0.5}]
)
@pytest.mark.parametrize("parents", [2, 3, 5])
def test_numbers_of_children_of_few_parents_are_not_called_broken(
    tmp_path: Path, count: dict[str, Any], parents: int
) -> None:
    """The numbers of two or three parents say little of how much they vary; the planted distribution does."""
    wealth = {"type": "choice", "values": {"low": 1, "high": 1}}
    more = {"type": "segments", "column": "wealth", "multiply": {"low": {"citizens": 1.4}}}
    document = {
        "datagen": 1, "name": "few", "seed": 1,
        "tables": {
            "districts": {
                "rows": parents, "columns": {"district_id": {"type": "key"}, "wealth": wealth}, "behaviors": [more]
            },
            "citizens": {
                "parent": "districts", "rows": {"type": "per_parent", "count": count},
                "columns": {"citizen_id": {"type": "key"}, "district_id": {"type": "parent_key"}},
            },
        },
    }  # fmt: skip
    for seed in range(8):
        datagen.generate(document, tmp_path / "out", seed=seed, overwrite=True)
        report = datagen.validate(document, tmp_path / "out")
        assert report.score == 100, [(f.subject, f.message) for f in report.findings if f.verdict == "not recovered"]
