"""What an inferred document keeps of its source, for the person who must decide whether it may leave the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any


def kept_of(document: Mapping[str, Any], k: int) -> Iterator[str]:
    """A line for each column from which values or bounds are kept, and for what the times tell."""
    yield "kept: the names of tables and columns, numbers of rows, and statistics; below, the values that are kept"
    if "window" in document:
        window = document["window"]
        unit = "" if k == 1 else ", in whole months or weeks"
        yield f"window: {window['start']} to {window['end']}, from the first and the last time{unit}"
    for name, table in document["tables"].items():
        rows = table.get("rows")
        if isinstance(rows, Mapping) and "history" in rows:
            yield f"{name}: the first row came {rows['history']} before the window"
        for column, made in table["columns"].items():
            for part, what in _values(made, k):
                yield f"{name}.{column}{part}: {what}"


def _values(made: Mapping[str, Any], k: int, part: str = "") -> Iterator[tuple[str, str]]:
    """Each part of a column with what is kept of it."""
    what = _KEPT.get(made["type"])
    if what is not None and (made["type"] != "key" or "start" in made):
        yield part, what(made).replace("K rows", f"{k} rows or entities")
    for name, inner in _parts(made):
        yield from _values(inner, k, f"{part}{name}")


def _bounds(made: Mapping[str, Any]) -> str:
    return "bounds " + " to ".join(str(made[one]) for one in ("min", "minimum", "max") if one in made)


def _listed(what: str, values: Iterable[Any]) -> str:
    names = list(map(str, values))
    return f"{len(names)} {what} that at least K rows have each: {', '.join(names):.200}"


_KEPT: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "choice": lambda made: _listed("values", made["values"]),
    "constant": lambda made: f"the one value that at least K rows have: {made['value']!s:.60}",
    "map": lambda made: _listed("keys", made["keys"]),
    "uniform": _bounds,
    "pareto": _bounds,
    "empirical": lambda made: f"bins from {made['edges'][0]} to {made['edges'][-1]}, of at least K rows each",
    "pattern": lambda made: f"the shape {made['pattern']}",
    "key": lambda made: f"the first key, {made['start']}",
}


def _parts(made: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The generators within a generator."""
    for key in ("cases", "fields"):
        for name, inner in made.get(key, {}).items():
            yield f".{name}", inner
    for key in ("of", "values"):
        if isinstance(made.get(key), Mapping) and "type" in made[key]:
            yield "[]", made[key]
    for inner in made.get("parts", ()):
        value = inner["value"]
        yield "", value if isinstance(value, Mapping) else {"type": "constant", "value": value}
