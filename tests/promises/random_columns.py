"""Columns of any kind for a random document: many are right, some are not."""

from __future__ import annotations

import random
from typing import Any

Json = dict[str, Any]
GRADES = {"a": 1, "b": 3, "c é": 6}
TIMES = ("at", "later", "between", "drawn_at")
NUMBERS = ("amount", "fee", "score", "count", "steps", "looked", "total", "lines")


def columns(dice: random.Random, made: Json, name: str, names: list[str]) -> None:
    """The columns of a table: key, parent's key, moment, and a random choice of all else."""
    table = made["tables"][name]
    table["columns"] = found = {"id": {"type": "key", "start": dice.choice([1, 1, 0, 1000])}}
    if "parent" in table:
        found["parent_id"] = {"type": "parent_key"}
        if dice.random() < 0.3:
            found["above_id"] = {"type": "parent_key", "table": dice.choice(above(made, name))}
    source = table["rows"]["type"] if isinstance(table["rows"], dict) else "count"
    mark = {"arrivals": "arrival_time", "events": "event_time"}.get(source)
    if mark:
        found["at"] = {"type": mark}
    found |= {column: draw for column, draw in _drawn(dice, made, name, names).items() if dice.random() < 0.45}
    for column in found.values():
        if column["type"] not in ("key", "parent_key") and dice.random() < 0.05:
            column["hidden"] = True


def above(made: Json, name: str) -> list[str]:
    """The ancestors of a table, nearest first."""
    parent = made["tables"][name].get("parent")
    return [parent, *above(made, parent)] if parent else []


def _below(made: Json, name: str) -> list[str]:
    return [other for other in made["tables"] if name in above(made, other)]


def _drawn(dice: random.Random, made: Json, name: str, names: list[str]) -> Json:
    up = above(made, name)
    places = ["", *(f"{other}." for other in up)]
    a_time = f"{dice.choice(places)}{dice.choice(TIMES)}"
    a_number = f"{dice.choice(places)}{dice.choice(NUMBERS)}"
    return {
        "grade": {"type": "choice", "values": GRADES},
        "flag": {"type": "choice", "values": {"true": 1, "false": dice.choice([1, 1e-9, 50])}},
        "steps": {"type": "choice", "values": {"1": 3, "2": 2, "7": 0}},
        "zone": {"type": "choice", "values": {"Europe/Oslo": 3, "America/New_York": 2, "Asia/Kolkata": 1}},
        "word": {"type": "constant", "value": "größe \u2603 'x' \", \\"},
        "code": {"type": "pattern", "pattern": "A-###/?\\#*"},
        "token": {"type": "uuid"},
        "person": {"type": "person_name", "locale": dice.choice(["en", "de", "pt"])},
        "mail": {"type": "email", "unique": dice.random() < 0.5} | ({"from": "person"} if dice.random() < 0.6 else {}),
        "amount": _number(dice),
        "fee": _number(dice),
        "score": {"type": "case", "column": f"{dice.choice(places)}grade", "cases": _cases(dice)},
        "wait": {"type": dice.choice(["exponential"]), "mean": dice.choice(["3s", "2h", "40d"])},
        "day": {"type": "uniform", "min": "2020-01-01", "max": "2024-02-29", "as": "date"},
        "drawn_at": {"type": "uniform", "min": made["window"]["start"], "max": made["window"]["end"]},
        "later": _after(dice, a_time),
        "between": {"type": "time_between", "from": dice.choice([a_time, "window_start"]), "to": "window_end"},
        **_related(dice, made, name, names),
        "double": {"type": "expression", "expression": _formula(dice, a_number, a_time)},
        **_totals(dice, made, name),
    }


def _number(dice: random.Random) -> Json:
    distribution: Json = dice.choice(
        [
            {"type": "uniform", "min": -3, "max": 12.5},
            {"type": "normal", "mean": 5, "sd": dice.choice([0.1, 40])},
            {"type": "lognormal", "median": 20, "sigma": dice.choice([0.1, 1, 3])},
            {"type": "exponential", "mean": 8},
            {"type": "gamma", "mean": 8, "shape": dice.choice([0.05, 2, 500])},
            {"type": "beta", "a": dice.choice([0.1, 2]), "b": 3, "min": 1, "max": 5},
            {"type": "pareto", "minimum": 2, "alpha": dice.choice([0.5, 2.5])},
            {"type": "weibull", "scale": 3, "shape": dice.choice([0.3, 4])},
        ]
    )
    distribution = dict(distribution)
    if dice.random() < 0.7:
        distribution["decimals"] = dice.choice([0, 1, 2, 2, 4])
    if distribution["type"] not in ("uniform", "beta") and dice.random() < 0.3:
        distribution |= {"min": 0.5, "max": 1000}
    return distribution


