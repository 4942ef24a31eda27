"""What an analyst sees of customers who buy: repeat purchases, the time of the last, the time observed, in weeks."""

from __future__ import annotations

import numpy as np

from datagen import preview
from datagen.kinds.behaviors.support.examples import shaped
from datagen.time_units import HOUR
from tests.kinds.behaviors.entities import END

WEEK = 168 * HOUR


def seen(behavior: dict, customers: int, per_week: float, before_window: float = 0.0, seed: int = 1):
    """x, t_x and T of each customer, shape (n,) each."""
    document = shaped(behavior)
    document["seed"] = seed
    document["tables"]["customers"]["rows"] |= {"count": customers, "before_window": before_window}
    document["tables"]["orders"]["rows"] = {"type": "events", "mean_per_week": per_week}
    del document["tables"]["items"]
    tables = preview(document, rows=100 * customers)
    born = tables["customers"]["created_at"].cast("int64").to_numpy()
    customer = tables["orders"]["customer_id"].to_numpy() - 1
    at = tables["orders"]["ordered_at"].cast("int64").to_numpy()
    counts = np.bincount(customer, minlength=customers)
    last = born.copy()
    np.maximum.at(last, customer, at)
    return counts, (last - born) / WEEK, (END - born) / WEEK
