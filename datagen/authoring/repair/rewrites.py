"""Fixes of notations of other tools: keys whose value is written in another way here, and objects at another place."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from datagen.authoring.repair.calls import call_of
from datagen.authoring.repair.change import Change, shown
from datagen.authoring.repair.foreign_kinds import called_column, named_kind
from datagen.authoring.repair.tree import Tree
from datagen.authoring.repair.values import duration_of, later, number_of, number_range
from datagen.errors import Problem, json_path
from datagen.names import is_table_name
from datagen.random.math.exp_log import exp, log1p
from datagen.registry import meaning
from datagen.schema.document import Document
from datagen.schema.problems.known_keys import family_at, place_around, place_hint
from datagen.schema.reading.json_values import Keys

Json = dict[str, Any]
Rewrite = Callable[[Json, Any], Json | None]
"""What stands for a value in an object, whose key is unknown; None where that is not clear."""
_NULLS = {
    order
    for word in ("null", "nulls", "nullable", "missing", "nan", "na", "blank", "blanks")
    for measure in ("rate", "share", "ratio", "fraction", "probability", "prob", "percent", "percentage", "pct")
    for order in (f"{word}{measure}", f"{measure}{word}")
}
"""Names of the share of missing cells, as `meaning` compares names."""
_SD = ("std", "stddev", "std_dev", "stdev", "sd")
_IF_THEN = re.compile(r"\s*if\s+(.+?)\s+then\s+(.+?)\s+else\s+(.+?)(?:\s+end)?\s*\Z", re.IGNORECASE)
_QUESTION = re.compile(r"([^?:]+)\?([^?:]+):([^?:]+)\Z")
_TERNARY = re.compile(r"\s*(.+?)\s+if\s+(.+?)\s+else\s+(.+?)\s*\Z")


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        return number_of(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _range(here: Json, value: Any) -> Json | None:
    pair = number_range(value) if isinstance(value, str) else value
    fits = isinstance(pair, list) and len(pair) == 2 and not {"min", "max"} & set(here)
    return {"min": pair[0], "max": pair[1]} if isinstance(pair, list) and fits else None


def _joined(here: Json, value: Any) -> Json | None:
    """The columns of a concatenation, with what stands between them."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value) or "expression" in here:
        return None
    return {"expression": " || ".join(value)}


def _digits(here: Json, value: Any) -> Json | None:
    return {"min": 0, "max": 10**value} if isinstance(value, int) and 0 < value < 16 and "max" not in here else None


def _step(_: Json, value: Any) -> Json | None:
    """The decimals of a step of 1, 0.1, 0.01 ..."""
    digits = next((one for one in range(10) if value == 10**-one or value == float(f"1e-{one}")), None)
    return None if digits is None else {"decimals": digits}


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
    ("expression", "columns"): _joined,
    ("expression", "fields"): _joined,
    ("uniform", "left_digits"): _digits,
    ("uniform", "right_digits"): _renamed("decimals"),
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
    elif rewrite is None and meaning(key) == "multipleof":
        rewrite = _step
    elif rewrite is None and meaning(key) in _NULLS and len(above) == 4 and above[2] == "columns":
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
    if (
        len(keys) == 3
        and keys[0] == "tables"
        and meaning(str(keys[2])) in ("perparent", "rowsperparent", "countperparent")
    ):
        tree.put((*keys[:2], "rows"), {"type": "per_parent", "count": value})
        tree.remove(keys)
        return Change(json_path(*keys), shown(value), json_path(*keys[:2], "rows"), "its place in a document")
    if len(keys) == 5 and keys[2] == "columns" and isinstance(value, dict) and "type" in value:
        return _to(tree, keys, (*keys[:3], keys[4]))
    if len(keys) == 1 and keys[0] in ("start_date", "end_date"):
        return _to(tree, keys, ("window", str(keys[0])[: -len("_date")]))
    only = list(tree.at(("tables",)) or ()) if len(keys) == 1 and keys[0] in ("behaviors", "processes") else []
    if len(only) == 1:
        return _to(tree, keys, ("tables", only[0], str(keys[0])))
    is_table = isinstance(value, dict) and {"columns", "rows"} & set(value) and is_table_name(str(keys[-1]))
    if len(keys) == 1 and is_table:
        return _to(tree, keys, ("tables", str(keys[0])))
    if len(keys) == 3 and keys[0] == "tables" and isinstance(value, dict) and "type" in value:
        return _to(tree, keys, (*keys[:2], "columns", str(keys[2])))
    return None


