"""Two-way contingency tables: chi-square tests of independence and effect sizes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from datagen.columnar.block import Floats, Ints

FAR = 6.0
"""Standard errors beyond which a difference is significant: a report has thousands of cells."""
LEAST_EXPECTED = 5.0
LEAST_V = 0.02
LEAST_RATIO = 0.1
"""The smallest relative deviation of a cell that matters."""
LEAST_LEVEL = 0.02
"""The smallest deviation of the mean of a column that matters, relative to the range of the scores."""
FEWEST_OF_LEVEL = 20.0


@dataclass(frozen=True, slots=True)
class Departure:
    """How far a table is from independence: `z` of the whole with Cramer's V as effect size, and the most deviating
    cell; if rows are ordered, also the column whose mean score deviates most.

    `cell` are its row and column, `ratio` is observed over expected, `cell_z` its deviation in standard errors. `level`
    are that column, the deviation of its mean (the range of the scores is 1), and the same in standard errors.
    """

    z: float = 0.0
    size: float = 0.0
    cell: tuple[int, int] = (0, 0)
    ratio: float = 1.0
    cell_z: float = 0.0
    level: tuple[int, float, float] = (0, 0.0, 0.0)

    @property
    def whole(self) -> bool:
        """Whether the table as a whole departs from independence."""
        return self.z > FAR and self.size > LEAST_V

    @property
    def local(self) -> bool:
        """Whether its most deviating cell does."""
        return abs(self.cell_z) > FAR and abs(self.ratio - 1.0) > LEAST_RATIO

    @property
    def shifted(self) -> bool:
        """Whether the mean of a column does."""
        return abs(self.level[2]) > FAR and abs(self.level[1]) > LEAST_LEVEL

    @property
    def found(self) -> bool:
        """Whether there is any departure."""
        return self.whole or self.local or self.shifted

    @property
    def severity(self) -> float:
        """From 0 for none to 1 for the largest possible."""
        local = min(abs(self.ratio - 1.0), 1.0) if self.local else 0.0
        level = min(4.0 * abs(self.level[1]), 1.0) if self.shifted else 0.0
        return max(min(5.0 * self.size, 1.0) if self.whole else 0.0, local, level)


def departure(table: Floats, ordered: bool = False) -> Departure:
    """How far counts, (rows, columns), are from independence of rows and columns; `ordered` rows also by their mean."""
    there = np.flatnonzero(np.add.reduce(table, axis=1)), np.flatnonzero(np.add.reduce(table, axis=0))
    if min(map(len, there)) < 2:
        return Departure()
    found = _departure(table[np.ix_(*there)])
    level = _level(table) if ordered else found.level
    return replace(found, cell=(int(there[0][found.cell[0]]), int(there[1][found.cell[1]])), level=level)


def _level(table: Floats) -> tuple[int, float, float]:
    """The column whose mean score deviates most from that of all, its deviation, and the same in standard errors."""
    number, total = np.add.reduce(table, axis=0), float(table.sum())
    scores = (np.arange(len(table)) + 0.5) / len(table)
    shares = np.add.reduce(table, axis=1) / total
    mean = float((scores * shares).sum())
    variance = float(((scores - mean) ** 2 * shares).sum())
    usable = (number >= FEWEST_OF_LEVEL) & (total - number >= FEWEST_OF_LEVEL)
    if not usable.any() or variance <= 0:
        return 0, 0.0, 0.0
    off = np.where(usable, (scores - mean) @ table / np.maximum(number, 1.0), 0.0)
    z = off * np.sqrt(number / (variance * np.maximum(1.0 - number / total, 1e-9)))
    at = int(np.where(np.abs(off) > LEAST_LEVEL, np.abs(z), 0.0).argmax())
    return at, float(off[at]), float(z[at])


def _departure(table: Floats) -> Departure:
    total = float(table.sum())
    rows, columns = np.add.reduce(table, axis=1) / total, np.add.reduce(table, axis=0) / total
    due, room = np.outer(rows, columns) * total, np.outer(1.0 - rows, 1.0 - columns)
    usable = due >= LEAST_EXPECTED
    if not usable.any():
        return Departure()
    z = _deviance(table, due) / np.sqrt(np.maximum(room, 0.5))
    large = np.abs(table / due - 1.0) > LEAST_RATIO
    far = np.where(usable, np.abs(z) + 1e3 * (large & (np.abs(z) > FAR)), 0.0)  # effect size before significance
    at = int(far.argmax())
    square = float(np.where(usable, (table - due) ** 2 / due, 0.0).sum())
    freedom = float(room[usable].sum())  # the mean of the sum, if rows and columns are independent
    size = (max(square - freedom, 0.0) / (total * (min(table.shape) - 1))) ** 0.5
    ratio = float(table.flat[at] / due.flat[at])
    return Departure(chi_square_z(square, freedom), size, divmod(at, table.shape[1]), ratio, float(z.flat[at]))


def _deviance(seen: Floats, due: Floats) -> Floats:
    """Signed roots of the Poisson deviance with a continuity correction: about standard normal, also in the tails."""
    near = np.where(seen > due, np.maximum(seen - 0.5, due), np.minimum(seen + 0.5, due))
    square = 2.0 * (near * np.log(np.maximum(near, 1e-12) / np.maximum(due, 1e-12)) - (near - due))
    found: Floats = np.sign(seen - due) * np.sqrt(np.maximum(square, 0.0))
    return found


def chi_square_z(square: float, freedom: float) -> float:
    """The standard normal quantile of a chi-square statistic with these degrees of freedom: Wilson and
    Hilferty 1931.

    Fewer than one degree counts as one: the approximation does not hold below, and this never overstates.
    """
    if freedom <= 0:
        return 0.0
    freedom = max(freedom, 1.0)
    spread = 2.0 / (9.0 * freedom)
    return float(((max(square, 0.0) / freedom) ** (1.0 / 3.0) - 1.0 + spread) / spread**0.5)


def counted(rows: Ints, columns: Ints, shape: tuple[int, int]) -> Floats:
    """The frequency of each pair of codes, float64 of this shape; pairs with a negative code are left out."""
    kept = (rows >= 0) & (columns >= 0)
    cells = np.bincount(rows[kept] * shape[1] + columns[kept], minlength=shape[0] * shape[1])
    return cells.reshape(shape).astype(np.float64)


def pair_sums(n: Floats, total: Floats) -> Floats:
    """Of entities with `n` cells and a `total` of scores each: n, its square and cube, squares of totals, totals times
    n, and the number of entities with a cell; summed, (6,).
    """
    parts = (n, n * n, n**3, total * total, total * n, n > 0)
    return np.array([float(part.sum()) for part in parts])
