"""Correlations of the numbers of a table: the correlation of their normal scores, which is `rho` of a Gaussian copula.

The estimator is van der Waerden's (Boudt, Cornelissen and Croux 2012): ranks become normal scores, and Pearson's
correlation of the scores is the estimate. Tails and units do not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.interop.infer.distributions import DISTRIBUTIONS, Json, Numbers
from datagen.interop.infer.source_table import SourceTable

WEAKEST = 0.15
"""Correlations below are left out."""
SURE = 5.0
"""Standard errors of Fisher's z that a correlation must be away from 0: by chance, one pair of a million."""
_FEWEST_ROWS, _MOST_ROWS, _MOST_COLUMNS = 100, 200_000, 64
_STRONGEST, _EXACT = 0.99, 1 - 1e-9
_LEAST_EIGENVALUE = 0.005
_QUANTILE = np.array([NormalDist().inv_cdf((k + 0.5) / 4096) for k in range(4096)])


def correlations(table: SourceTable, columns: Json, notes: list[str]) -> list[Json]:
    """The entries of `correlations`: `rho` for two columns, a `matrix` for columns that belong together.

    Columns that depend on a category are compared within each of its values.
    """
    names = [name for name in columns if _distribution(columns[name]) is not None and table.is_number(name)][
        :_MOST_COLUMNS
    ]
    step = -(-table.read // _MOST_ROWS) if table.read else 1
    scores = {name: _scores(table, columns[name], name)[::step] for name in names}
    found = {}
    for one, other in combinations(names, 2):
        both = np.isfinite(scores[one]) & np.isfinite(scores[other])
        rho, n = _rho(scores[one][both], scores[other][both]), int(both.sum())
        if n >= _FEWEST_ROWS and abs(rho) >= WEAKEST and np.arctanh(abs(rho)) * (n - 3) ** 0.5 > SURE:
            found[one, other] = max(min(rho, _STRONGEST), -_STRONGEST)
            if abs(rho) > _STRONGEST:
                notes.append(f"{one}, {other}: one nearly determines the other; they are correlated by {_STRONGEST}")
    return [_entry(group, scores, found) for group in _components(names, found)]


def _distribution(made: Json) -> str | None:
    """The distribution of a column of numbers, or `case` where each case has one."""
    if made["type"] == "case":
        return "case" if all(_distribution(one) is not None for one in made["cases"].values()) else None
    return made["type"] if made["type"] in DISTRIBUTIONS and "as" not in made else None


def _scores(table: SourceTable, made: Json, name: str) -> Numbers:
    """Normal scores of a column, within each value of the column that its cases name; NaN where a cell is missing."""
    values = np.asarray(pc.cast(table.columns[name].cells, pa.float64(), safe=False))
    if made["type"] != "case":
        return _normal_scores(values)
    codes = np.asarray(pc.fill_null(pc.dictionary_encode(table.columns[made["column"]].cells).indices, -1))
    made_scores = np.full(len(values), np.nan)
    for code in np.unique(codes[codes >= 0]):
        made_scores[codes == code] = _normal_scores(values[codes == code])
    return made_scores


def _normal_scores(values: Numbers) -> Numbers:
    """Normal quantiles of the middle ranks; equal values have equal scores."""
    known = np.isfinite(values)
    scores = np.full(len(values), np.nan)
    ordered = np.sort(values[known])
    if len(ordered) == 0:
        return scores
    middle = np.searchsorted(ordered, values[known], "left") + np.searchsorted(ordered, values[known], "right")
    ranks = middle / (2 * len(ordered))
    scores[known] = np.interp(ranks, (np.arange(4096) + 0.5) / 4096, _QUANTILE)
    return scores


def _rho(one: Numbers, other: Numbers) -> float:
    if len(one) < 3 or one.std() == 0 or other.std() == 0:
        return 0.0
    rho = float(((one - one.mean()) * (other - other.mean())).mean() / (one.std() * other.std()))
    return max(min(rho, _EXACT), -_EXACT)


def _components(names: list[str], pairs: Any) -> Iterator[list[str]]:
    """Columns that are connected by pairs, in their order."""
    left = {name for pair in pairs for name in pair}
    for name in names:
        if name not in left:
            continue
        group, waiting = {name}, [name]
        while waiting:
            one = waiting.pop()
            near = {other for pair in pairs if one in pair for other in pair} - group
            group |= near
            waiting += near
        left -= group
        yield [one for one in names if one in group]


def _entry(group: list[str], scores: dict[str, Numbers], pairs: dict[tuple[str, str], float]) -> Json:
    if len(group) == 2:
        return {"columns": group, "rho": round(pairs[group[0], group[1]], 2)}
    whole = np.eye(len(group))
    for i, j in combinations(range(len(group)), 2):
        one, other = scores[group[i]], scores[group[j]]
        both = np.isfinite(one) & np.isfinite(other)
        whole[i, j] = whole[j, i] = pairs.get((group[i], group[j]), _rho(one[both], other[both]))
    return {"columns": group, "matrix": positive_definite(whole).tolist()}


def positive_definite(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """A correlation matrix of two decimals, drawn towards the identity until its least eigenvalue is positive."""
    made = np.round(matrix, 2)
    for kept in np.linspace(1.0, 0.0, 101):
        made = np.round(kept * matrix + (1 - kept) * np.eye(len(matrix)), 2)
        if float(np.linalg.eigvalsh(made)[0]) > _LEAST_EIGENVALUE:
            break
    return made
