"""Ways to forge data that keep most of what a table shows: copies at other times, lost digits, written text, order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.validation.breaks.corpus import Break, Change, all_, is_, more, on, part, rounded, shuffled
from tests.validation.worlds import Tables, rng

START, END = pd.Timestamp("2022-03-01"), pd.Timestamp("2024-03-01")
P, C, D = "policies", "claims", "insurer"
DRAWN = ("amount", "ratio", "deductible", "cause", "score", "rank")


def of_policy(tables: Tables, column: str) -> pd.Series:
    """The cell of each claim's policy."""
    return tables[C]["policy_id"].map(tables[P].set_index("policy_id")[column])


def claims(change: Callable[[pd.DataFrame, Tables], pd.DataFrame], column: str | None = None) -> Break:
    """Claims changed, under new keys in the order of policies and times."""

    def broken(tables: Tables) -> Tables:
        made = change(tables[C].copy(), tables).sort_values(["policy_id", "at"], kind="stable")
        return {**tables, C: made.assign(claim_id=np.arange(1, len(made) + 1))}

    return D, C, column, broken


def later(where: Callable[[pd.DataFrame, Tables], np.ndarray], by: Callable[[pd.DataFrame], object]) -> Break:
    """Claims at other times; those that would go where they cannot stay."""

    def change(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
        new = frame["at"] + by(frame)  # type: ignore[operator]
        possible = where(frame, tables) & (new >= START) & (new < END) & (new >= of_policy(tables, "signed_at"))
        waits = frame["closed_at"] - frame["at"]
        at = frame["at"].where(~possible, new)
        return frame.assign(at=at, closed_at=at + waits)

    return claims(change)


def copied_stretch(first: str, second: str, days: int) -> Break:
    """Claims of one stretch of days in place of those of another."""
    one, other = pd.Timestamp(first), pd.Timestamp(second)
    length = pd.Timedelta(days, "D")

    def change(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
        again = frame[frame["at"].between(one, one + length)]
        again = again.assign(at=again["at"] + (other - one), closed_at=again["closed_at"] + (other - one))
        return pd.concat([frame[~frame["at"].between(other, other + length)], again])

    return claims(change)


def repeated(columns: tuple[str, ...]) -> Change:
    """The cells of a twentieth of the file a second time elsewhere."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        size, cells = len(frame) // 20, {}
        for name in columns:
            cells[name] = frame[name].to_numpy(object).copy()
            cells[name][10 * size : 11 * size] = cells[name][2 * size : 3 * size]
        return frame.assign(**{n: pd.Series(c, frame.index).astype(frame[n].dtype) for n, c in cells.items()})

    return change


def written(column: str, share: float, change: Callable[[pd.Series], pd.Series]) -> Change:
    """A share of the texts written otherwise."""
    return lambda f: f.assign(
        **{column: f[column].astype(object).mask(rng().random(len(f)) < share, change(f[column]))}
    )


def next_row(column: str, most: int) -> Change:
    """References of a fifth of the file one row further."""
    where = part(0.4, 0.6)
    return lambda f: f.assign(**{column: np.where(where(f), np.minimum(f[column] + 1, most), f[column])})


def opposite(column: str, other: str) -> Change:
    """Half of the cells go with those of another column for one cause, and against them for another one."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        cells, facing = frame[column].to_numpy(copy=True), frame[other].to_numpy()
        for cause, sign in (("water", 1), ("glass", -1)):
            at = np.flatnonzero((frame["cause"] == cause).to_numpy() & (rng().random(len(frame)) < 0.5))
            cells[at[np.argsort(facing[at], kind="stable")]] = np.sort(cells[at])[::sign]
        return frame.assign(**{column: cells})

    return change


def extremes(column: str) -> Change:
    """The largest cells replaced by others."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        cells = frame[column].to_numpy(copy=True)
        high = cells > np.quantile(cells, 0.995)
        cells[high] = rng().choice(cells[~high], int(high.sum()))
        return frame.assign(**{column: cells})

    return change


def exchanged(frame: pd.DataFrame) -> pd.DataFrame:
    hit = rng().random(len(frame)) < 0.05
    amount, own = frame["amount"], frame["deductible"]
    taken = amount.clip(50, 500).round().astype(own.dtype)
    return frame.assign(amount=amount.mask(hit, own.astype(float)), deductible=own.mask(hit, taken))


def followed(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Some claims come within minutes after the one before."""
    before = frame.groupby("policy_id")["at"].shift(1)
    hit = before.notna() & (rng().random(len(frame)) < 0.06)
    wait = pd.to_timedelta(rng().integers(1, 600_000_000, len(frame)), "us")
    at = frame["at"].mask(hit, before + wait)
    return frame.assign(at=at, closed_at=at + (frame["closed_at"] - frame["at"]))


def rare(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    return frame[~(frame.groupby("policy_id")["at"].diff() < pd.Timedelta(3, "D"))]


def young(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    return frame[frame["at"] - of_policy(tables, "signed_at") >= pd.Timedelta(30, "D")]


def cheap(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    premium = of_policy(tables, "premium")
    return frame[~((premium < premium.quantile(0.3)) & (rng().random(len(frame)) < 0.25))]


def sampled(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    return frame[~((frame["amount"] > frame["amount"].quantile(0.7)) & (rng().random(len(frame)) < 0.15))]


def by_discount(tables: Tables) -> Tables:
    given = of_policy(tables, "discount").fillna(0.25)
    return {**tables, C: tables[C].assign(amount=(tables[C]["amount"] * (0.875 + 0.5 * given)).round(2))}


def by_city(tables: Tables) -> Tables:
    """The effect of one tier differs between cities."""
    gold, rome = of_policy(tables, "tier") == "gold", of_policy(tables, "city") == "Rome"
    factor = np.where(gold & rome, 0.85, np.where(gold, 1.1, 1.0))
    return {**tables, C: tables[C].assign(amount=(tables[C]["amount"] * factor).round(2))}


def of_tier(tier: str, column: str) -> Callable[[Tables], Tables]:
    def broken(tables: Tables) -> Tables:
        where = (of_policy(tables, "tier") == tier).to_numpy()
        return {**tables, C: shuffled(column, lambda f: where)(tables[C])}

    return broken


def missing_together(frame: pd.DataFrame) -> pd.DataFrame:
    """Phones are missing where discounts are."""
    phone = frame["phone"].fillna("+39 111 1234567").astype(object)
    return frame.assign(phone=phone.where(frame["discount"].notna(), None))


def to_monday(frame: pd.DataFrame) -> pd.DataFrame:
    days = frame["closed_at"].dt.dayofweek.map({5: 2, 6: 1}).fillna(0)
    return frame.assign(closed_at=frame["closed_at"] + pd.to_timedelta(days, "D"))


def at_night(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(at=frame["at"].mask(rng().random(len(frame)) < 1 / 3, frame["at"].dt.ceil("ms")))


def single(where: Callable[[pd.DataFrame], np.ndarray]) -> Change:
    """Numbers that went through single precision."""
    return lambda f: f.assign(ratio=f["ratio"].mask(where(f), f["ratio"].astype("float32").astype("float64")))


def smoothed(frame: pd.DataFrame) -> pd.DataFrame:
    before = frame["score"].shift(1)
    return frame.assign(score=((frame["score"] + before) / 2**0.5).round(3).fillna(frame["score"]))


def copies(frame: pd.DataFrame) -> pd.DataFrame:
    """Some rows have the drawn cells of others."""
    at, source = rng().permutation(len(frame))[:180].reshape(2, 90)
    cells = {name: frame[name].to_numpy(object).copy() for name in DRAWN}
    for column in cells.values():
        column[at] = column[source]
    return frame.assign(**{n: pd.Series(c, frame.index).astype(frame[n].dtype) for n, c in cells.items()})


def any_(share: float) -> Callable[[pd.DataFrame, Tables], np.ndarray]:
    return lambda f, tables: rng().random(len(f)) < share


FORGERIES: dict[str, Break] = {
    "cells of two columns exchanged in a twentieth of the rows": on(D, C, "amount", exchanged),
    "a third of the claims an hour later": later(any_(0.3), lambda f: pd.Timedelta(1, "h")),
    "clocks an hour later in summer": later(
        lambda f, t: f["at"].dt.month.between(4, 10), lambda f: pd.Timedelta(1, "h")
    ),
    "clocks of another zone": later(any_(1.0), lambda f: pd.Timedelta(330, "min")),
    "claims pile up on the first of the month": later(any_(0.06), lambda f: -pd.to_timedelta(f["at"].dt.day - 1, "D")),
    "a week in place of the next one": copied_stretch("2023-05-01", "2023-05-08", 7),
    "a month in place of that of the next year": copied_stretch("2022-11-01", "2023-11-01", 30),
    "cells of a block a second time": on(D, C, None, repeated(DRAWN)),
    "one number of a block a second time": on(D, C, None, repeated(("ratio",))),
    "amounts up to a limit": on(D, C, "amount", lambda f: f.assign(amount=f["amount"].clip(upper=3000.0))),
    "extreme amounts are gone": on(D, C, "amount", extremes("amount")),
    "times on whole milliseconds in a third of the rows": on(D, C, "at", at_night),
    "ratios of single precision": on(D, C, "ratio", single(all_)),
    "ratios of single precision in a tenth of the file": on(D, C, "ratio", single(part(0.2, 0.3))),
    "ratios with 6 decimals": on(D, C, "ratio", lambda f: f.assign(ratio=f["ratio"].round(6))),
    "a zero at the end of a tenth of the amounts": on(
        D, C, "amount", rounded("amount", lambda f: rng().random(len(f)) < 0.1, 1)
    ),
    "a tenth of the amounts end in 99": on(
        D, C, "amount", lambda f: f.assign(amount=f["amount"].mask(rng().random(len(f)) < 0.1, f["amount"] // 1 + 0.99))
    ),
    "ninety rows are copies of others": on(D, C, None, copies),
    "codes of the thousand rows before": on(
        D, C, "code", lambda f: f.assign(code=f["code"].to_numpy()[np.arange(len(f)) % 1000])
    ),
    "one name more often": on(D, P, "holder", written("holder", 0.03, lambda s: s.iloc[7])),
    "two causes in one": on(D, C, "cause", more("cause", "water", is_("cause", "storm"), 1.0)),
    "a rare cause goes to a frequent one": on(D, C, "cause", more("cause", "glass", is_("cause", "fire"), 0.3)),
    "the effect of a tier in one city only": (D, C, "amount", by_city),
    "with one cause, against another": on(D, C, "ratio", opposite("ratio", "deductible")),
    "no correlation within a tier": (D, C, "rank", of_tier("plus", "rank")),
    "no correlation within a cause": on(D, C, "rank", shuffled("rank", is_("cause", "storm"))),
    "large amounts are sampled less": claims(sampled, "amount"),
    "amounts go with the policy's discount": (D, C, "amount", by_discount),
    "scores go with the one before": on(D, C, "score", smoothed),
    "adjusters one further in a fifth of the file": on(D, C, "adjuster_id", next_row("adjuster_id", 25)),
    "policies one further in a fifth of the file": on(D, C, None, next_row("policy_id", 1500)),
    "no claim within three days after another": claims(rare),
    "claims within minutes after another": claims(followed),
    "no claims of the young": claims(young),
    "fewer claims of cheap policies": claims(cheap),
    "closed on working days": on(D, C, "closed_at", to_monday),
    "names cut": on(D, P, "holder", written("holder", 1.0, lambda s: s.str[:11])),
    "a space after some names": on(D, P, "holder", written("holder", 0.05, lambda s: s + " ")),
    "some names in capitals": on(D, P, "holder", written("holder", 0.03, lambda s: s.str.upper())),
    "some names of the row before": on(D, P, "holder", written("holder", 0.05, lambda s: s.shift(1).fillna("Ann Lee"))),
    "names in the order of the alphabet": on(
        D, P, "holder", lambda f: f.assign(holder=np.sort(f["holder"].to_numpy(object)))
    ),
    "codes in sequence": on(D, C, "code", lambda f: f.assign(code=[f"CL-{k % 100_000:05}" for k in range(len(f))])),
    "a space after some causes": on(D, C, "cause", written("cause", 0.1, lambda s: s.astype(str) + " ")),
    "phones are missing where discounts are": on(D, P, "phone", missing_together),
}
