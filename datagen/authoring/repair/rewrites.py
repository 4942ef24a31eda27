"""Fixes of notations of other tools: keys whose value is written in another way here, and objects at another place."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from datagen.authoring.repair.change import Change, shown
from datagen.authoring.repair.tree import Tree
from datagen.authoring.repair.values import number_of
from datagen.errors import Problem, json_path
from datagen.names import is_table_name
from datagen.random.math.exp_log import exp, log1p
from datagen.schema.reading.json_values import Keys

Json = dict[str, Any]
Rewrite = Callable[[Json, Any], Json | None]
"""What stands for a value in an object, whose key is unknown; None where that is not clear."""
_NULLS = {
    f"{word}_{measure}"
    for word in ("null", "nulls", "nullable", "missing", "nan", "na")
    for measure in ("rate", "share", "ratio", "fraction", "probability", "prob", "percent", "percentage", "pct")
}
_SD = ("std", "stddev", "std_dev", "stdev", "sd")
_TERNARY = re.compile(r"\s*(.+?)\s+if\s+(.+?)\s+else\s+(.+?)\s*\Z")


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        return number_of(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _range(here: Json, value: Any) -> Json | None:
    pair = isinstance(value, list) and len(value) == 2 and not {"min", "max"} & set(here)
    return {"min": value[0], "max": value[1]} if pair else None


def _nulls(here: Json, value: Any) -> Json | None:
    share = _number(value)
    if share is None or "modifiers" in here:
        return None
    return {"modifiers": [{"type": "nulls", "share": share / 100 if share > 1 else share}]} if share else {}


def _log_mean(here: Json, value: Any) -> Json | None:
    """`mu` is the mean of the logarithm."""
    mu = _number(value)
    free = mu is not None and not {"median", "mean"} & set(here)
    return {"median": round(float(exp(np.array([mu]))[0]), 6)} if free else None


def _log_median(here: Json, value: Any) -> Json | None:
    return None if {"median", "mean"} & set(here) else {"median": value}


def _log_sigma(here: Json, value: Any) -> Json | None:
    """The sigma of a lognormal distribution of this mean and standard deviation."""
    sd, mean = _number(value), _number(here.get("mean"))
    if sd is None or not mean or sd <= 0 or mean <= 0 or "sigma" in here:
        return None
    return {"sigma": round(float(np.sqrt(log1p(np.array([(sd / mean) ** 2]))[0])), 6)}


def _inverse(here: Json, value: Any) -> Json | None:
    rate = _number(value)
    return {"mean": round(1 / rate, 12)} if rate and "mean" not in here else None


def _gamma_mean(here: Json, value: Any) -> Json | None:
    scale, shape = _number(value), _number(here.get("shape"))
    return {"mean": round(scale * shape, 12)} if scale and shape and "mean" not in here else None


def _renamed(name: str) -> Rewrite:
    return lambda here, value: None if name in here else {name: value}


def _count_of_mean(here: Json, value: Any) -> Json | None:
    return {"count": {"type": "poisson", "mean": value}} if "count" not in here else None


def _count_of_bounds(here: Json, _: Any) -> Json | None:
    low, high = here.get("min", 0), here.get("max")
    return {"count": {"type": "uniform", "min": low, "max": high}} if "count" not in here and "max" in here else None


def _always(_: Json, value: Any) -> Json | None:
    return {} if value is True else None


_BY_KIND: dict[tuple[str, str], Rewrite] = {
    ("lognormal", "mu"): _log_mean,
    ("lognormal", "scale"): _log_median,
    ("lognormal", "s"): _renamed("sigma"),
    **{("lognormal", name): _log_sigma for name in _SD},
    ("normal", "sigma"): _renamed("sd"),
    ("normal", "scale"): _renamed("sd"),
    ("exponential", "scale"): _renamed("mean"),
    **{("exponential", name): _inverse for name in ("rate", "lambda", "lambd", "lam")},
    ("poisson", "lam"): _renamed("mean"),
    ("gamma", "scale"): _gamma_mean,
    ("expression", "value"): _renamed("expression"),
    ("per_parent", "mean"): _count_of_mean,
    ("per_parent", "max"): _count_of_bounds,
    ("per_parent", "min"): _count_of_bounds,
    **{(kind, "unique"): _always for kind in ("key", "scrambled_key", "formatted_key", "child_key", "uuid", "ulid")},
}
"""What stands for a key of a kind. The key goes; so do those of `_TOGETHER` that belong to it."""
_TOGETHER = {"min": ("max",), "max": ("min",)}


def rewritten_key(problem: Problem, tree: Tree) -> Change | None:
    """Write an unknown key as this language does, where its name has one meaning for its kind."""
    above, key = problem.keys[:-1], str(problem.keys[-1])
    here = tree.at(above)
    if not isinstance(here, dict) or key not in here:
        return None
    rewrite = _BY_KIND.get((str(here.get("type")), key))
    if rewrite is None and key == "range":
        rewrite = _range
    elif rewrite is None and key in _NULLS and len(above) == 4 and above[2] == "columns":
        rewrite = _nulls
    made = rewrite(here, here[key]) if rewrite is not None else None
    if made is None:
        return None
    gone = {name: here[name] for name in (key, *_TOGETHER.get(key, ())) if name in here}
    for name in gone:
        tree.remove((*above, name))
    for name, value in made.items():
        tree.put((*above, name), value)
    return Change(json_path(*above), shown(gone), shown(made) if made else "", "as this language writes it")


def has_other_meaning(problem: Problem, tree: Tree) -> bool:
    """Whether an unknown key is not a synonym of a key of its kind: the value is to be written in another way."""
    here = tree.at(problem.keys[:-1])
    return isinstance(here, dict) and (str(here.get("type")), str(problem.keys[-1])) in _BY_KIND


def moved(problem: Problem, tree: Tree) -> Change | None:
    """An object at another place: tables beside 'tables', columns beside 'columns', the days of the window."""
    keys, value = problem.keys, tree.at(problem.keys)
    if (
        len(keys) == 1
        and keys[0] == "version"
        and str(value) in ("1", "1.0")
        and tree.at(("datagen",)) in (None, 1, "1")
    ):
        tree.remove(keys)
        return Change(json_path(*keys), shown(value), "", "'datagen' is the version")
    if len(keys) == 1 and keys[0] in ("start_date", "end_date"):
        return _to(tree, keys, ("window", str(keys[0])[: -len("_date")]))
    is_table = isinstance(value, dict) and {"columns", "rows"} & set(value) and is_table_name(str(keys[-1]))
    if len(keys) == 1 and is_table:
        return _to(tree, keys, ("tables", str(keys[0])))
    if len(keys) == 3 and keys[0] == "tables" and isinstance(value, dict) and "type" in value:
        return _to(tree, keys, (*keys[:2], "columns", str(keys[2])))
    return None


def moved_rows(problem: Problem, tree: Tree) -> Change | None:
    """A number of rows that stands among the columns."""
    keys = problem.keys
    rows = len(keys) == 4 and keys[2:] == ("columns", "rows") and _number(tree.at(keys)) is not None
    return _to(tree, keys, (*keys[:2], "rows")) if rows else None


def _to(tree: Tree, keys: Keys, place: Keys) -> Change | None:
    """Move a value to a place that is free, in an object that is made if it is missing."""
    above, value = tree.at(place[:-1]), tree.at(keys)
    if tree.has(place) or not (above is None or isinstance(above, dict)):
        return None
    if above is None:
        tree.put(place[:-1], {})
    tree.remove(keys)
    tree.put(place, value)
    return Change(json_path(*keys), shown(value), json_path(*place), "its place in a document")


def in_list(problem: Problem, tree: Tree) -> Change | None:
    """A single object where a list of them stands."""
    value = tree.at(problem.keys)
    if problem.message != "needs a list, not an object" or not isinstance(value, dict) or "type" not in value:
        return None
    tree.put(problem.keys, [value])
    return Change(json_path(*problem.keys), shown(value), shown([value]), "a list, also of one")


def window_of_pair(problem: Problem, tree: Tree) -> Change | None:
    """A window as a list of its two days."""
    value = tree.at(problem.keys)
    if problem.keys != ("window",) or not isinstance(value, list) or len(value) != 2:
        return None
    made = {"start": str(value[0]), "end": str(value[1])}
    tree.put(problem.keys, made)
    return Change(json_path(*problem.keys), shown(value), shown(made), "a window has a start and an end")


def whole_number(problem: Problem, tree: Tree) -> Change | None:
    """1000.0 or 1e3 for 1000; 1-5 for a count between 1 and 5."""
    value = tree.at(problem.keys)
    made: Any = None
    if isinstance(value, float) and value.is_integer() and "whole number" in problem.message:
        made = int(value)
    span = re.fullmatch(r"\s*(\d+)\s*(?:-|\u2013|to|\.\.)\s*(\d+)\s*", value) if isinstance(value, str) else None
    if span and problem.keys[-1:] == ("count",) and tree.at((*problem.keys[:-1], "type")) == "per_parent":
        made = {"type": "uniform", "min": int(span[1]), "max": int(span[2])}
    if made is None:
        return None
    tree.put(problem.keys, made)
    return Change(json_path(*problem.keys), shown(value), shown(made), "as this language writes numbers")


def table_of_column(problem: Problem, tree: Tree) -> Change | None:
    """A table that is named with its key: `users.user_id`, `users(user_id)`."""
    value = tree.at(problem.keys)
    found = re.fullmatch(r"\s*(\w+)\s*[.(]\s*(\w+)\s*\)?\s*", value) if isinstance(value, str) else None
    if found is None or tree.at(("tables", found[1], "columns", found[2], "type")) != "key":
        return None
    tree.put(problem.keys, found[1])
    return Change(json_path(*problem.keys), shown(value), shown(found[1]), "a table; its key is known")


def sql_expression(problem: Problem, tree: Tree) -> Change | None:
    """An expression with operators of Python or C, or with entities of HTML."""
    value = tree.at(problem.keys)
    if not isinstance(value, str):
        return None
    made = html.unescape(value).replace("&&", " AND ").replace("==", "=")
    ternary = _TERNARY.match(made)
    made = f"CASE WHEN {ternary[2]} THEN {ternary[1]} ELSE {ternary[3]} END" if ternary else made
    made = re.sub(r"  +", " ", made)
    if made == value:
        return None
    tree.put(problem.keys, made)
    return Change(json_path(*problem.keys), shown(value), shown(made), "SQL")
