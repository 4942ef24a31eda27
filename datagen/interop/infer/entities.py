"""Who the rows of a table are about: rows of one person are one when it is counted how many share a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.interop.infer.source_table import SourceKey, SourceTable

_PERSON = re.compile(
    r"(^|_)(account|admin|applicant|author|borrower|buyer|child|citizen|client|contact|customer|doctor|donor|driver|"
    r"employee|guest|guardian|holder|household|individual|insured|lead|learner|member|owner|participant|passenger|"
    r"patient|people|person|player|policyholder|profile|pupil|resident|seller|staff|student|subject|subscriber|"
    r"teacher|tenant|traveller|user|visitor|voter|worker)s?(_|$)"
)
_KEY = re.compile(r"_?(id|key|no|nr|number|uuid|code|email|e_mail)$")
Owners = NDArray[np.int64]


def with_owners(tables: dict[str, SourceTable], parents: Mapping[str, SourceKey], k: int) -> None:
    """Give the columns of each table the entity of each row.

    It is the topmost row above it, of a table of persons or of at least `k` rows; else what a column that is called
    like the key of a person says. Rows without either are entities themselves.
    """
    for name, table in list(tables.items()):
        owners = _above(tables, parents, name, k)
        owners = _owners_of(table) if owners is None else owners
        if owners is not None:
            for column in table.columns.values():
                if column.cells is not None:
                    table.columns = {**table.columns, column.name: replace(column, owners=owners)}


def is_person(name: str) -> bool:
    """Whether a table or a column is called like persons."""
    return _PERSON.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()) is not None


def _above(tables: Mapping[str, SourceTable], parents: Mapping[str, SourceKey], name: str, k: int) -> Owners | None:
    found: Owners | None = None
    rows: Owners | None = None
    while name in parents:
        key = parents[name]
        cells, keys = tables[name].columns[key.column].cells, tables[key.table].columns[key.key].cells
        if cells is None or keys is None:
            break
        at = np.asarray(pc.fill_null(pc.index_in(cells, value_set=keys), -1)).astype(np.int64)
        rows = at if rows is None else np.where(rows >= 0, at[np.maximum(rows, 0)], -1)
        name = key.table
        if is_person(name) or (tables[name].rows or 0) >= k:
            found = rows
    return found


def _owners_of(table: SourceTable) -> Owners | None:
    """The entity of each row, from a column with its key; rows without one are one entity."""
    for name, column in table.columns.items():
        bare = _KEY.sub("", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
        if column.cells is not None and table.primary_key != (name,) and _KEY.search(name.lower()) and is_person(bare):
            indices = pc.dictionary_encode(column.cells).indices
            return np.asarray(pc.fill_null(indices, -1)).astype(np.int64)
    return None