def moved_out(problem: Problem, tree: Tree) -> Change | None:
    """A key that an object around has: the parent of a table among its rows."""
    if problem.hint != place_hint(Document, tree.root, problem.keys):
        return None
    around = place_around(Document, tree.root, problem.keys)
    return None if around is None else _to(tree, problem.keys, (*around, problem.keys[-1]))


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
    given = value
    if problem.keys == ("window",) and re.fullmatch(r"(19|20)\d\d", str(value)):
        value = [f"{value}-01-01", f"{int(value) + 1}-01-01"]
    if isinstance(value, str):
        value = re.split(r"\s+(?:to|until|-|\u2013|\.\.)\s+|\s*\.\.\s*|\s*/\s*(?=\d{4}-)", value.strip())
    if problem.keys != ("window",) or not isinstance(value, list) or len(value) != 2:
        return None
    made = {"start": str(value[0]), "end": str(value[1])}
    tree.put(problem.keys, made)
    return Change(json_path(*problem.keys), shown(given), shown(made), "a window has a start and an end")


def end_of_window(problem: Problem, tree: Tree) -> Change | None:
    """The length of a window in place of its end."""
    keys, start = problem.keys, tree.at(("window", "start"))
    length = duration_of(str(tree.at(keys))) if keys[:1] == ("window",) and len(keys) == 2 else None
    if length is None or keys[-1] not in ("duration", "length", "period") or tree.has(("window", "end")):
        return None
    days = later(str(start), length)
    if days is None:
        return None
    tree.remove(keys)
    tree.put(("window", "end"), days)
    return Change(json_path(*keys), shown(length), f"end: {days}", "a window has a start and an end")


_SPAN = re.compile(r"\s*(\d[\d,_]*[kKmM]?)\s*(?:-|\u2013|to|\.\.)\s*(\d[\d,_]*[kKmM]?)\s*(?:rows)?\s*\Z")


def counted_rows(problem: Problem, tree: Tree) -> Change | None:
    """The rows of a table as a range: of a child table for each parent, else the middle of the range."""
    keys, value = problem.keys, tree.at(problem.keys)
    span = _SPAN.match(value) if isinstance(value, str) else None
    bounds = [number_of(one) for one in span.groups()] if span else []
    if len(keys) != 3 or keys[2] != "rows" or None in bounds or len(bounds) != 2:
        return None
    low, high = (int(one) for one in bounds if one is not None)
    below = tree.has((*keys[:2], "parent"))
    distribution = {"type": "per_parent", "count": {"type": "uniform", "min": low, "max": high}}
    made: Any = distribution if below else (low + high) // 2
    tree.put(keys, made)
    reason = "for each row of the parent" if below else "a number of rows is fixed: the middle of the range"
    return Change(json_path(*keys), shown(value), shown(made), reason)


def called_distribution(problem: Problem, tree: Tree) -> Change | None:
    """A distribution in the notation of a call where an object with a type stands: `poisson(3)`, `uniform(1 day, 3
    days)`.
    """
    keys, value = problem.keys, tree.at(problem.keys)
    call = call_of(value) if isinstance(value, str) else None
    made = called_column(call) if call is not None else None
    family = family_at(Document, tree.root, keys)
    if made is None or family is None:
        return None
    if family in ("row_sources", "count_distributions"):
        made = {key: one for key, one in made.items() if key in ("type", "mean", "min", "max", "value")}
        made["type"] = named_kind("count_distributions", made["type"]) or "uniform"
    if family == "row_sources" and tree.has((*keys[:-1], "parent")):
        made = {"type": "per_parent", "count": made}
    tree.put(keys, made)
    return Change(json_path(*keys), shown(value), shown(made), "a distribution is an object with a 'type'")


def merged(problem: Problem, tree: Tree) -> Change | None:
    """An object of YAML with a merge key, with the keys written out."""
    here = tree.at(problem.keys)
    if "merge keys" not in problem.message or not isinstance(here, dict):
        return None
    made = {str(key): value for key, value in here.items() if key != "<<"}
    tree.put(problem.keys, made)
    return Change(json_path(*problem.keys), "<<", shown(made), "the keys written out")


def name_column(problem: Problem, tree: Tree) -> Change | None:
    """The column of names from which another column is made, where the table has one."""
    keys = problem.keys
    columns = tree.at(keys[:3]) if len(keys) == 5 and keys[2] == "columns" and keys[4] == "from" else None
    kinds = columns.items() if isinstance(columns, dict) else ()
    name = next((key for key, one in kinds if isinstance(one, dict) and one.get("type") == "person_name"), None)
    if name is None:
        return None
    tree.put(keys, str(name))
    return Change(json_path(*keys), "", shown(str(name)), "the names of the table")


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
    if ternary := _TERNARY.match(made):
        made = f"CASE WHEN {ternary[2]} THEN {ternary[1]} ELSE {ternary[3]} END"
    elif case := _IF_THEN.match(made) or _QUESTION.match(made):
        made = f"CASE WHEN {case[1].strip()} THEN {case[2].strip()} ELSE {case[3].strip()} END"
    made = re.sub(r"  +", " ", made)
    if made == value:
        return None
    tree.put(problem.keys, made)
    return Change(json_path(*problem.keys), shown(value), shown(made), "SQL")
