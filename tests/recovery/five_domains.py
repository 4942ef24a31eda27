"""What an analyst estimates from the files of five documents: `domains/*.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import holidays
import numpy as np
import pandas as pd
import statsmodels.api as sm
import yaml
from lifelines import (
    CoxPHFitter,
    ExponentialFitter,
    LogLogisticFitter,
    LogNormalFitter,
    MixtureCureFitter,
    WeibullFitter,
)
from scipy import stats

from datagen.kinds.behaviors.support.seasonal_indices import PROFILES
from tests.recovery import estimators as by
from tests.recovery.estimators import DAY, MONTH, YEAR, Estimate, Found, logs, of_fit, of_lives

Tables = Mapping[str, pd.DataFrame]
END = "2025-01-01"
FOLDER = Path(__file__).parent / "domains"


def document(name: str) -> dict[str, Any]:
    """The document of a domain."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return found


# --- library ---------------------------------------------------------------------------------------------------------


def library(tables: Tables) -> Found:
    readers, loans, questions = tables["readers"], tables["loans"], tables["questions"]
    weeks = (pd.date_range("2021-01-01", END, freq="7D") - pd.Timestamp("2021-01-01")) / YEAR

    def logistic(level: float, midpoint: float, steepness: float) -> np.ndarray:
        return level * np.diff(1 / (1 + np.exp(-steepness * (np.asarray(weeks) - midpoint))))

    joined = np.histogram((readers["joined_at"] - pd.Timestamp("2021-01-01")) / YEAR, weeks)[0]
    middle = (pd.Timestamp("2022-09-01") - pd.Timestamp("2021-01-01")) / YEAR
    return [
        *by.curve_of_counts("arrival curve", {"midpoint": middle, "steepness": 2.5}, joined, logistic, 4000),
        *_library_rates(readers, loans),
        *_library_values(readers, loans),
        *of_lives(
            "retention",
            {"lambda_": 30, "rho_": 0.8},
            WeibullFitter(),
            *by.lives(readers["joined_at"], readers["left_at"], END),
        ),
        *by.popularity("popularity", 0.8, loans["title_id"], 150),
        *by.popularity("popularity", 1.3, loans["recommended_id"], 150),
        *by.gaps("gaps", {"shape": 2.5, "mean": 1 / 1.5}, questions["desk_id"], questions["asked_at"], END),
    ]


