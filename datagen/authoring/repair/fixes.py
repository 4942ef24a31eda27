"""Fixes for the problems of `check`, by code. A fix edits the tree and returns the change, or None."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from datagen.authoring.repair.change import Change, shown
from datagen.authoring.repair.foreign_kinds import foreign_column, kind_by_keys, named_kind
from datagen.authoring.repair.rewrites import (
    called_distribution,
    counted_rows,
    end_of_window,
    has_other_meaning,
    in_list,
    merged,
    moved,
    moved_out,
    moved_rows,
    name_column,
    rewritten_key,
    sql_expression,
    table_of_column,
    whole_number,
    window_of_pair,
)
from datagen.authoring.repair.tree import Tree
from datagen.authoring.repair.values import date_of, duration_of, duration_range, number_of, plain_name
from datagen.errors import Problem, json_path
from datagen.registry import meaning
from datagen.schema.document import Document
from datagen.schema.problems.known_keys import family_at
from datagen.schema.reading.json_values import Keys

Fix = Callable[[Problem, Tree], Change | None]

_MEANT = re.compile(r"did you mean '([^']+)'\?")
_QUOTED = re.compile(r"'([^']*)'")
_WORDS = {"yes": True, "on": True, "y": True, "true": True, "no": False, "off": False, "n": False, "false": False}
_LOWER = {"range", "min", "minimum", "low", "lower", "min_value", "minValue", "exclusiveMinimum", "start", "start_date"}
_UPPER = {"range", "max", "maximum", "high", "upper", "max_value", "maxValue", "exclusiveMaximum", "end", "end_date"}
_ROW_TIMES = {"events": "event_time", "arrivals": "arrival_time"}
_TIMES = {meaning(name) for name in ("datetime", "date_time", "timestamp", "timestamptz")}
_NO_EFFECT = {
    "nullable": False, "null": False, "required": True, "not_null": True, "optional": False, "random": True,
    "selectionStyle": "random", "default": None, "index": None, "file_format": None, "additionalProperties": None,
}  # fmt: skip
"""Keys of other tools that, with this value, state the default."""


def fix(problem: Problem, tree: Tree) -> Change | None:
    """Fix a problem, if one of its fixes can. None if nothing was changed."""
    for one in _FIXES.get(str(problem.code), ()):
        change = one(problem, tree)
        if change is not None:
            return change
    return None


def _put(tree: Tree, keys: Keys, value: Any, reason: str, *, first: bool = False) -> Change:
    before = shown(tree.at(keys)) if tree.has(keys) or not keys or isinstance(keys[-1], int) else ""
    tree.put(keys, value, first=first)
    return Change(json_path(*keys), before, shown(value), reason)


def _renamed_key(problem: Problem, tree: Tree) -> Change | None:
    meant = _MEANT.match(problem.hint)
    if meant is None or tree.has((*problem.keys[:-1], meant[1])) or has_other_meaning(problem, tree):
        return None
    tree.rename(problem.keys, meant[1])
    return Change(json_path(*problem.keys), str(problem.keys[-1]), meant[1], "the name of this key in datagen")


def _dropped_key(problem: Problem, tree: Tree) -> Change | None:
    """A key that states the default."""
    value, key = tree.at(problem.keys), str(problem.keys[-1])
    of_a_table = len(problem.keys) == 3 and (key == "required" or (key, value) == ("type", "object"))
    unused = len(problem.keys) == 1 and key.startswith(("x-", "."))  # parts that are repeated with *name
    if not of_a_table and not unused and (key not in _NO_EFFECT or _NO_EFFECT[key] not in (None, value)):
        return None
    tree.remove(problem.keys)
    return Change(json_path(*problem.keys), shown(value), "", "it changes nothing here")


def _kind(problem: Problem, tree: Tree) -> Change | None:
    at = problem.keys[:-1]
    family = family_at(Document, tree.root, at)
    here, name = tree.at(at), tree.at(problem.keys)
    if not isinstance(here, dict) or family is None:
        return None
    if name is None and (other := next((key for key in here if str(key).casefold() == "type"), None)) is not None:
        tree.rename((*at, other), "type")
        return Change(json_path(*at), str(other), "type", "keys are in lower case")
    if name is None and family == "row_sources" and set(here) == {"count"} and not tree.has((*at[:-1], "parent")):
        return _put(tree, at, here["count"], "a number of rows")
    if name is None:
        below = family == "row_sources" and tree.has((*at[:-1], "parent")) and set(here) <= {"min", "max", "mean"}
        meant = "per_parent" if below else kind_by_keys(family, {str(key) for key in here})
        if meant is None and family == "generators" and _are_weights(here):
            return _put(tree, at, {"type": "choice", "values": dict(here)}, "values with their weights")
        return _put(tree, problem.keys, meant, "the only kind with these fields", first=True) if meant else None
    foreign = None
    if family == "generators" and isinstance(name, str):
        foreign = _time_of_the_row(name, at, tree) or foreign_column(name, tree.at(("window",)))
    if foreign is not None:
        rest = {key: value for key, value in here.items() if key != "type"}
        bounded = {"min": _LOWER & set(rest), "max": _UPPER & set(rest)}
        foreign = {key: value for key, value in foreign.items() if not bounded.get(key)}
        return _put(tree, at, {**foreign, **rest}, "a type of another tool, as a datagen generator")
    meant = named_kind(family, name) if isinstance(name, str) else None
    return _put(tree, problem.keys, meant, "the name of this kind in datagen") if meant else None


def _time_of_the_row(name: str, at: Keys, tree: Tree) -> dict[str, Any] | None:
    """The column of the row's own time, for the first bare time in a table whose rows are created over time."""
    rows, columns = tree.at((*at[:2], "rows")), tree.at(at[:-1])
    meant = _ROW_TIMES.get(str(rows.get("type"))) if isinstance(rows, dict) and isinstance(columns, dict) else None
    if meant is None or meaning(name) not in _TIMES or tree.at(at) != {"type": name}:
        return None
    return (
        None if any(isinstance(one, dict) and one.get("type") == meant for one in columns.values()) else {"type": meant}
    )


