"""Ways to break `vintage_effects_demo`, each a function from its tables to broken ones that no constraint need object
to.

Orders that move keep out of the way of constraints: never before their customer, never outside the window, payments
move along.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.validation.worlds import Tables, rng

START, END = pd.Timestamp("2022-01-01"), pd.Timestamp("2025-01-01")
DAY = pd.Timedelta(days=1)
Break = Callable[[Tables], Tables]


def born(tables: Tables) -> pd.Series:
    """When the customer of each order came to be."""
    created = tables["customers"].set_index("customer_id")["created_at"]
    return pd.Series(created.loc[tables["orders"]["customer_id"]].to_numpy(), tables["orders"].index)


def moved(tables: Tables, times: pd.Series) -> Tables:
    """Orders at other times, with their payments; those that would go where they cannot stay where they are."""
    orders = tables["orders"]
    times = pd.Series(pd.to_datetime(np.asarray(times)).as_unit("us"), orders.index)
    good = (times >= born(tables)) & (times >= START) & (times < END)
    shift = (times - orders["ordered_at"]).where(good, pd.Timedelta(0))
    paid = orders["paid_at"] + shift
    return {**tables, "orders": orders.assign(ordered_at=orders["ordered_at"] + shift, paid_at=paid.where(paid < END))}


def kept(tables: Tables, keep: pd.Series | np.ndarray) -> Tables:
    return {**tables, "orders": tables["orders"][np.asarray(keep)]}


def customers(**columns: Callable[[pd.DataFrame], object]) -> Break:
    return lambda t: {**t, "customers": t["customers"].assign(**columns)}


def orders(**columns: Callable[[pd.DataFrame], object]) -> Break:
    return lambda t: {**t, "orders": t["orders"].assign(**columns)}


def only(keep: Callable[[pd.DataFrame], object]) -> Break:
    return lambda t: kept(t, np.asarray(keep(t["orders"])))


def shuffled(column: str) -> Callable[[pd.DataFrame], object]:
    return lambda frame: frame[column].to_numpy()[rng().permutation(len(frame))]


def equally(column: str) -> Callable[[pd.DataFrame], object]:
    return lambda frame: rng().choice(np.asarray(frame[column].cat.categories, object), len(frame))


def renamed(column: str, names: dict[str, str]) -> Callable[[pd.DataFrame], object]:
    return lambda frame: frame[column].astype(object).replace(names)


def at(time: Callable[[pd.Series], object]) -> Break:
    return lambda t: moved(t, time(t["orders"]["ordered_at"]))


def share(n: int, part: float) -> np.ndarray:
    return rng().random(n) < part


def days(n: int, low: int, high: int) -> pd.TimedeltaIndex:
    return pd.to_timedelta(rng().integers(low, high + 1, n), "D")


def evenly(tables: Tables) -> Tables:
    """Each order anywhere in the life of its customer."""
    first = np.maximum(born(tables), START)
    return moved(tables, first + (END - first) * rng().random(len(first)))


def mirrored(tables: Tables) -> Tables:
    """The life of every customer runs backwards."""
    first = np.maximum(born(tables), START)
    return moved(tables, END - (tables["orders"]["ordered_at"] - first) - pd.Timedelta(1, "us"))


def by_lot(tables: Tables) -> Tables:
    """Every order to anyone who was there."""
    there = tables["customers"].sort_values("created_at")
    number = np.searchsorted(there["created_at"].to_numpy(), tables["orders"]["ordered_at"].to_numpy(), side="right")
    chosen = there["customer_id"].to_numpy()[(rng().random(len(number)) * number).astype(int)]
    return {**tables, "orders": tables["orders"].assign(customer_id=chosen)}


def of(tables: Tables, customers: pd.DataFrame) -> Tables:
    """Only these customers, with their orders."""
    orders = tables["orders"]
    return {**tables, "customers": customers, "orders": orders[orders["customer_id"].isin(customers["customer_id"])]}


def survivors(tables: Tables) -> Tables:
    """Whoever has not ordered in the last ninety days is gone."""
    late = tables["orders"][tables["orders"]["ordered_at"] >= END - 90 * DAY]["customer_id"]
    return of(tables, tables["customers"][tables["customers"]["customer_id"].isin(late)])


def buyers(tables: Tables) -> Tables:
    return of(tables, tables["customers"][tables["customers"]["customer_id"].isin(tables["orders"]["customer_id"])])


def alike(tables: Tables) -> Tables:
    """Later cohorts are no worse than the first ones: those lose the orders that they have more."""
    year = born(tables).dt.year.to_numpy()
    part = np.select([year <= 2022, year == 2023], [0.8, 0.8 / 0.88], 1.0)
    return kept(tables, rng().random(len(year)) < part)


def spread_week(tables: Tables) -> Tables:
    return moved(tables, tables["orders"]["ordered_at"] + days(len(tables["orders"]), -3, 3))


def spread_hours(tables: Tables) -> Tables:
    time = tables["orders"]["ordered_at"]
    return moved(tables, time.dt.normalize() + pd.to_timedelta(rng().random(len(time)) * 86400, "s"))


def arrived(tables: Tables) -> Tables:
    """Nobody was there before the window: whoever was comes on its first day."""
    frame = tables["customers"]
    early = frame["created_at"] < START
    return {**tables, "customers": frame.assign(created_at=frame["created_at"].mask(early, START))}


def only_arrivals(tables: Tables) -> Tables:
    return of(tables, tables["customers"][tables["customers"]["created_at"] >= START])


def fewer_late(tables: Tables) -> Tables:
    """Half of the newcomers of the last year are missing."""
    frame = tables["customers"]
    return of(tables, frame[(frame["created_at"] < "2024-01-01") | share(len(frame), 0.5)])


def piled(tables: Tables) -> Tables:
    time = tables["orders"]["ordered_at"]
    last = time >= END - 15 * DAY
    return moved(tables, time.where(~last, END - DAY + (time - time.dt.normalize())))


def closed(tables: Tables) -> Tables:
    """Whatever was not yet paid at the end is paid in the last moment."""
    frame = tables["orders"]
    open_ = frame["paid_at"].isna() & (frame["status"] != "cancelled")
    return {**tables, "orders": frame.assign(paid_at=frame["paid_at"].mask(open_, END - pd.Timedelta(1, "us")))}


def paid_after(delay: Callable[[pd.Series], pd.Series]) -> Break:
    def broken(tables: Tables) -> Tables:
        frame = tables["orders"]
        paid = frame["ordered_at"] + delay(frame["paid_at"] - frame["ordered_at"])
        return {**tables, "orders": frame.assign(paid_at=paid.where(frame["paid_at"].notna() & (paid < END)))}

    return broken


def never_paid(status: Callable[[pd.DataFrame], object]) -> Break:
    """Other statuses; whatever is cancelled then has no payment, whatever is not has one."""

    def broken(tables: Tables) -> Tables:
        frame = tables["orders"].assign(status=status)
        paid = frame["paid_at"].fillna(frame["ordered_at"] + pd.Timedelta(3, "h"))
        gone = (frame["status"] == "cancelled") | (paid >= END)
        return {**tables, "orders": frame.assign(paid_at=paid.mask(gone))}

    return broken


def ruled(tables: Tables) -> Tables:
    """Every day of a month has as many orders as any other: they are dealt out one by one."""
    time = tables["orders"]["ordered_at"]
    month, clock = time.dt.to_period("M").dt.to_timestamp(), time - time.dt.normalize()
    place = time.groupby(month).rank(method="first") - 1
    size = time.groupby(month).transform("size")
    day = np.floor(place / size * month.dt.days_in_month)
    return moved(tables, month + pd.to_timedelta(day, "D") + clock)


def capped(tables: Tables) -> Tables:
    """Nobody has more than eight orders."""
    return kept(tables, tables["orders"].groupby("customer_id").cumcount() < 8)


def ramped(tables: Tables) -> Tables:
    age = (tables["orders"]["ordered_at"] - START) / DAY
    return kept(tables, (age > 56) | (rng().random(len(age)) < age / 56))


def growing(tables: Tables) -> Tables:
    age = (tables["orders"]["ordered_at"] - START) / DAY / 365.25
    return {**tables, "orders": tables["orders"].assign(amount=cents(money(tables["orders"]) * (1 + 0.3 * age)))}


def money(frame: pd.DataFrame) -> np.ndarray:
    return frame["amount"].astype(float).to_numpy()


def cents(amounts: np.ndarray) -> np.ndarray:
    return np.round(np.maximum(amounts, 2.0), 2)


def amounts(change: Callable[[np.ndarray], np.ndarray]) -> Break:
    return orders(amount=lambda frame: cents(change(money(frame))))


def drawn(draw: Callable[[np.random.Generator, int], np.ndarray]) -> Break:
    return amounts(lambda amount: draw(rng(), len(amount)))


def between(first: str, last: str) -> Callable[[pd.Series], pd.Series]:
    return lambda time: (time >= first) & (time < last)


BREAKS: dict[str, tuple[str, str | None, Break]] = {
    "shuffle a segment column": ("orders", None, customers(segment=shuffled("segment"))),
    "swap two segments": ("orders", None, customers(segment=renamed("segment", {"vip": "bargain", "bargain": "vip"}))),
    "make segments equally frequent": ("customers", "segment", customers(segment=equally("segment"))),
    "everyone is standard": ("customers", "segment", customers(segment=lambda f: "standard")),
    "draw channels without segments": ("customers", "channel", customers(channel=shuffled("channel"))),
    "make countries equally frequent": ("customers", "country", customers(country=equally("country"))),
    "everybody has a phone": ("customers", "phone", customers(phone=lambda f: f["phone"].fillna("+1 212 555 0100"))),
    "nobody has a phone": ("customers", "phone", customers(phone=None)),
    "phones are missing by lot": ("customers", "phone", customers(phone=shuffled("phone"))),
    "one phone for all": (
        "customers",
        "phone",
        customers(phone=lambda f: f["phone"].where(f["phone"].isna(), "+1 212 555 0100")),
    ),
    "flatten weekdays": ("orders", None, spread_week),
    "flatten hours": ("orders", None, spread_hours),
    "flatten months": ("orders", None, lambda t: moved(t, t["orders"]["ordered_at"] + days(len(t["orders"]), -60, 60))),
    "round times to the hour": ("orders", None, at(lambda time: time.dt.ceil("h"))),
    "round times to the day": ("orders", None, at(lambda time: time.dt.ceil("D"))),
    "spread orders evenly over a life": ("orders", None, evenly),
    "reverse vintage": ("orders", None, mirrored),
    "make all cohorts alike": ("orders", None, alike),
    "keep survivors only": ("orders", None, survivors),
    "everybody orders": ("orders", None, buyers),
    "give orders to anyone": ("orders", None, by_lot),
    "cap orders per customer": ("orders", None, capped),
    "lose half of the orders": ("orders", None, only(lambda f: share(len(f), 0.5))),
    "lose two weeks": ("orders", None, only(lambda f: ~between("2023-09-04", "2023-09-18")(f["ordered_at"]))),
    "drop the sale": (
        "orders",
        None,
        only(lambda f: ~between("2023-06-05", "2023-06-19")(f["ordered_at"]) | share(len(f), 0.66)),
    ),
    "drop Black Friday": (
        "orders",
        None,
        only(
            lambda f: (
                ~f["ordered_at"].dt.normalize().isin(pd.to_datetime(["2022-11-25", "2023-11-24", "2024-11-29"]))
                | share(len(f), 0.4)
            )
        ),
    ),
    "lose orders of the past weeks": (
        "orders",
        None,
        only(lambda f: (f["ordered_at"] < "2024-10-01") | share(len(f), 0.6)),
    ),
    "begin from nothing": ("orders", None, ramped),
    "rule the days": ("orders", None, ruled),
    "pile up at the end": ("orders", "ordered_at", piled),
    "nobody from before the window": ("customers", "created_at", only_arrivals),
    "everybody from before comes at once": ("customers", "created_at", arrived),
    "fewer newcomers": ("customers", "created_at", fewer_late),
    "resample amounts without their segment": ("orders", "amount", orders(amount=shuffled("amount"))),
    "uniform amounts": ("orders", "amount", drawn(lambda r, n: r.uniform(2, 120, n))),
    "normal amounts": ("orders", "amount", drawn(lambda r, n: r.normal(60, 15, n))),
    "clip tails": ("orders", "amount", amounts(lambda a: np.clip(a, np.quantile(a, 0.03), np.quantile(a, 0.97)))),
    "a tenth more": ("orders", "amount", amounts(lambda a: a * 1.1)),
    "narrower amounts": (
        "orders",
        "amount",
        amounts(lambda a: np.exp((np.log(a) - np.log(a).mean()) * 0.8 + np.log(a).mean())),
    ),
    "prices rise": ("orders", "amount", growing),
    "statuses equally frequent": ("orders", "status", never_paid(equally("status"))),
    "nothing is refunded": ("orders", "status", orders(status=renamed("status", {"refunded": "paid"}))),
    "more is cancelled": (
        "orders",
        "status",
        never_paid(lambda f: f["status"].astype(object).mask(share(len(f), 0.05), "cancelled")),
    ),
    "paid within the hour": ("orders", "paid_at", paid_after(lambda wait: wait * 0 + pd.Timedelta(1, "h"))),
    "payment takes twice as long": ("orders", "paid_at", paid_after(lambda wait: wait * 2)),
    "nothing open at the end": ("orders", "paid_at", closed),
}
"""Its name, the table and the column where the report must find it, and the break."""
