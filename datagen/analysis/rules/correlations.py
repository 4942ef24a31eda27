"""Correlated columns are drawn by inversion, each pair is declared once, and the matrix is positive definite."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from datagen.analysis.correlation_matrix import CorrelationMatrix
from datagen.analysis.dependencies import needs_graph
from datagen.analysis.semantic_model import Node, SemanticModel
from datagen.analysis.static_scope import no_column
from datagen.analysis.table_info import TableInfo
from datagen.errors import Problem
from datagen.random.gaussian_copula import NotPositiveDefinite, cholesky
from datagen.schema.correlation import Correlation
from datagen.schema.reading.json_values import Keys
from datagen.schema.reading.placeholders import InvalidColumn


def correlations(model: SemanticModel) -> Iterator[Problem]:
    """Every correlation is possible and declared once."""
    graph: dict[Node, set[Node]] | None = None
    for facts in model.tables.values():
        seen: set[frozenset[str]] = set()
        sound = True
        for index, one in enumerate(facts.correlations):
            at: Keys = ("tables", facts.name, "correlations", index)
            graph = needs_graph(model) if graph is None else graph
            shape = list(_shape(one, at))
            found = [*shape, *_columns(model, facts, one, at)]
            if not shape:
                found += [*_again(one, seen, at), *_made_from(graph, facts, one, at)]
            yield from found
            sound &= not found
        if sound and facts.correlations:
            yield from _definite(facts)


def _shape(one: Correlation, at: Keys) -> Iterator[Problem]:
    """Problems of an entry that do not depend on its columns."""
    repeated = next((name for k, name in enumerate(one.columns) if name in one.columns[:k]), None)
    if repeated is not None:
        yield Problem("range", (*at, "columns"), f"'{repeated}' is given twice", "name each column once")
    if len(one.given) != 1:
        message = f"has {' and '.join(one.given)}" if one.given else "has neither rho nor tau nor a matrix"
        yield Problem("missing", at, message, "write one of them")
    elif one.matrix is None and len(one.columns) > 2:
        message = f"'{one.given[0]}' is for two columns, not {len(one.columns)}"
        yield Problem("range", (*at, one.given[0]), message, "write an entry for each pair, or a 'matrix'")
    elif one.matrix is not None:
        yield from _square(one.columns, one.matrix, (*at, "matrix"))
    elif not any(rho for _, _, rho in one.pairs()):
        yield Problem("no-effect", (*at, one.given[0]), "columns are uncorrelated by default", "leave it out")


def _square(columns: tuple[str, ...], matrix: tuple[tuple[float, ...], ...], at: Keys) -> Iterator[Problem]:
    size = len(columns)
    if len(matrix) != size or any(len(row) != size for row in matrix):
        yield Problem("range", at, f"needs {size} rows of {size} numbers", "one for each of 'columns', in their order")
        return
    for i in range(size):
        if matrix[i][i] != 1.0:
            message = f"'{columns[i]}' with itself must be 1, not {matrix[i][i]:g}"
            yield Problem("range", (*at, i, i), message, "write 1 on the diagonal")
    for i, j in combinations(range(size), 2):
        pair = f"'{columns[i]}' and '{columns[j]}'"
        if matrix[i][j] != matrix[j][i]:
            message = f"{pair} have {matrix[i][j]:g} above the diagonal and {matrix[j][i]:g} below"
            yield Problem("range", (*at, j, i), message, "write the same number in both places")
        elif not -1.0 < matrix[i][j] < 1.0:
            message = f"{pair} have {matrix[i][j]:g}"
            yield Problem("range", (*at, i, j), message, "write a number between -1 and 1, without these")
    if not any(matrix[i][j] for i, j in combinations(range(size), 2)):
        yield Problem("no-effect", at, "columns are uncorrelated by default", "leave it out")


def _columns(model: SemanticModel, facts: TableInfo, one: Correlation, at: Keys) -> Iterator[Problem]:
    """Problems of columns that do not exist, or are not drawn by inversion."""
    for index, name in enumerate(one.columns):
        where = (*at, "columns", index)
        if name not in facts.declared:
            code, message, hint = no_column(facts.name, name, list(facts.declared))
            yield Problem(code, where, message, hint)
        elif not isinstance(facts.columns[name], InvalidColumn):
            found = facts.columns[name].inversion(model.column(facts.name, name))
            if isinstance(found, str):
                hint = "correlate columns of numbers, times or ordered choices that are drawn for each row"
                yield Problem("type", where, f"'{name}' cannot be correlated: {found}", hint)


def _again(one: Correlation, seen: set[frozenset[str]], at: Keys) -> Iterator[Problem]:
    """Pairs that an earlier entry declares."""
    for left, right, _ in one.pairs():
        pair = frozenset((left, right))
        if pair in seen:
            message = f"'{left}' and '{right}' are already correlated by an earlier entry"
            yield Problem("duplicate", at, message, "keep one of them")
        seen.add(pair)


def _made_from(graph: dict[Node, set[Node]], facts: TableInfo, one: Correlation, at: Keys) -> Iterator[Problem]:
    """Pairs of which one column is computed from the other, and so already depends on it."""
    above = {name: _closure(graph, (facts.name, name)) for name in one.columns}
    for left, right, rho in one.pairs():
        for made, source in ((left, right), (right, left)):
            if rho and (facts.name, source) in above[made]:
                message = f"'{made}' depends on '{source}' already"
                yield Problem("unrelated-table", at, message, "correlate columns that do not depend on each other")


def _closure(graph: dict[Node, set[Node]], node: Node) -> set[Node]:
    """All dependencies of a node, direct or not."""
    found: set[Node] = set()
    stack = [node]
    while stack:
        for need in graph.get(stack.pop(), ()):
            if need not in found:
                found.add(need)
                stack.append(need)
    return found


def _definite(facts: TableInfo) -> Iterator[Problem]:
    """The first pair that makes the matrix not positive definite."""
    matrix = CorrelationMatrix.of(facts.correlations)
    try:
        cholesky(matrix.rows)
    except NotPositiveDefinite as error:
        one, other = matrix.columns[error.column], matrix.columns[error.row]
        pair = frozenset((one, other))
        entries = enumerate(facts.correlations)
        index = next((k for k, entry in entries if pair <= set(entry.columns)), None)
        rho = matrix.rho.get(pair)
        has = f"have rho {rho:.4g}" if rho is not None else "are not declared, which means 0"
        message = f"the correlations are not positive definite: '{one}' and '{other}' {has}"
        low, high = max(error.low, -1.0), min(error.high, 1.0)
        hint = f"given the other pairs, their rho must lie between {low:.3f} and {high:.3f}"
        keys: Keys = ("tables", facts.name, "correlations", *(() if index is None else (index,)))
        yield Problem("range", keys, message, hint)