def _cases(dice: random.Random) -> Json:
    decimals = {"decimals": dice.choice([0, 2])}
    one = {"type": "normal", "mean": 10, "sd": 2, **decimals}
    return {"a": one, "b": one | {"mean": 30}, "c é": {"type": "lognormal", "median": 3, "sigma": 1, **decimals}}


def _after(dice: random.Random, a_time: str) -> Json:
    made: Json = {"type": "after", "column": a_time, "delay": dice.choice(["90s", "2d", _delay(dice)])}
    if dice.random() < 0.3:
        made["when"] = dice.choice(["grade <> 'a'", "flag", "steps > 1"])
    return made | ({"after_window": "keep"} if dice.random() < 0.2 else {})


def _delay(dice: random.Random) -> Json:
    return {"type": "lognormal", "median": dice.choice(["20ms", "1h", "30d"]), "sigma": dice.choice([0.2, 2])}


def _related(dice: random.Random, made: Json, name: str, names: list[str]) -> Json:
    other = dice.choice(names)
    refers: Json = {"type": "reference", "table": other}
    if dice.random() < 0.5:
        refers["popularity"] = {
            "type": "zipf", "exponent": dice.choice([0.3, 1.0, 2.2]), "order": dice.choice(["random", "key"])
        }  # fmt: skip
    if dice.random() < 0.3:
        refers["existing_at"] = dice.choice(["at", *(f"{one}.at" for one in above(made, name))])
    if dice.random() < 0.2:
        refers["distinct"] = True
    if dice.random() < 0.2 and above(made, name):
        refers["within"] = dice.choice(above(made, name))
    if dice.random() < 0.2:
        refers["null_share"] = 0.2
    through = dice.choice(["other_id", *(f"{one}.other_id" for one in above(made, name))])
    looked = dice.choice(["id", "grade", "amount", "at", "looked", "word", "person", "flag", "total", "parent_id"])
    return {
        "other_id": refers,
        "again_id": {"type": "reference", "table": dice.choice(names), "distinct": dice.random() < 0.5},
        "self_id": {"type": "reference", "table": name},
        "looked": {"type": "lookup", "through": through, "column": looked},
        "looked2": {"type": "lookup", "through": dice.choice(["other_id", "again_id", "self_id"]), "column": "amount"},
    }


def _formula(dice: random.Random, number: str, time: str) -> str:
    return dice.choice(
        [
            f"{number} * 2 + 1",
            f"COALESCE({number}, 0) / 3",
            f"CASE WHEN {number} > 5 THEN 'big' WHEN {number} IS NULL THEN NULL ELSE 'small' END",
            f"CAST({number} AS VARCHAR) || '-' || COALESCE(grade, '?')",
            f"ROUND({number} * 1.1, 2)",
            f"EXTRACT(YEAR FROM {time})",
            f"{time} + INTERVAL '3' DAY",
            f"UPPER(grade) || word || person || {time}",
            f"DATE_TRUNC('month', {time})",
            "NULLIF(amount, fee) / NULLIF(fee, 0)",
            "wait * 2",
            f"ABS({number}) % 7 + SQRT(ABS(fee))",
            f"EXP(LEAST({number}, 3)) + LN(GREATEST(fee, 1))",
        ]
    )


def _totals(dice: random.Random, made: Json, name: str) -> Json:
    below = _below(made, name)
    if not below:
        return {}
    found: Json = {"lines": {"type": "count_of", "table": dice.choice(below)}}
    if dice.random() < 0.4:
        found["lines"]["filter"] = dice.choice(["amount > 3", "grade = 'b'", "flag"])
    formula = dice.choice(["amount", "amount * steps", "fee", "lines", "total", "COALESCE(amount, 0) - fee", "looked"])
    found["total"] = {"type": "sum_of", "table": dice.choice(below), "expression": formula}
    if dice.random() < 0.4:
        found["total"]["decimals"] = 2
    return found


def modified(dice: random.Random, found: Json) -> None:
    """Modifiers on some columns."""
    for column in found.values():
        if column["type"] in ("key", "parent_key") or dice.random() > 0.15:
            continue
        column["modifiers"] = [
            dice.choice(
                [
                    {"type": "nulls", "share": dice.choice([0.01, 0.3, 1.0])},
                    {"type": "nulls", "share": 0.5, "when": "grade = 'b'"},
                    {"type": "nulls", "by": "grade", "shares": {"a": 0.5}},
                    {"type": "outliers", "share": 0.1, "factor": [2, 9]},
                    {"type": "round_to", "step": dice.choice([5, "1h", 0.25])},
                    {"type": "round_to", "endings": {"0.99": 5, "0.00": 2}},
                ]
            )
            for _ in range(dice.choice([1, 1, 2]))
        ]