def _are_weights(here: dict[str, Any]) -> bool:
    """Whether an object is values with shares or percentages."""
    numbers = [one for one in here.values() if isinstance(one, int | float) and not isinstance(one, bool)]
    return len(numbers) == len(here) > 1 and any(abs(sum(numbers) - whole) < 1e-6 * whole for whole in (1, 100))


def _near_name(problem: Problem, tree: Tree) -> Change | None:
    """A name that is nearly right: as the value of a key, within an expression, or as the key itself."""
    meant, value, key = _MEANT.match(problem.hint), tree.at(problem.keys), str(problem.keys[-1])
    if meant is None:
        return None
    for name in reversed(_QUOTED.findall(problem.message)):
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        if name == meant[1]:
            continue
        if isinstance(value, str) and word.search(value):
            return _put(tree, problem.keys, word.sub(lambda _: meant[1], value), "the declared name")
        now = word.sub(lambda _: meant[1], key)
        if not isinstance(value, str) and now != key and not tree.has((*problem.keys[:-1], now)):
            tree.rename(problem.keys, now)
            return Change(json_path(*problem.keys), key, now, "the declared name")
    return None


def _near_value(problem: Problem, tree: Tree) -> Change | None:
    """One of a few values, nearly: `Monday` for `mon` is not, `Saturday` in capitals is."""
    value = tree.at(problem.keys)
    meant = _MEANT.match(problem.hint)
    if not isinstance(value, str):
        return None
    listed = _QUOTED.findall(problem.message.partition(", not ")[0]) if problem.message.startswith("needs '") else []
    same = [one for one in listed if one.casefold() == value.strip().casefold()]
    now = meant[1] if meant else same[0] if same else None
    return _put(tree, problem.keys, now, "one of the allowed values") if now else None


