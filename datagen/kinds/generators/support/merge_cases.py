"""Fills a column from several generators: parts that were filled separately, or all distributions in one pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import FLOAT, Bools, Column, Ints, Rows, Type, as_numpy, decimal, indices
from datagen.columnar.text import text_array
from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.numeric_range import rounded
from datagen.random.inverse_cdf import StackedInverseCdf

if TYPE_CHECKING:
    from datagen.scope import Scope


CaseNumbers = Callable[[Column], npt.NDArray[np.int16]]


def widest(types: Sequence[Type | None]) -> Type | None:
    """The type that can represent all of these; None if there is none, or one of them is unknown."""
    known = {type_ for type_ in types if type_ is not None}
    if not known or None in types:
        return None
    if len(known) == 1:
        return known.pop()
    if all(type_.numeric for type_ in known):
        return FLOAT if FLOAT in known else decimal(max(type_.scale for type_ in known))
    if all(type_.textual for type_ in known):
        return Type("text")
    return None


def case_numbers(cells: Sequence[int | float | str], type_: Type) -> CaseNumbers:
    """A function from a column of `type_` to the position in `cells` of each value, int16, shape (n,);
    -1 for others.
    """
    if type_.textual:
        texts = [str(cell) for cell in cells]
        return lambda values: _text_numbers(values, texts)
    order = np.argsort(np.array(cells, np.int64), kind="stable")
    return lambda values: _whole_numbers(values, np.array(cells, np.int64)[order], order)


def _text_numbers(values: Column, known: Sequence[str]) -> npt.NDArray[np.int16]:
    if values.dictionary is not None:
        places = {text: place for place, text in enumerate(known)}
        by_code = np.array([places.get(word, -1) for word in values.dictionary.to_pylist()], np.int16)
        numbered: npt.NDArray[np.int16] = by_code.take(values.data)
        return numbered
    found = pc.index_in(values.data, text_array(known))
    numbers = np.frombuffer(found.buffers()[1], np.int32)[found.offset : found.offset + len(found)]
    return np.where(as_numpy(found.is_valid()), numbers, -1).astype(np.int16)


def _whole_numbers(values: Column, cells: Ints, order: Ints) -> npt.NDArray[np.int16]:
    at = np.minimum(np.searchsorted(cells, values.data), len(cells) - 1)
    return np.where(cells[at] == values.data, order[at], -1).astype(np.int16)


def assembled(parts: Sequence[Column], at: Sequence[Ints], n: int, type_: Type) -> Column:
    """n cells of `type_`: those of part i at the positions `at[i]`, the others missing."""
    return Column(type_, *_texts(parts, at, n)) if type_.name == "text" else _numbers(parts, at, n, type_)


def _texts(parts: Sequence[Column], at: Sequence[Ints], n: int) -> tuple[pa.Array, Bools | None]:
    """Text cells: the concatenated parts, and an empty one at the end, taken in row order."""
    texts = [part.texts for part in parts]
    whole = pa.concat_arrays([*texts, text_array([""])])
    index = np.full(n, len(whole) - 1, np.int64)
    start = 0
    for text, rows in zip(texts, at, strict=True):
        index[rows] = np.arange(start, start + len(text))
        start += len(text)
    return whole.take(indices(index)), _valid(parts, at, n)


def _numbers(parts: Sequence[Column], at: Sequence[Ints], n: int, type_: Type) -> Column:
    words, tables = _merged(parts) if type_.name == "category" else (None, None)
    data = np.zeros(n, _dtype(type_))
    for i, (part, rows) in enumerate(zip(parts, at, strict=True)):
        data[rows] = tables[i][part.data] if tables is not None else _as(part, type_)
    return Column(type_, data, _valid(parts, at, n), words)


def _dtype(type_: Type) -> Any:
    return {"float": np.float64, "bool": np.bool_, "category": np.int32}.get(type_.name, np.int64)


def _as(part: Column, type_: Type) -> Any:
    """The cells of a narrower numeric type in a wider one."""
    if part.type == type_:
        return part.data
    return part.as_floats() if type_.name == "float" else part.data * 10 ** (type_.scale - part.type.scale)


def _valid(parts: Sequence[Column], at: Sequence[Ints], n: int) -> Bools | None:
    if sum(map(len, at)) == n and all(part.valid is None for part in parts):
        return None
    valid = np.zeros(n, np.bool_)
    for part, rows in zip(parts, at, strict=True):
        valid[rows] = True if part.valid is None else part.valid
    return valid


def _merged(parts: Sequence[Column]) -> tuple[pa.Array, list[npt.NDArray[np.int32]]]:
    """One dictionary of all words, and for each part the new code of each old one."""
    codes: dict[str, int] = {}
    tables = []
    for part in parts:
        words = part.dictionary.to_pylist() if part.dictionary is not None else []
        tables.append(np.array([codes.setdefault(word, len(codes)) for word in words], np.int32))
    return text_array(list(codes)), tables


FillCases = Callable[[Rows, npt.NDArray[np.int16]], Column]
"""The cells of rows from the numbers of their cases."""


def batched_cases(parts: Sequence[Generator], scope: Scope) -> FillCases | None:
    """The filler of cases that are distributions of one type without range and modifiers; None for others."""
    distributions = [part for part in parts if isinstance(part, DistributionGenerator)]
    if len(distributions) < len(parts) or any(
        distribution.modifiers or distribution.min is not None or distribution.max is not None
        for distribution in distributions
    ):
        return None
    types = {distribution.result(scope) for distribution in distributions}
    type_ = types.pop()
    if types or type_ is None:
        return None
    stacked, stream, effect = (
        StackedInverseCdf.of([distribution.distribution() for distribution in distributions]),
        scope.stream(),
        scope.effect(),
    )

    def fill(rows: Rows, cases: npt.NDArray[np.int16]) -> Column:
        numbers = stacked.sample(stream, rows.ids, cases)
        return rounded(numbers if effect is None else numbers * effect(rows), type_)

    return fill
