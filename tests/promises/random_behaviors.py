"""Behaviors of any kind for a random document: many are right, some are not."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

Json = dict[str, Any]


def behaviors(dice: random.Random, made: Json, name: str) -> list[Json]:
    """Up to four behaviors of a table."""
    makers = (_segments, _latent, _vintage, _retention, _frailty, _trend, _season, _dated, _noise, _purchases)
    expected = [dice.choice(makers) for _ in range(dice.choice([0, 0, 1, 2, 4]))]
    return [maker(dice, made, name) for maker in expected]


def _target(dice: random.Random, made: Json, name: str, *, rate: bool | None = None) -> str:
    """A table whose rate is multiplied, or a column of one."""
    tables = [other for other in made["tables"] if other != name]
    near = [other for other in tables if made["tables"][other].get("parent") == name]
    table: str = dice.choice(near or tables or [name])
    numbers = [c for c in ("amount", "fee", "score", "looked", "steps") if c in made["tables"][table]["columns"]]
    if rate or not numbers or (rate is None and dice.random() < 0.6):
        return table
    return f"{table}.{dice.choice(numbers)}"


def _of(dice: random.Random, made: Json, name: str) -> Json:
    numbers = [c for c in ("amount", "fee", "score", "looked") if c in made["tables"][name]["columns"]]
    return {"of": dice.choice(numbers)} if numbers and dice.random() < 0.4 else {}


def _at(dice: random.Random, made: Json) -> str:
    start, end = (dt.datetime.fromisoformat(made["window"][key]) for key in ("start", "end"))
    return (start + (end - start) * dice.uniform(0.1, 0.9)).isoformat(timespec="seconds")


def _segments(dice: random.Random, made: Json, name: str) -> Json:
    one, two = _target(dice, made, name), _target(dice, made, name)
    return {"type": "segments", "column": "grade", "multiply": {"a": {one: 3.0, two: 0.5}, "c é": {two: 0.0}}}


def _latent(dice: random.Random, made: Json, name: str) -> Json:
    hidden = {"name": "habit", "values": {"loyal": 1, "casual": 4}}
    return {"type": "segments", "latent": hidden, "multiply": {"loyal": {_target(dice, made, name): 4}}}


def _vintage(dice: random.Random, made: Json, name: str) -> Json:
    age: Json = dice.choice(
        [
            {"type": "points", "values": [1.0, 0.6, 0.0, 0.3]},
            {"type": "decay_by", "less": 0.75, "after": 6},
            {"type": "exponential", "half_life": 4, "floor": 0.2},
            {"type": "linear", "slope": 0.05, "ceiling": 3},
            {"type": "logarithmic", "slope": -0.25, "floor": 0.2},
            {"type": "power", "exponent": -0.5, "floor": 0.1},
            {"type": "seasoning"},
            {"type": "steps", "steps": [{"from": 3, "value": 0.6}, {"from": 12, "value": 0.3}]},
            {"type": "weibull", "scale": 9, "shape": 0.7, "floor": 0.1},
        ]
    )
    return {
        "type": "vintage",
        "unit": dice.choice(["day", "week", "month"]),
        "multiply": {_target(dice, made, name): age},
    }


def _retention(dice: random.Random, made: Json, name: str) -> Json:
    life: Json = dice.choice(
        [
            {"type": "sbg", "alpha": 0.7, "beta": 4, "unit": "day"},
            {"type": "weibull", "shape": 0.8, "scale": 10, "cure_share": 0.1},
            {"type": "exponential", "mean": 3},
            {"type": "gompertz", "rate": 0.02, "growth": 0.05},
            {"type": "log_logistic", "shape": 1.6, "scale": 8, "unit": "week"},
            {"type": "lomax", "shape": 1.5, "scale": 12},
        ]
    )
    one: Json = {"type": "retention", "lifetime": life}
    if dice.random() < 0.5:
        one["truth_column"] = "alive_until"
    if dice.random() < 0.3:
        one["by"] = {"column": "grade", "cases": {"a": {"type": "exponential", "mean": 30}}}
    if dice.random() < 0.3:
        one["reactivation"] = {"share": 0.5, "after": {"type": "exponential", "mean": 1}, "most": 2}
    return one | ({"never_active_share": 0.3} if dice.random() < 0.3 else {})


def _frailty(dice: random.Random, made: Json, name: str) -> Json:
    law = dice.choice(["gamma", "lognormal"])
    one = {"type": "frailty", "of": [_target(dice, made, name)], "dispersion": dice.choice([0.1, 3]), "law": law}
    return one | ({"truth": "activity"} if dice.random() < 0.5 else {})


def _trend(dice: random.Random, made: Json, name: str) -> Json:
    growth = dice.choice([0.3, -0.4, 20])
    shape: Json = dice.choice(
        [
            {"shape": "linear", "growth_per_year": growth},
            {"shape": "exponential", "growth_per_year": growth},
            {"shape": "logarithmic", "scale": 0.5},
            {"shape": "logistic", "midpoint": _at(dice, made), "steepness_per_year": 5, "ceiling": 4},
            {"shape": "piecewise", "growth_per_year": 0.1, "points": [{"at": _at(dice, made), "growth_per_year": 3}]},
            {"shape": "piecewise", "levels": [{"at": _at(dice, made), "level": dice.choice([0, 2])}]},
        ]
    )
    return {"type": "trend", **shape, **_of(dice, made, name)}


def _season(dice: random.Random, made: Json, name: str) -> Json:
    parts: Json = {
        "month": {"nov": 1.3, "dec": 1.6},
        "weekday": {"sat": 0, "sun": 0.3},
        "hour": dice.choice(["retail", "office", {"3": 0, "2": 5}]),
        "holidays": dice.choice(
            ["US", "DE", {"country": "US", "named": {"Black Friday": {"multiply": 3, "days_after": 3}}}]
        ),
        "paydays": {"days": [15, "last"], "multiply": 1.2, "spread_days": 2},
        "fourier": [{"period": dice.choice(["year", "week", "day"]), "amplitude": 0.9, "peak": "1d"}],
        "time_zone": dice.choice(["Europe/Oslo", "Australia/Lord_Howe", {"column": "zone"}]),
        "by": {"column": "grade", "cases": {"a": {"hour": "night"}, "b": {"weekday": {"sat": 4}}}},
    }
    chosen = {part: value for part, value in parts.items() if dice.random() < 0.35}
    return {"type": "seasonality", "hour": "retail", **chosen, **_of(dice, made, name)}


def _dated(dice: random.Random, made: Json, name: str) -> Json:
    effects: list[Json] = [
        {"from": _at(dice, made), "multiply": dice.choice([0, 0.3, 5])},
        {"from": made["window"]["start"], "to": _at(dice, made), "multiply": 2, "shape": "ramp", "ramp_days": 0.4},
        {"from": _at(dice, made), "multiply": 5, "shape": "decay", "half_life_days": 1},
        {"from": _at(dice, made), "multiply": 5, "where": {"column": "grade", "values": ["a"]}},
    ]
    return {"type": "interventions", "effects": dice.sample(effects, dice.randint(1, 3)), **_of(dice, made, name)}


def _noise(dice: random.Random, made: Json, name: str) -> Json:
    return {
        "type": "noise",
        "rho": dice.choice([0, 0.5, 0.95]),
        "sd": dice.choice([0.05, 0.9]),
        **_of(dice, made, name),
    }


def _purchases(dice: random.Random, made: Json, name: str) -> Json:
    of = {"of": _target(dice, made, name, rate=True), "unit": dice.choice(["day", "week", "month"])}
    if dice.random() < 0.5:
        return {"type": "bg_nbd", **of, "r": 0.25, "a": 0.8, "b": 2.4}
    return {"type": "pareto_nbd", **of, "r": 0.55, "s": 0.6, "beta": 11.7, "truth_column": "gone"}