def _library_rates(readers: pd.DataFrame, loans: pd.DataFrame) -> Found:
    """Loans and exposure by ticket, year of joining and quarter of age."""
    quarter = 3 * MONTH
    left = readers["left_at"].fillna(pd.Timestamp(END))
    loans = loans.merge(readers, on="reader_id")
    loans["age"] = ((loans["lent_at"] - loans["joined_at"]) // quarter).clip(upper=3)
    parts = []
    for age in range(4):
        low = readers["joined_at"] + age * quarter
        high = left if age == 3 else np.minimum(left, readers["joined_at"] + (age + 1) * quarter)
        lived = ((high - low) / MONTH).clip(lower=0)
        parts.append(
            pd.DataFrame(
                {
                    "ticket": readers["ticket"].astype(str),
                    "year": readers["joined_at"].dt.year,
                    "age": age,
                    "months": lived,
                }
            )
        )
    keys = ["ticket", "year", "age"]
    cells = pd.concat(parts).groupby(keys)["months"].sum()
    lent = loans.assign(ticket=loans["ticket"].astype(str), year=loans["joined_at"].dt.year).groupby(keys).size()
    cells = cells[cells > 0].reset_index()
    counts = cells.set_index(keys).index.map(lent).fillna(0)
    design = by.dummies(cells, {"ticket": "adult", "year": 2021, "age": 0})
    fit = by.poisson(np.asarray(counts, float), design, cells["months"].to_numpy())
    return [
        *of_fit("segments on rates", logs({"ticket_child": 1.6, "ticket_senior": 0.7}), fit),
        *of_fit("vintage on rates", logs({"age_1": 1.2 / 1.5, "age_2": 0.9 / 1.5, "age_3": 0.7 / 1.5}), fit),
        *of_fit("cohorts", logs({"year_2022": 1.3, "year_2023": 1.0, "year_2024": 0.8}), fit),
        *of_fit("mean rate", logs({"const": 1.2 * 1.5}), fit),
    ]


def _library_values(readers: pd.DataFrame, loans: pd.DataFrame) -> Found:
    data = loans[["reader_id", "fine"]].merge(readers[["reader_id", "ticket"]], on="reader_id")
    fit = sm.OLS(np.log(data["fine"].to_numpy()), by.dummies(data, {"ticket": "adult"})).fit(method="qr")
    spread = np.sqrt(fit.mse_resid)
    return [
        *of_fit("segments on values", logs({"ticket_child": 0.5, "ticket_senior": 1.4}), fit),
        *of_fit("distribution", logs({"const": 3}), fit),
        Estimate("distribution", "sigma", 0.6, spread, spread / np.sqrt(2 * fit.df_resid)),
    ]


# --- power grid ------------------------------------------------------------------------------------------------------

START = "2021-01-01"
WEEKDAYS = dict.fromkeys(pd.date_range(START, periods=7).day_name(), 1.0) | {
    "Monday": 1.2,
    "Saturday": 0.7,
    "Sunday": 0.6,
}
MONTHS = dict.fromkeys(range(1, 13), 1.0) | {1: 1.4, 2: 1.3, 7: 0.8, 12: 1.5}


def power_grid(tables: Tables) -> Found:
    alarms = tables["alarms"]
    number = by.by_day(alarms["at"], START, END)
    loads = np.log(alarms["load"]).groupby(alarms["at"].dt.floor("D")).mean().to_numpy()
    hours = np.bincount(tables["faults"]["at"].dt.hour, minlength=24)
    return [
        *_faults(tables["substations"], tables["faults"]),
        *by.shares("hour", PROFILES["evening"], hours),
        *_losses(tables["faults"]),
        *by.autoregression("noise", (0.6, 0.2), np.log(number), float(np.mean(1 / number))),
        *by.autoregression("noise", (0.3, 0.12), loads, float(np.mean(0.4**2 / number))),
        *_trends(tables),
    ]


def _off(days: pd.DatetimeIndex) -> np.ndarray:
    """Which days are public holidays of the United States."""
    known = holidays.country_holidays("US", years=range(2021, 2025))
    return days.isin(pd.DatetimeIndex(list(known)))


def _calendar(days: pd.DatetimeIndex) -> pd.DataFrame:
    """Month, weekday and holiday of days, and the time in years from the window's start."""
    years = (days - pd.Timestamp(START)) / YEAR
    return pd.DataFrame({"month": days.month, "weekday": days.day_name(), "holiday": _off(days), "years": years})


def _faults(substations: pd.DataFrame, faults: pd.DataFrame) -> Found:
    """Counts by day and region; the day on which an effect begins in the morning is left out."""
    days = pd.date_range(START, END, inclusive="left")
    placed = faults.merge(substations, on="substation_id")
    parts = []
    for region, known in substations.groupby(substations["region"].astype(str)):
        own = by.by_day(placed.loc[placed["region"].astype(str) == region, "at"], START, END)
        storm = (days >= "2022-03-01") & (days < "2022-04-15")
        rebuilt = (days > "2023-05-10") & (region == "coast")
        cells = _calendar(days).assign(region=region, n=own, stations=len(known), storm=storm, rebuilt=rebuilt)
        parts.append(cells[days != "2023-05-10"])
    cells = pd.concat(parts, ignore_index=True)
    design = by.dummies(cells, {"month": 3, "weekday": "Tuesday", "region": "hills"})
    for name in ("years", "storm", "rebuilt", "holiday"):
        design[name] = cells[name].astype(float) + (0.5 / 365.25 if name == "years" else 0)
    fit = by.poisson(cells["n"], design, cells["stations"])
    return [
        *by.indices("month", "month", MONTHS, fit),
        *by.indices("weekday", "weekday", WEEKDAYS, fit),
        *of_fit("holidays", logs({"holiday": 0.6}), fit),
        *of_fit("trend", logs({"years": 1.15}), fit),
        *of_fit("interventions", logs({"storm": 1.7, "rebuilt": 1.5}), fit),
    ]


def _losses(faults: pd.DataFrame) -> Found:
    """Logarithms of values on month, hour and time."""
    at = faults["at"]
    cells = pd.DataFrame({"month": at.dt.month, "hour": at.dt.hour})
    design = by.dummies(cells, {"month": 3, "hour": 12})
    design["years"] = ((at - pd.Timestamp(START)) / YEAR).to_numpy()
    design["holiday"] = _off(pd.DatetimeIndex(at.dt.floor("D"))).astype(float)
    design["cheaper"] = (at >= "2024-02-01").astype(float).to_numpy()
    fit = sm.OLS(np.log(faults["lost"].to_numpy()), design).fit(method="qr")
    return [
        *by.indices("month", "month", dict.fromkeys(range(1, 13), 1.0) | {8: 1.5}, fit),
        *by.indices("hour", "hour", dict(enumerate(PROFILES["office"])), fit),
        *of_fit("holidays", logs({"holiday": 1.3}), fit),
        *of_fit("trend", logs({"years": 0.9}), fit),
        *of_fit("interventions", logs({"cheaper": 0.8}), fit),
    ]


def _trends(tables: Tables) -> Found:
    """Curves of growth by the counts of days; a day has the rate of its middle."""
    t = (np.arange((pd.Timestamp(END) - pd.Timestamp(START)).days) + 0.5) / 365.25

    def since(date: str) -> float:
        return (pd.Timestamp(date) - pd.Timestamp(START)) / YEAR

    def linear(level: float, growth: float) -> np.ndarray:
        return level * (1 + growth * t)

    def logistic(level: float, midpoint: float, steepness: float, ceiling: float) -> np.ndarray:
        shape = 1 + (ceiling - 1) / (1 + np.exp(-steepness * (t - midpoint)))
        return level * shape / (1 + (ceiling - 1) / (1 + np.exp(steepness * midpoint)))

    def faded(level: float, scale: float, times: float, half_life: float) -> np.ndarray:
        later = (t - since("2023-03-01")) * 365.25
        return (
            level
            * (1 + scale * np.log1p(t))
            * np.where(later > 0, 1 + (times - 1) * 0.5 ** (np.maximum(later, 0) / half_life), 1)
        )

    first, second = since("2022-07-01"), since("2023-09-01")

    def bent(level: float, one: float, two: float, three: float) -> np.ndarray:
        spent = np.clip(t, 0, first), np.clip(t - first, 0, second - first), np.clip(t - second, 0, None)
        return level * np.exp(sum(g * s for g, s in zip((one, two, three), spent, strict=True)))

    middle = {"midpoint": since("2022-10-01"), "steepness": 5.0, "ceiling": 3.0}
    pieces = logs({"growth": 1.1, "second growth": 1.6, "third growth": 0.7})
    cases: list[tuple[str, dict[str, float], Callable[..., np.ndarray]]] = [
        ("repairs", {"linear growth": 0.4}, linear),
        ("inspections", middle, logistic),
        ("readings", {"scale": 0.7, "decaying": 3.0, "half-life": 60.0}, faded),
        ("upgrades", pieces, bent),
    ]
    found: Found = []
    for table, planted, curve in cases:
        found += by.curve_of_counts("trend", planted, by.by_day(tables[table]["at"], START, END), curve, 15.0)
    fading = ("decaying", "half-life")
    return [
        Estimate("interventions" if e.parameter in fading else e.kind, e.parameter, e.planted, e.found, e.error)
        for e in found
    ]


# --- streaming -------------------------------------------------------------------------------------------------------


def streaming(tables: Tables) -> Found:
    listeners, plays, skips = tables["listeners"], tables["plays"], tables["skips"]
    window = ("2022-01-01", END)
    t = (np.arange((pd.Timestamp(END) - pd.Timestamp("2022-01-01")).days) + 0.5) / 365.25
    joined = by.by_day(listeners["joined_at"], *window)
    stays = tables["stays"].merge(listeners, on="listener_id")
    stays["family"] = (stays["plan"].astype(str) == "family").astype(float)
    stays["next_state"] = stays["next_state"].astype(object).where(stays["next_state"].notna(), "open")
    states = {str(name): part for name, part in stays.groupby(stays["state"].astype(str))}
    return [
        *by.curve_of_counts(
            "arrival curve", logs({"growth": 1.6}), joined, lambda level, g: level * np.exp(g * t), 3.0
        ),
        *_shares(states),
        *_stays(states),
        *_hazards(states["paying"]),
        *by.hawkes("hawkes", {"base": 0.25, "branching": 0.5, "decay": 0.25}, plays["player_id"], plays["at"], window),
        *by.hawkes("hawkes", {"base": 0.28, "branching": 0.3, "decay": 2.0}, skips["player_id"], skips["at"], window),
    ]


def _length(stays: pd.DataFrame, unit: pd.Timedelta) -> tuple[np.ndarray, np.ndarray]:
    return by.lives(stays["entered_at"], stays["left_at"], END, unit)


def _shares(states: Tables) -> Found:
    """Where stays that ended went on to; the length of a stay does not depend on it."""
    trial = states["trial"][states["trial"]["next_state"] != "open"]
    fit = sm.Logit((trial["next_state"] == "paying").astype(float), sm.add_constant(trial[["family"]])).fit(disp=0)
    found = [
        *of_fit("transition shares", logs({"const": 0.65 / 0.35}), fit),
        *of_fit("segments on transitions", logs({"family": 2.0}), fit),
    ]
    for state, share in {"paused": 0.75, "gift": 0.3}.items():
        ended = states[state][states[state]["next_state"] != "open"]
        seen = (ended["next_state"] == "paying").mean()
        found.append(Estimate("transition shares", state, share, seen, np.sqrt(seen * (1 - seen) / len(ended))))
    trials = int((states["trial"].groupby("listener_id").size() > 0).sum())
    everyone = trials + states["gift"]["listener_id"].nunique()
    error = np.sqrt(0.8 * 0.2 / everyone)
    return [*found, Estimate("transition shares", "start", 0.8, trials / everyone, error)]


def _stays(states: Tables) -> Found:
    planted = {"mu_": float(np.log(12)), "sigma_": 0.5}
    return [
        *of_lives("stays", planted, LogNormalFitter(), *_length(states["trial"], DAY)),
        *of_lives("stays", {"lambda_": 40}, ExponentialFitter(), *_length(states["paused"], DAY)),
    ]


def _hazards(paying: pd.DataFrame) -> Found:
    """Laws of each exit, the other one being censoring; what a plan multiplies by Cox's regression."""
    months, _ = _length(paying, MONTH)
    solo = (paying["family"] == 0).to_numpy()
    gone, paused = ((paying["next_state"] == to).to_numpy() for to in ("gone", "paused"))
    found = [
        *of_lives("hazards", {"lambda_": 14}, ExponentialFitter(), months[solo], gone[solo]),
        *of_lives("hazards", {"lambda_": 12, "rho_": 1.5}, WeibullFitter(), months[solo], paused[solo]),
    ]
    for seen, times in ((gone, 0.5), (paused, 1.4)):
        data = pd.DataFrame({"months": months, "seen": seen, "family": paying["family"].to_numpy()})
        fit = CoxPHFitter().fit(data, "months", "seen").summary.loc["family"]
        found.append(
            Estimate("segments on transitions", f"hazard {times:g}", float(np.log(times)), fit["coef"], fit["se(coef)"])
        )
    return found


# --- airport ---------------------------------------------------------------------------------------------------------


def airport(tables: Tables) -> Found:
    flyers, departures = tables["flyers"], tables["departures"]
    weeks = np.asarray((pd.date_range(START, END, freq="7D") - pd.Timestamp(START)) / YEAR)
    joined = np.histogram((flyers["joined_at"] - pd.Timestamp(START)) / YEAR, weeks)[0]

    def bass(level: float, log_p: float, log_q: float) -> np.ndarray:
        p, q = np.exp(log_p), np.exp(log_q)
        left = np.exp(-(p + q) * weeks)
        return level * np.diff((1 - left) / (1 + q / p * left))

    return [
        *by.curve_of_counts("arrival curve", logs({"p": 0.08, "q": 2.0}), joined, bass, 5200),
        *_flyers(tables),
        *_bags(tables["bags"]),
        *by.gaps("gaps", {"shape": 0.6, "mean": 1.0}, departures["gate_id"], departures["at"], END),
        *by.popularity("popularity", 1.0, departures["airline_id"], 60, shift=2),
    ]


def _flyers(tables: Tables) -> Found:
    """Negative-binomial regressions on exposure; what two tables share shows in the covariance of their rates."""
    flyers = tables["flyers"]
    months = ((pd.Timestamp(END) - flyers["joined_at"]) / MONTH).to_numpy()
    counts = {
        name: flyers["flyer_id"].map(tables[name].groupby("flyer_id").size()).fillna(0).to_numpy()
        for name in ("trips", "lounges", "shops", "upgrades")
    }
    fit = by.negative_binomial(counts["trips"], by.dummies(flyers, {"card": "blue"}), months)
    cards = logs({"card_gold": 1.8, "card_black": 3.0})
    found = [*of_fit("segments on rates", cards, fit), *of_fit("frailty", {"alpha": 0.7}, fit)]
    found += of_fit("mean rate", logs({"const": 0.5}), fit)
    one = pd.DataFrame({"const": np.ones(len(months))})
    for name in ("lounges", "shops"):
        found += of_fit("frailty", {"alpha": 0.5}, by.negative_binomial(counts[name], one, months))
    found += [
        _moment("shared", 0.5, counts["lounges"] * counts["shops"], months, 0.3),
        _moment("lognormal", 0.4, counts["upgrades"] * (counts["upgrades"] - 1), months, 0.3),
    ]
    trips = tables["trips"].merge(flyers, on="flyer_id")
    values = sm.OLS(np.log(trips["miles"].to_numpy()), by.dummies(trips, {"card": "blue"})).fit(method="qr")
    return [*found, *of_fit("segments on values", logs({"card_gold": 1.3, "card_black": 2.2}), values)]


def _moment(name: str, planted: float, products: np.ndarray, months: np.ndarray, rate: float) -> Estimate:
    """Factorial moments of the second order over what they would be of equals: 1 + the variance of the multiplier."""
    due = (rate * months) ** 2
    ratio = products.sum() / due.sum()
    error = np.sqrt(((products - ratio * due) ** 2).sum()) / due.sum()
    return Estimate("frailty", name, planted, ratio - 1, error)


def _bags(bags: pd.DataFrame) -> Found:
    scores = {
        "weight": np.log(bags["weight"]),
        "girth": bags["girth"],
        "fee": stats.norm.ppf(stats.expon(scale=30).cdf(bags["fee"])),
        "wait": stats.norm.ppf(stats.gamma(2, scale=12.5).cdf(bags["wait"])),
        "layers": stats.norm.ppf(stats.weibull_min(1.5, scale=8).cdf(bags["layers"])),
    }
    planted = {("weight", "girth"): 0.6, ("weight", "fee"): 0.4, ("girth", "fee"): 0.0, ("weight", "wait"): 0.0}
    found = [by.correlation("correlations", f"{a} {b}", rho, (scores[a], scores[b])) for (a, b), rho in planted.items()]
    for a, b, tau in (("fee", "wait", -0.3), ("girth", "layers", 0.2)):
        rho = np.sin(np.pi * tau / 2)
        error = np.sqrt(4 / len(bags) * (1 / 9 - (2 / np.pi * np.arcsin(rho / 2)) ** 2))  # Esscher (1924)
        found.append(Estimate("correlations", f"{a} {b}", tau, stats.kendalltau(bags[a], bags[b]).statistic, error))
    return found


# --- farm ------------------------------------------------------------------------------------------------------------


def farm(tables: Tables) -> Found:
    return [*_ages(tables), *_yields(tables), *_stocks(tables), *_stock_lives(tables)]


def _seasoned(age: np.ndarray, start: float, end: float) -> np.ndarray:
    rising = np.minimum(start + (1 - start) * age / 9, 1)
    return rising * (1 - np.clip((age - 15) / 21, 0, 1) * (1 - end))


CURVES: dict[str, tuple[dict[str, float], Callable[..., np.ndarray], float]] = {
    "visits": ({"rate": 0.15, "floor": 0.3}, lambda x, rate, floor: floor + (1 - floor) * np.exp(-rate * x), 0.8),
    "calls": ({"exponent": -0.5}, lambda x, power: (1 + x) ** power, 1.2),
    "tests": (
        {"scale": 10, "shape": 0.7, "floor": 0.2},
        lambda x, scale, shape, floor: floor + (1 - floor) * np.exp(-((x / scale) ** shape)),
        1.2,
    ),
    "doses": ({"slope": 0.4}, lambda x, slope: 1 + slope * np.log1p(x), 0.4),
    "feeds": ({"slope": 0.05}, lambda x, slope: 1 + slope * x, 0.4),
    "moves": ({"less": 0.75}, lambda x, less: (1 - less) ** (x / 12), 1.2),
    "births": ({"start": 0.2, "end": 0.3}, _seasoned, 0.6),
    "milkings": (
        {"six": 1.5, "eighteen": 0.6},
        lambda x, six, eighteen: np.where(x < 6, 1.0, np.where(x < 18, six, eighteen)),
        0.5,
    ),
}
"""Parameters and multiplier by months of age, and events per month, of each table below the cows."""


def _ages(tables: Tables) -> Found:
    """Events and exposure by fine bins of age."""
    cows = tables["cows"]
    low = np.maximum(((pd.Timestamp(START) - cows["born_at"]) / MONTH).to_numpy(), 0)
    high = ((pd.Timestamp(END) - cows["born_at"]) / MONTH).to_numpy()
    edges = np.union1d(np.r_[0, np.geomspace(0.02, 6, 60)], np.r_[np.arange(6, high.max() + 1, 0.5)])
    middle, months = (edges[1:] + edges[:-1]) / 2, by.exposed(low, high, edges)
    found: Found = []
    for table, (planted, curve, rate) in CURVES.items():
        events = tables[table].merge(cows, on="cow_id")
        counts = np.histogram((events["at"] - events["born_at"]) / MONTH, edges)[0]
        found += by.curve_of_counts(
            "age curves on rates",
            {f"{table} {name}": value for name, value in planted.items()},
            counts,
            lambda level, *p, curve=curve: level * months * curve(middle, *p),
            rate,
        )
    return found


def _yields(tables: Tables) -> Found:
    """Logarithms of values on curves of age, by least squares."""
    cases: dict[tuple[str, str], tuple[dict[str, float], Callable[..., np.ndarray], float]] = {
        ("milkings", "litres"): (
            {"half-life": 8, "floor": 0.4},
            lambda x, half, floor: floor + (1 - floor) * 0.5 ** (x / half),
            np.log(25),
        ),
        ("feeds", "kilos"): (
            {"exponent": 0.3, "scale": 2},
            lambda x, power, scale: (1 + x / scale) ** power,
            np.log(6),
        ),
    }
    found: Found = []
    for (table, column), (planted, curve, level) in cases.items():
        data = tables[table].merge(tables["cows"], on="cow_id")
        age = ((data["at"] - data["born_at"]) / MONTH).to_numpy()
        fit, covariance = by.curve_fit(
            lambda x, level, *p, curve=curve: level + np.log(curve(x, *p)),
            age,
            np.log(data[column].to_numpy()),
            p0=[level, *planted.values()],
        )
        found += by.named("age curves on values", planted, fit[1:], covariance[1:, 1:])
    return found


def _stocks(tables: Tables) -> Found:
    """Curves of arrival by counts of weeks and days."""
    hens, cows = tables["hens"], tables["cows"]
    weeks = np.asarray((pd.date_range(START, END, freq="7D") - pd.Timestamp(START)) / YEAR)
    born = np.histogram((hens["born_at"] - pd.Timestamp(START)) / YEAR, weeks)[0]
    t = (np.arange(1461) + 0.5) / 365.25
    within = cows.loc[cows["born_at"] >= START, "born_at"]
    peak = (pd.Timestamp("2022-03-01") - pd.Timestamp(START)) / YEAR
    kind = "arrival curve"
    return [
        *by.curve_of_counts(
            kind,
            {"peak": peak, "steepness": 2.0},
            born,
            lambda level, peak, c: level * np.diff(np.exp(-np.exp(-c * (weeks - peak)))),
            3000,
        ),
        *by.curve_of_counts(
            kind, {"linear growth": 0.3}, by.by_day(within, START, END), lambda level, g: level * (1 + g * t), 1.2
        ),
    ]


def _stock_lives(tables: Tables) -> Found:
    def lived(table: str, born: str, ended: str) -> tuple[np.ndarray, np.ndarray]:
        return by.lives(tables[table][born], tables[table][ended], END)

    hens, trees = lived("hens", "born_at", "died_at"), lived("trees", "planted_at", "fell_at")
    pumps, tools = lived("pumps", "installed_at", "failed_at"), lived("tools", "bought_at", "broken_at")
    kind = "retention"
    return [
        *of_lives(kind, {"rate_": 0.03, "growth_": 0.06}, by.GompertzFitter(), *hens),
        *of_lives(kind, {"alpha_": 20, "beta_": 1.6}, LogLogisticFitter(), *trees),
        *of_lives(kind, {"cured_fraction_": 0.25, "lambda_": 18}, MixtureCureFitter(ExponentialFitter()), *pumps),
        *of_lives(kind, {"shape_": 2, "scale_": 20}, by.LomaxFitter(), *tools),
        *by.shifted_beta_geometric(kind, {"alpha": 1.3, "beta": 5}, *lived("shares", "begun_at", "ended_at")),
    ]


DOMAINS: dict[str, Callable[[Tables], Found]] = {
    "library": library,
    "power_grid": power_grid,
    "streaming": streaming,
    "airport": airport,
    "farm": farm,
}
