"""How events follow each other is found from the gaps within an entity."""

from __future__ import annotations

from typing import Any

import pytest

from tests.recovery.worlds import SEEDS, frames, shop


def events(seed: int, gaps: dict[str, Any]) -> Any:
    document = shop(customers={"rows": 1500}, orders={}, rows={"type": "events", "mean_per_month": 4.0, "gaps": gaps})
    document["tables"]["customers"]["columns"].pop("created_at")
    return frames(document, seed)["orders"]


def variation(orders: Any) -> float:
    """The mean coefficient of variation of the gaps within a customer."""
    gaps = orders.groupby("customer_id")["ordered_at"].diff().dropna().dt.total_seconds()
    by = gaps.groupby(orders["customer_id"])
    return float((by.std() / by.mean()).mean())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "gaps, planted",
    [({"type": "poisson"}, 1.0), ({"type": "gamma", "shape": 4}, 0.5), ({"type": "gamma", "shape": 0.5}, 2**0.5)],
)
def test_the_variation_of_gaps_is_as_declared(seed: int, gaps: dict[str, Any], planted: float) -> None:
    assert variation(events(seed, gaps)) == pytest.approx(planted, rel=0.03)


@pytest.mark.parametrize("seed", SEEDS)
def test_self_excitation_shows_in_the_variance_of_counts(seed: int) -> None:
    """The counts of a Hawkes process over long stretches have variance / mean = 1 / (1 - n)^2 (Hawkes 1971)."""
    orders = events(seed, {"type": "hawkes", "branching": 0.4, "decay": "2h"})
    counts = orders.groupby("customer_id").size().to_numpy()
    assert counts.mean() == pytest.approx(4.0 * 36.0, rel=0.02)
    assert counts.var() / counts.mean() == pytest.approx(1 / 0.6**2, rel=0.13)
    assert variation(orders) > 1.2