def _truth_key(problem: Problem, tree: Tree) -> Change | None:
    """The key of a case of a truth value, as Python or a person writes it: `True`, `yes`."""
    key = str(problem.keys[-1]) if problem.keys else ""
    meant = _WORDS.get(key.casefold())
    now = "true" if meant else "false"
    if meant is None or " is not of type bool" not in problem.message or tree.has((*problem.keys[:-1], now)):
        return None
    tree.rename(problem.keys, now)
    return Change(json_path(*problem.keys), key, now, "true or false")


def _unit(problem: Problem, tree: Tree) -> Change | None:
    """A number, duration, date or truth value that is written in another way."""
    keys = problem.keys[:-1] if problem.keys[-1:] == ("value",) and not tree.has(problem.keys) else problem.keys
    value, needs = tree.at(keys), problem.message
    if isinstance(value, str) and "true or false" in needs and value.casefold() in _WORDS:
        return _put(tree, problem.keys, _WORDS[value.casefold()], "true or false")
    bare = _without_rate(value, str(problem.keys[-1])) if isinstance(value, str) and problem.keys else None
    if bare is not None and "number" in needs and (number := number_of(bare)) is not None:
        return _put(tree, problem.keys, number, "a plain number")
    if type(value) is not bool and isinstance(value, int) and re.match(r"needs a (whole )?number", needs):
        return _put(tree, problem.keys, int(value), "a plain number")  # 1_000 is a number in YAML 1.1
    if isinstance(value, str | dict) and "duration" in needs and (duration := duration_of(value)) is not None:
        return _put(tree, keys, duration, "a duration with a unit of datagen") if duration != value else None
    date = date_of(value, end=keys[-1:] == ("end",)) if "date" in needs and isinstance(value, str | int) else None
    if date not in (None, value):
        return _put(tree, problem.keys, date, "an ISO date")
    if isinstance(value, str) and "duration" in needs and (distribution := duration_range(value)) is not None:
        return _put(tree, keys, distribution, "between two durations")
    return None


def _without_rate(value: str, key: str) -> str:
    """`3 per month` of a key such as `mean_per_month` without the unit that the key has."""
    unit = key.partition("_per_")[2]
    return re.sub(rf"\s*(?:per|an?|/)\s*{unit}\s*\Z", "", value, flags=re.IGNORECASE) if unit else value


def _unit_beside(problem: Problem, tree: Tree) -> Change | None:
    """A duration where a number has its unit in a key of its own: `scale: 10mo`."""
    match = re.match(r'write ([\d.]+), and "unit": "(\w+)" beside it', problem.hint)
    if match is None or tree.has((*problem.keys[:-1], "unit")):
        return None
    tree.put((*problem.keys[:-1], "unit"), match[2])
    return _put(tree, problem.keys, number_of(match[1]), "a number, and its unit beside it")


def _percent(problem: Problem, tree: Tree) -> Change | None:
    """A share that is written in percent."""
    value = tree.at(problem.keys)
    in_percent = isinstance(value, int | float) and not isinstance(value, bool) and 1 < value <= 100
    if not in_percent or not re.match(r"needs (at most|less than) 1,", problem.message):
        return None
    return _put(tree, problem.keys, round(value / 100, 12), "a share lies between 0 and 1")


def _swapped_bounds(problem: Problem, tree: Tree) -> Change | None:
    """A smallest value above the largest."""
    above = problem.keys[:-1]
    here = tree.at(above)
    if problem.hint != "swap them" or not isinstance(here, dict) or not {"min", "max"} <= set(here):
        return None
    low, high = here["max"], here["min"]
    tree.put((*above, "min"), low)
    return _put(tree, (*above, "max"), high, f"the largest value; {shown(low)} is the smallest")


