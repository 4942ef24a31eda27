"""Chooses the generator of one column from its cells, or from its type and name where there are none."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.interop.infer.distributions import Fit, Json, Numbers, fits, rounded
from datagen.interop.infer.entities import Owners
from datagen.interop.infer.nested import nested_generator
from datagen.interop.infer.source_table import SourceColumn

_MOST_VALUES, _MOST_NUMBERS = 60, 12
"""Distinct texts, and distinct numbers, up to which a column is one of categories."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_NAMES = re.compile(
    r"(^|_)(first|last|given|family|sur|full|customer|user|patient|employee|person|contact|holder|display)?_?name$"
    r"|^(forename|surname)$"
)
_LOOKED, _FEWEST_UNIQUE = 5000, 50
_POOR, _STEPS, _NEARLY_ALL = 0.06, 20, 0.95
"""The Kolmogorov distance beyond which no distribution is near, and the quantiles that stand for the distribution
then.
"""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is kept of a source: `k` is how many entities must share a value before it is written down; rows, where no
    key tells whom they are about.
    """

    k: int = 20


def generator_of(column: SourceColumn, privacy: Privacy, notes: list[str]) -> Json | None:
    """The generator of a column, None for one without any cell. What was left out is added to `notes`."""
    if column.cells is None:
        made = by_type(column)
        if column.unique and made["type"] != "uuid" and not made.get("unique"):
            notes.append(f"{column.name}: its values are unique, those of type {made['type']} need not be")
        return made
    present = column.present
    if len(present) == 0:
        notes.append(f"{column.name}: has no value in any row, and is left out")
        return None
    if pa.types.is_nested(present.type):
        found = nested_generator(column, partial(generator_of, privacy=privacy, notes=notes), privacy.k, notes)
        if found is None:
            return None
        made = found
    else:
        made = _categories(column, privacy, notes) or _other(column, privacy)
    if column.null_share > 0:
        made["modifiers"] = [{"type": "nulls", "share": rounded(column.null_share, 3)}]
    return made


def by_type(column: SourceColumn) -> Json:
    """A generator for a column of which only the type and the name are known."""
    made = _plain_by_type(column)
    if column.unique and made["type"] in ("email", "pattern"):
        made["unique"] = True
    if column.nullable:
        made["modifiers"] = [{"type": "nulls", "share": 0.05}]
    return made


def _plain_by_type(column: SourceColumn) -> Json:
    if column.allowed:
        made: Json = {"type": "choice", "values": list(dict.fromkeys(column.allowed))}
    elif pa.types.is_boolean(column.type):
        made = {"type": "choice", "values": [True, False]}
    elif pa.types.is_integer(column.type):
        made = {"type": "uniform", "min": 1, "max": 100, "decimals": 0}
    elif pa.types.is_floating(column.type):
        made = {"type": "lognormal", "median": 50, "sigma": 0.8, "decimals": 2}
    elif pa.types.is_date(column.type):
        made = {"type": "uniform", "min": "2023-01-01", "max": "2024-12-31", "as": "date"}
    elif pa.types.is_timestamp(column.type):
        made = {"type": "uniform", "min": "2023-01-01", "max": "2024-12-31"}
    else:
        made = _text_by_name(column.name) or {"type": "pattern", "pattern": "????????"}
    return made


def _categories(column: SourceColumn, privacy: Privacy, notes: list[str]) -> Json | None:
    """Values with their weights, without those that fewer than k rows have; None where there are too many of them."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return None
    counted = column.counts(_MOST_VALUES if pa.types.is_string(column.type) else _MOST_NUMBERS)
    if counted is None or (len(counted) > 2 and len(counted) > sum(counted.values()) / 5):
        return None
    shared = column.shared(len(counted)) or {}
    often = {value: count for value, count in counted.items() if shared.get(value, 0) >= privacy.k}
    kept = {_key(value): count for value, count in often.items()}
    if not kept:
        return None
    if len(kept) < len(counted):
        few = f"fewer than {privacy.k} {'rows' if column.owners is None else 'entities'}"
        rare = len(counted) - len(kept)
        left = f"{rare} values that {few} have are" if rare > 1 else f"a value that {few} have is"
        notes.append(f"{column.name}: {left} left out")
    if len(kept) == 1:
        return {"type": "constant", "value": next(iter(often))}
    total = sum(kept.values())
    ordered = sorted(kept.items(), key=lambda item: (-item[1], item[0]))
    return {"type": "choice", "values": {key: rounded(100 * count / total, 3) for key, count in ordered}}


