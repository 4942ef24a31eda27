"""Ways to break `shop` below its orders: references, lines and prices. Totals are added up anew, so that constraints
hold.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.validation.worlds import Tables, rng

Break = Callable[[Tables], Tables]


def totalled(tables: Tables) -> Tables:
    """Unit prices looked up and order amounts added up again."""
    price = tables["products"].set_index("product_id")["list_price"]
    items = tables["order_items"]
    items = items.assign(unit_price=price.loc[items["product_id"]].to_numpy())
    total = (items["quantity"] * items["unit_price"]).groupby(items["order_id"]).sum()
    amount = np.round(total.loc[tables["orders"]["order_id"]].to_numpy().astype(float), 2)
    return {**tables, "order_items": items, "orders": tables["orders"].assign(amount=amount)}


def items(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Break:
    return lambda tables: totalled({**tables, "order_items": change(tables["order_items"])})


def products(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Break:
    return lambda tables: totalled({**tables, "products": change(tables["products"])})


def uniform_references(tables: Tables) -> Tables:
    n, size = len(tables["order_items"]), len(tables["products"])
    return items(lambda f: f.assign(product_id=rng().integers(1, size + 1, n)))(tables)


def only_best_sellers(frame: pd.DataFrame) -> pd.DataFrame:
    best = frame["product_id"].value_counts().index[:5].to_numpy()
    return frame.assign(product_id=rng().choice(best, len(frame)))


def first_items(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.groupby("order_id").head(1)


def three_each(frame: pd.DataFrame) -> pd.DataFrame:
    few = frame.groupby("order_id").head(2)
    made = pd.concat([few, few.groupby("order_id").head(1)]).sort_values("order_id", kind="stable")
    return made.assign(order_item_id=np.arange(1, len(made) + 1))


def shuffled(column: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.assign(**{column: frame[column].to_numpy()[rng().permutation(len(frame))]})


BREAKS: dict[str, tuple[str, str | None, Break]] = {
    "make references uniform": ("order_items", "product_id", uniform_references),
    "sell five products only": ("order_items", "product_id", items(only_best_sellers)),
    "one line per order": ("order_items", None, items(first_items)),
    "two or three lines per order": ("order_items", None, items(three_each)),
    "equal quantities": ("order_items", "quantity", items(lambda f: f.assign(quantity=rng().integers(1, 4, len(f))))),
    "quantities whatever the segment": ("order_items", "quantity", items(shuffled("quantity"))),
    "prices whatever the category": ("products", "list_price", products(shuffled("list_price"))),
    "prices doubled": (
        "products",
        "list_price",
        products(lambda f: f.assign(list_price=np.floor(f["list_price"].astype(float)) * 2 + 0.99)),
    ),
    "categories equally frequent": (
        "products",
        "category",
        products(lambda f: f.assign(category=rng().choice(["coffee", "tea", "mugs"], len(f)))),
    ),
}
"""Its name, the table and the column where the report must find it, and the break."""