def _version(problem: Problem, tree: Tree) -> Change | None:
    if problem.keys != ("datagen",) or str(tree.at(problem.keys)).lstrip("vV") not in ("None", "1", "1.0"):
        return None
    return _put(tree, problem.keys, 1, "the version of the language", first=problem.code == "missing")


def _missing_name(problem: Problem, tree: Tree) -> Change | None:
    if problem.keys != ("name",):
        return None
    title = tree.at(("title",))
    name = plain_name(title) if isinstance(title, str) else None
    return _put(tree, ("name",), name or "dataset", "a document has a name")


def _swapped_window(problem: Problem, tree: Tree) -> Change | None:
    window = tree.at(problem.keys)
    if problem.hint != "swap start and end" or not isinstance(window, dict):
        return None
    return _put(tree, problem.keys, {"start": window["end"], "end": window["start"]}, "it starts before it ends")


def _missing_key(problem: Problem, tree: Tree) -> Change | None:
    """The key column of a table whose rows something points to."""
    found = re.match(r"(?:table )?'(\w+)' has no column that identifies its rows", problem.message)
    columns = tree.at(("tables", found[1], "columns")) if found else None
    if found is None or not isinstance(columns, dict):
        return None
    single = re.sub(r"ies$", "y", found[1]) if found[1].endswith("ies") else re.sub(r"(?<!s)s$", "", found[1])
    name = next(name for name in (f"{single}_id", f"{found[1]}_key", f"{found[1]}_row_key") if name not in columns)
    keys = ("tables", found[1], "columns", name)
    return _put(tree, keys, {"type": "key"}, "a table that others refer to needs a key", first=True)


def _plain_name(problem: Problem, tree: Tree) -> Change | None:
    """The name of a document or table without blanks and hyphens, and so wherever the table is named."""
    if problem.keys == ("name",) and isinstance(tree.at(("name",)), str):
        name = plain_name(tree.at(("name",)))
        return _put(tree, ("name",), name, "a plain name") if name else None
    if len(problem.keys) != 2 or problem.keys[0] != "tables":
        return None
    old = str(problem.keys[1])
    name = plain_name(old)
    if name is None or tree.has(("tables", name)):
        return None
    tree.rename(problem.keys, name)
    _name_anew(tree, (), old, name)
    return Change(json_path(*problem.keys), old, name, "a plain name, here and where the table is named")


def _name_anew(tree: Tree, at: Keys, old: str, name: str) -> None:
    here = tree.at(at)
    for key, value in list(here.items() if isinstance(here, dict) else enumerate(here)):
        if isinstance(value, dict | list):
            _name_anew(tree, (*at, key), old, name)
        elif isinstance(value, str) and (value == old or value.startswith(f"{old}.")):
            tree.put((*at, key), name + value[len(old) :])


_FIXES: dict[str, tuple[Fix, ...]] = {
    "unknown-key": (rewritten_key, moved, moved_out, end_of_window, _renamed_key, _dropped_key),
    "unknown-kind": (_kind,),
    "unknown-table": (table_of_column, _near_name),
    "unknown-column": (_near_name,),
    "unknown-attribute": (_near_name,),
    "unknown-process": (_near_name,),
    "unknown-name": (_near_value,),
    "unknown-function": (sql_expression, _near_name),
    "syntax": (merged, sql_expression),
    "not-allowed": (sql_expression,),
    "invalid-value": (
        _version,
        _unit,
        whole_number,
        counted_rows,
        called_distribution,
        moved_rows,
        _swapped_window,
        _near_value,
    ),
    "invalid-name": (table_of_column, _plain_name),
    "type": (_version, _truth_key, _unit_beside, _unit, in_list, window_of_pair),
    "range": (_percent, _swapped_bounds),
    "no-effect": (_near_name,),
    "missing": (_version, _missing_name, name_column),
    "primary-key": (_missing_key,),
}