def _key(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _other(column: SourceColumn, privacy: Privacy) -> Json:
    present = column.present
    if pa.types.is_boolean(present.type):
        share = pc.mean(pc.cast(present, pa.int64())).as_py() if column.entities >= privacy.k else 0.5
        return {"type": "choice", "values": {"true": rounded(share, 3), "false": rounded(1 - share, 3)}}
    if pa.types.is_string(present.type):
        return _text(column, privacy)
    if pa.types.is_date(present.type) or pa.types.is_timestamp(present.type):
        return _times(present, column.present_owners, privacy)
    values = np.asarray(present, np.float64)
    made, _ = numbers(values, column.present_owners, privacy, whole=pa.types.is_integer(present.type))
    return made


def numbers(values: Numbers, owners: Owners, privacy: Privacy, *, whole: bool) -> tuple[Json, list[Fit]]:
    """The nearest distribution of numbers with the runner-up in its description, and all distributions that were
    compared. `owners` are the entities of the numbers.
    """
    owners, values = owners[np.isfinite(values)], values[np.isfinite(values)]
    entities = len(np.unique(owners))
    if entities < privacy.k:
        return _few_numbers(values, whole=whole), []
    found = fits(values)
    if not found:
        return {"type": "constant", "value": int(values[0]) if whole else rounded(float(values[0]), 6)}, []
    if found[0].distance > _POOR and entities >= _STEPS * privacy.k:
        return _free_form(values, owners, found[0], privacy, whole=whole), found
    best, low, high = found[0], *bounds(values, owners, privacy)
    fields = {"min": low, "max": high} if best.kind == "uniform" else dict(best.fields)
    if best.kind == "normal" and low >= 0:
        fields["min"] = 0
    if best.kind == "pareto":
        fields["minimum"] = low
    fields |= _decimals(values, whole=whole)
    if best.kind == "uniform" and whole:
        fields |= {"min": int(low), "max": int(high)}
    summary = f"Kolmogorov distance {best.distance:.3f}"
    summary += f"; runner-up: {found[1].kind} ({found[1].distance:.3f})" if len(found) > 1 else ""
    return {"type": best.kind, "description": summary, **fields}, found


def _free_form(values: Numbers, owners: Owners, best: Fit, privacy: Privacy, *, whole: bool) -> Json:
    """Where no distribution is near: values that many entities share, and a distribution or a histogram of the
    others.
    """
    unique, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    often = _sharing(at, owners, len(unique)) >= privacy.k
    exact = whole or _decimals(values, whole=whole)
    if exact and often.sum() <= _MOST_VALUES and counts[often].sum() >= _NEARLY_ALL * len(values):
        shares = 100 * counts[often] / counts[often].sum()
        return {"type": "choice", "values": {
            str(value): rounded(share, 3) for value, share in zip(unique[often].astype(np.int64 if whole else
            np.float64).tolist(), shares.tolist(), strict=True)}}  # fmt: skip
    atoms = np.flatnonzero((counts >= _POOR * len(values)) & often)[:_MOST_NUMBERS]
    if len(atoms) == 0:
        return _histogram(values, owners, best, privacy, whole=whole)
    others = ~np.isin(values, unique[atoms])
    rest, their = values[others], owners[others]
    parts: list[Json] = [
        {"weight": rounded(100 * count / len(values), 3), "value": int(value) if whole else rounded(value, 6)}
        for value, count in zip(unique[atoms].tolist(), counts[atoms].tolist(), strict=True)
    ]
    if len(rest) >= privacy.k:
        weight = rounded(100 * len(rest) / len(values), 3)
        nearest = fits(rest)[:1]
        poor = nearest and nearest[0].distance > _POOR and len(np.unique(their)) >= _STEPS * privacy.k
        distribution = (
            _histogram(rest, their, nearest[0], privacy, whole=whole)
            if poor
            else numbers(rest, their, privacy, whole=whole)[0]
        )
        parts.append({"weight": weight, "value": distribution})
    if len(parts) == 1:
        return {"type": "constant", "value": parts[0]["value"]}
    return {"type": "mixture", "parts": parts, "decimals": 6, **_decimals(values, whole=whole)}


def _sharing(at: Owners, owners: Owners, size: int) -> Owners:
    """How many entities have each value, int64 (size,); `at` is the value of each row."""
    each = np.unique(at + size * owners) % size
    return np.bincount(each, minlength=size).astype(np.int64)


def _histogram(values: Numbers, owners: Owners, best: Fit, privacy: Privacy, *, whole: bool) -> Json:
    """The distribution in bins of equal share, each with at least k values."""
    low, high = bounds(values, owners, privacy)
    inner = np.clip(np.quantile(values, np.arange(1, _STEPS) / _STEPS), low, high)
    edges = np.unique([rounded(float(one), 4) for one in (low, *inner, high)])
    if len(edges) < 2:
        return {"type": "constant", "value": float(edges[0])}
    counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0]
    distance = f"{best.kind}, has a Kolmogorov distance of {best.distance:.3f}"
    summary = f"a histogram, because the nearest distribution, {distance}"
    shares = [rounded(100 * count / len(values), 3) for count in counts.tolist()]
    fields = {"edges": edges.tolist(), "counts": shares, **_decimals(values, whole=whole)}
    return {"type": "empirical", "description": summary, **fields}


