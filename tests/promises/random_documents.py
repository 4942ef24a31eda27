"""Documents of any shape, drawn from a seed: wild ones, and what remains of them once every problem is cut out."""

from __future__ import annotations

import copy
import datetime as dt
import random
from typing import Any

import datagen
from datagen.errors import Problem
from tests.analysis.documents import places
from tests.promises.random_behaviors import behaviors
from tests.promises.random_columns import columns, modified

Json = dict[str, Any]

WINDOWS = (
    ("2024-03-10", "2024-03-11"),
    ("2024-02-28T22:17:03", "2024-03-01T01:40:09.5"),
    ("2023-10-28T11:30:00", "2023-10-30"),
    ("2024-02-29T10:20:30", "2024-02-29T11:20:30"),
    ("2024-02-29T10:20:30", "2024-02-29T10:25:00"),
    ("2023-01-01", "2023-04-01"),
    ("2023-06-11T03:07:00", "2024-08-02T19:45:10"),
    ("2022-01-01", "2025-01-01"),
    ("1995-05-05", "2025-05-05"),
    ("1968-01-01", "1971-01-01"),
)


def document(seed: int, rows: int = 400) -> Json:
    """A wild document: most of them have problems. `rows` is about how many rows its largest table has."""
    dice = random.Random(seed)
    made: Json = {"datagen": 1, "name": f"wild{seed}", "seed": dice.randrange(2**40), "tables": {}}
    start, end = dice.choice(WINDOWS)
    made["window"] = {"start": start, "end": end}
    for family in range(dice.randint(1, 4)):
        _family(dice, made, family, dice.choice([0, 1, 3, rows // 8, rows // 2, rows]))
    names = list(made["tables"])
    for name in names:
        table = made["tables"][name]
        columns(dice, made, name, names)
        if dice.random() < 0.3:
            _keyed_twice(dice, table)
    for name in names:
        made["tables"][name]["behaviors"] = behaviors(dice, made, name)
        modified(dice, made["tables"][name]["columns"])
    return made


NUMBERS = (
    0,
    1,
    -1,
    2,
    7,
    20,
    95,
    1e-300,
    1e-9,
    0.05,
    0.5,
    0.95,
    0.999999,
    1e3,
    1e6,
    1e9,
    1e12,
    1e15,
    1e18,
    1e300,
    -0.5,
    -1e15,
)
TIMES = ("0s", "0.1us", "1us", "1ms", "59min", "25h", "300d", "100y", "290y", "9000y")
EDGES = (
    ("2024-01-01", "2024-01-01T00:00:00.000001"),
    ("2024-01-01T00:59:59.999999", "2024-01-01T01:00:00.000001"),
    ("1849-12-31", "1850-12-31"),
    ("1969-12-31T23:59:59", "1970-01-01T00:00:01"),
    ("9998-01-01", "9999-12-31T23:59:59.999999"),
    ("0001-01-01", "0003-01-01"),
    ("2024-01-01T00:00:00+14:00", "2024-01-02T00:00:00-12:00"),
)


def extreme(seed: int) -> Json:
    """A wild document in which a few numbers and durations are as large or small as can be written;
    most are refused.
    """
    dice = random.Random(seed)
    made = document(seed, rows=dice.choice([5, 60]))
    if dice.random() < 0.3:
        made["window"] = dict(zip(("start", "end"), dice.choice(EDGES), strict=True))
    known = list(places(made["tables"]))
    for keys in dice.sample(known, min(len(known), dice.choice([1, 2, 4, 10]))):
        _to_the_edge(dice, made["tables"], keys)
    return made


def _to_the_edge(dice: random.Random, here: Any, keys: tuple[str | int, ...]) -> None:
    for key in keys[:-1]:
        here = here[key]
    value, key = here[keys[-1]], keys[-1]
    if isinstance(value, int) and not isinstance(value, bool):
        here[key] = int(min(dice.choice(NUMBERS), 1e18))
    elif isinstance(value, float):
        here[key] = dice.choice(NUMBERS)
    elif isinstance(value, str) and value[:1].isdigit() and value[-1:] in "syhdn":
        here[key] = dice.choice(TIMES)


def _family(dice: random.Random, made: Json, family: int, rows: int) -> None:
    """A root and the tables below it, up to five levels deep."""
    root = f"root{family}"
    made["tables"][root] = {"rows": _roots(dice, made, rows)}
    below = [root]
    for child in range(dice.choice([0, 1, 2, 3, 5])):
        parent = below[-1] if dice.random() < 0.6 else dice.choice(below)
        name = f"child{family}_{child}"
        made["tables"][name] = {"parent": parent, "rows": _children(dice, made)}
        below.append(name)


def _roots(dice: random.Random, made: Json, rows: int) -> Any:
    if dice.random() < 0.3:
        return rows
    source: Json = {"type": "arrivals", "count": rows}
    if dice.random() < 0.2:
        days = hours(made) / 24
        source = {"type": "arrivals", dice.choice(["mean_per_day"]): max(min(rows / days, 1e6), 1e-4)}
    elif dice.random() < 0.5:
        source |= {"before_window": dice.choice([0.1, 0.5, 1.0]), "history": dice.choice(["1h", "3d", "400d", "12y"])}
    if dice.random() < 0.7:
        source["curve"] = curve(dice, made)
    if dice.random() < 0.15:
        source["until"] = middle(dice, made)
    return source


def curve(dice: random.Random, made: Json) -> Json:
    """One way in which entities arrive."""
    at = middle(dice, made)
    return dice.choice(
        [
            {"type": "linear", "growth_per_year": dice.choice([0.5, 3, -0.4, 900])},
            {"type": "exponential", "growth_per_year": dice.choice([0.5, 30, -0.9])},
            {"type": "logistic", "midpoint": at, "steepness_per_year": dice.choice([0.5, 4, 900])},
            {"type": "gompertz", "peak": at, "steepness_per_year": dice.choice([0.5, 4, 900])},
            {"type": "bass", "p": 0.03, "q": 0.4, "unit": dice.choice(["day", "month", "year"])},
            {
                "type": "schedule",
                "periods": [{"from": made["window"]["start"], "count": 5}, {"from": at, "count": dice.choice([1, 9])}],
            },
        ]
    )


def _children(dice: random.Random, made: Json) -> Json:
    if dice.random() < 0.45:
        return _events(dice, made)
    distribution: Any = dice.choice(
        [
            dice.randint(0, 3),
            {"type": "poisson", "mean": dice.choice([0.01, 1.3, 4])},
            {"type": "geometric", "mean": 2.5, "min": dice.choice([0, 1, 2])},
            {"type": "negative_binomial", "mean": 2, "dispersion": dice.choice([0.1, 1, 8])},
            {"type": "uniform", "min": dice.randint(0, 1), "max": dice.randint(1, 4)},
        ]
    )
    source = {"type": "per_parent", "count": distribution}
    return source | ({"none_share": 0.4} if dice.random() < 0.2 else {})


def _events(dice: random.Random, made: Json) -> Json:
    expected = dice.choice([0.2, 1, 3])
    unit, length = dice.choice([("hour", 1.0), ("day", 24.0), ("week", 168.0), ("month", 730.5), ("year", 8766.0)])
    source: Json = {"type": "events", f"mean_per_{unit}": expected * length / hours(made)}
    if dice.random() < 0.4:
        source["dispersion"] = dice.choice([0.05, 0.7, 10])
    if dice.random() < 0.4:
        source["gaps"] = dice.choice(
            [
                {"type": "gamma", "shape": dice.choice([0.3, 1, 4, 90])},
                {"type": "hawkes", "branching": dice.choice([0.2, 0.6]), "decay": dice.choice(["5min", "6h", "9d"])},
            ]
        )
    for end in ("since", "until"):
        if dice.random() < 0.15:
            source[end] = dice.choice(["at", "later", "between"])
    return source


def _keyed_twice(dice: random.Random, table: Json) -> None:
    """A composite primary key of the parent's key and a reference, instead of one of its own."""
    choices = [name for name, column in table["columns"].items() if column.get("distinct")]
    if "parent" in table and choices:
        table["columns"].pop("id", None)
        table["primary_key"] = ["parent_id", dice.choice(choices)]


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def hours(made: Json) -> float:
    """The length of the window."""
    return (moment(made["window"]["end"]) - moment(made["window"]["start"])).total_seconds() / 3600


def middle(dice: random.Random, made: Json) -> str:
    """An instant within the window."""
    start, end = moment(made["window"]["start"]), moment(made["window"]["end"])
    return (start + (end - start) * dice.uniform(0.1, 0.9)).isoformat(timespec="seconds")


ROUNDS = 40


def sound(wild: Json) -> tuple[Json, list[Problem]]:
    """What remains of a document once everything that has a problem is cut out, and the problems met on the way."""
    made, met = copy.deepcopy(wild), list[Problem]()
    for _ in range(ROUNDS):
        problems = datagen.check(made)
        if not problems:
            return made, met
        if set(problems) <= set(met):  # a behavior elsewhere is at fault
            for table in made["tables"].values():
                table["behaviors"] = []
        met += problems
        for keys in sorted({_cut(problem.keys) for problem in problems}, key=str, reverse=True):
            _remove(made, keys)
    raise ValueError(f"problems remain: {met[-1]}")


def _cut(keys: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The smallest piece around a problem that a document can do without."""
    if len(keys) >= 4 and keys[0] == "tables" and keys[2] in ("columns", "behaviors"):
        return keys[: 6 if keys[4:5] == ("modifiers",) and len(keys) > 5 else 4]
    if len(keys) >= 3 and keys[0] == "tables":
        return keys[:3]
    return keys[:2]


def _remove(made: Json, keys: tuple[str | int, ...]) -> None:
    if keys[0] == "window":
        made["window"] = dict(zip(("start", "end"), WINDOWS[0], strict=True))
        return
    here: Any = made
    for key in keys[:-1]:
        try:
            here = here[key]
        except (KeyError, IndexError):
            return  # already cut out with something around it
    if keys[-1] == "rows":
        simple = {"type": "per_parent", "count": 2} if "parent" in here else 7
        here |= {"columns": {"id": {"type": "key"}}, "behaviors": []} if here["rows"] == simple else {"rows": simple}
    elif isinstance(here, list):
        here[int(keys[-1]) : int(keys[-1]) + 1] = []
    else:
        here.pop(keys[-1], None)
