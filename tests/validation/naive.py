"""A shop as a row-wise faker makes it: every key, type, range and order is right, and everything else
is drawn evenly.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

START, END = pd.Timestamp("2023-01-01"), pd.Timestamp("2025-01-01")
CENTS = np.array([0.99, 0.49, 0.0])


def naive_shop(size: int = 5000, seed: int = 1) -> dict[str, pd.DataFrame]:
    """The tables of `examples/shop.json`, with `size` customers."""
    r = np.random.default_rng(seed)
    products = pd.DataFrame({"product_id": np.arange(1, 501)})
    letters = r.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), (500, 2))
    products["sku"] = [f"{a}{b}-{n:05d}" for (a, b), n in zip(letters, r.integers(0, 10**5, 500), strict=True)]
    products["category"] = r.choice(["coffee", "tea", "mugs"], 500)
    products["list_price"] = np.round(r.integers(3, 40, 500) + r.choice(CENTS, 500), 2)
    customers = pd.DataFrame({"customer_id": np.arange(1, size + 1)})
    customers["created_at"] = sometime(r, np.full(size, START), np.full(size, END))
    customers["segment"] = r.choice(["vip", "standard", "bargain"], size)
    customers["name"] = r.choice(["Ann Smith", "Bob Jones", "Cy Young", "Di King"], size)
    customers["email"] = [f"user{i}@example.com" for i in range(size)]
    customers["country"] = r.choice(["US", "GB", "DE", "FR", "ES"], size)
    orders = _orders(r, customers, 10 * size)
    items = _items(r, orders, products)
    total = (items["quantity"] * items["unit_price"]).groupby(items["order_id"]).sum()
    orders["amount"] = np.round(total.loc[orders["order_id"]].to_numpy(), 2)
    return {"products": products, "customers": customers, "orders": orders, "order_items": items}


def sometime(r: np.random.Generator, first: object, last: object) -> pd.DatetimeIndex:
    """Anywhere between two times."""
    first, last = pd.DatetimeIndex(first), pd.DatetimeIndex(last)
    return (first + (last - first) * r.random(len(first))).floor("us")


def _orders(r: np.random.Generator, customers: pd.DataFrame, size: int) -> pd.DataFrame:
    orders = pd.DataFrame({"order_id": np.arange(1, size + 1), "customer_id": r.integers(1, len(customers) + 1, size)})
    created = customers["created_at"].to_numpy()[orders["customer_id"] - 1]
    orders["ordered_at"] = sometime(r, created, np.full(size, END))
    orders["status"] = r.choice(["paid", "refunded", "cancelled"], size)
    paid = orders["ordered_at"] + pd.to_timedelta(r.integers(1, 3600 * 48, size), "s")
    orders["paid_at"] = paid.mask((orders["status"] == "cancelled") | (paid >= END))
    return orders


def _items(r: np.random.Generator, orders: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    owner = np.repeat(orders["order_id"].to_numpy(), r.integers(1, 4, len(orders)))
    items = pd.DataFrame({"order_item_id": np.arange(1, len(owner) + 1), "order_id": owner})
    items["product_id"] = r.integers(1, len(products) + 1, len(owner))
    items["quantity"] = r.integers(1, 4, len(owner))
    items["unit_price"] = products["list_price"].to_numpy()[items["product_id"] - 1]
    return items