def bounds(values: Numbers, owners: Owners, privacy: Privacy) -> tuple[float, float]:
    """The k-th of the smallest values of the entities and the k-th of their largest: no extreme value of a single one
    is disclosed. Of fewer than four times k entities, only the leading digit.
    """
    lows, highs = _extremes(values, owners)
    if privacy.k > 1 and len(lows) < 4 * privacy.k:
        return leading_digit(float(lows[0]), math.floor), leading_digit(float(highs[-1]), math.ceil)
    at = min(privacy.k, len(lows)) - 1
    low, high = float(lows[at]), float(highs[len(highs) - 1 - at])
    return rounded(min(low, high), 6), rounded(max(low, high), 6)


def _extremes(values: Numbers, owners: Owners) -> tuple[Numbers, Numbers]:
    """The smallest and the largest value of each entity, each ascending."""
    order = np.lexsort((values, owners))
    first = np.flatnonzero(np.diff(owners[order], prepend=owners[order[:1]] - 1))
    last = np.append(first[1:], len(order)) - 1
    return np.sort(values[order[first]]), np.sort(values[order[last]])


def leading_digit(value: float, to: Callable[[float], int]) -> float:
    """A number with its leading digit alone, rounded by a function such as `math.floor`."""
    if value == 0:
        return 0.0
    size = math.floor(math.log10(abs(value)))
    return float(f"{to(value / 10.0**size)}e{size}")


def _few_numbers(values: Numbers, *, whole: bool) -> Json:
    """A distribution of fewer values than may be described: their order of magnitude is all that is kept."""
    size = 10.0 ** math.ceil(math.log10(max(float(np.abs(values).max()) if len(values) else 1.0, 1e-9)) + 1e-9)
    low = -size if len(values) and values.min() < 0 else 0.0
    if whole:
        return {"type": "uniform", "min": int(low), "max": max(int(size), 1), "decimals": 0}
    return {"type": "uniform", "min": low, "max": size, "decimals": 2}


def _decimals(values: Numbers, *, whole: bool) -> Json:
    """The number of decimals as a field; none where values have more than four."""
    sample = values[:_LOOKED]
    near = min(1e-9, 1e-6 * float(np.abs(sample).max())) if len(sample) else 1e-9
    found = (digits for digits in range(5) if np.allclose(np.round(sample, digits), sample, rtol=1e-12, atol=near))
    digits = 0 if whole else next(found, None)
    return {} if digits is None else {"decimals": digits}


def _times(present: pa.Array, owners: Owners, privacy: Privacy) -> Json:
    """Days between the k-th first and the k-th last one of the entities; of fewer than four times k entities, whole
    months, of fewer than k, years.
    """
    days = np.asarray(pc.cast(present, pa.date32()).cast(pa.int32()))
    first, latest = _extremes(days, owners)
    at = min(privacy.k, len(first)) - 1
    unit = "Y" if len(first) < privacy.k else "M" if len(first) < 4 * privacy.k and privacy.k > 1 else "D"
    if unit != "D":
        at = 0
    ends = sorted((int(first[at]), int(latest[len(latest) - 1 - at])))
    low, last = (np.datetime64(day, "D").astype(f"M8[{unit}]") for day in ends)
    high = max(last, low + 1) if unit == "D" else last + 1
    made = {"type": "uniform", "min": str(low.astype("M8[D]")), "max": str(high.astype("M8[D]"))}
    return {**made, **({"as": "date"} if pa.types.is_date(present.type) else {})}


def _text(column: SourceColumn, privacy: Privacy) -> Json:
    """A generator that makes texts of the same look; no text is kept, and no look of fewer than k entities."""
    present = column.present
    sample = present[:_LOOKED].to_pylist()
    unique = len(present) >= _FEWEST_UNIQUE and pc.count_distinct(present).as_py() == len(present)
    if all(_UUID.match(text) for text in sample):
        return {"type": "uuid"}
    if all(_EMAIL.match(text) for text in sample):
        return {"type": "email", "unique": unique}
    named = _text_by_name(column.name)
    if named is not None:
        return named
    if column.entities < privacy.k:
        return {"type": "pattern", "pattern": "????????"}
    shapes = [_shape(text) for text in sample]
    shape, count = Counter(shapes).most_common(1)[0]
    having = {owner for one, owner in zip(shapes, column.present_owners.tolist(), strict=False) if one == shape}
    often = count > 0.9 * len(sample) and len(having) >= privacy.k
    if often and len(shape) <= 60 and re.search(r"[#?*]", shape):
        return {
            "type": "pattern",
            "pattern": shape,
            **({"unique": True} if unique and _is_no_chance(shape, len(present)) else {}),
        }
    length = int(np.median([len(text) for text in sample]))
    return {"type": "pattern", "pattern": "?" * min(max(length, 4), 40)}


def _text_by_name(name: str) -> Json | None:
    lower = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    if "email" in lower or "e_mail" in lower:
        return {"type": "email"}
    if "uuid" in lower or "guid" in lower:
        return {"type": "uuid"}
    if re.search(r"phone|mobile|fax", lower):
        return {"type": "pattern", "pattern": "+1 ### ### ####"}
    if not _NAMES.search(lower):
        return None
    part = (
        "first" if re.search(r"first|given|fore", lower) else "last" if re.search(r"last|family|sur", lower) else None
    )
    return {"type": "person_name", **({"part": part} if part else {})}


def _shape(text: str) -> str:
    """A text with its digits as `#` and its letters as `?`; other characters stay, those that mean
    something escaped.
    """
    return "".join("#" if c.isdigit() else "?" if c.isalpha() else f"\\{c}" if c in "#?*\\" else c for c in text)


def _is_no_chance(shape: str, count: int) -> bool:
    """Whether some of so many random texts of a shape would be the same, so that all being different is meant."""
    room = 10.0 ** min(shape.count("#"), 15) * 26.0 ** min(shape.count("?"), 10)
    return room >= 20 * count and count**2 / (2 * room) > 3
