"""Nested columns: structs by their fields, lists by their length and items, maps by the share of each key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.interop.infer.distributions import Json, rounded
from datagen.interop.infer.relations import count_law
from datagen.interop.infer.source_table import SourceColumn

Infer = Callable[[SourceColumn], Json | None]
"""Infers the generator of a part; None for a part without any value."""
_MOST_KEYS = 100


def nested_generator(column: SourceColumn, infer: Infer, k: int, notes: list[str]) -> Json | None:
    """The generator of a struct, a list or a map; None where none of its parts has a value. Keys of maps that fewer
    than `k` rows have are left out.
    """
    present = column.present
    if pa.types.is_struct(present.type):
        return _struct(column, present, infer)
    if pa.types.is_map(present.type):
        return _map(column, present, infer, k, notes)
    lengths = np.asarray(pc.list_value_length(present)).astype(np.int64)
    items = pc.list_flatten(present)
    made = infer(_part(column, "items", items)) if len(items) else None
    return None if made is None else {"type": "list", "length": _length(lengths), "of": made}


def _struct(column: SourceColumn, present: pa.StructArray, infer: Infer) -> Json | None:
    made: Json = {}
    for index in range(present.type.num_fields):
        name = present.type.field(index).name
        inner = infer(_part(column, name, pc.struct_field(present, [index])))
        made |= {name: inner} if inner is not None else {}
    return {"type": "struct", "fields": made} if made else None


def _map(column: SourceColumn, present: pa.MapArray, infer: Infer, k: int, notes: list[str]) -> Json | None:
    pairs = pc.list_flatten(pc.cast(present, pa.list_(pa.struct([("key", present.type.key_type), ("value",
        present.type.item_type)]))))  # fmt: skip
    counted = pc.value_counts(pc.struct_field(pairs, ["key"])).to_pylist() if len(pairs) else []
    kept = {str(one["values"]): one["counts"] for one in counted if one["counts"] >= k}
    if not kept or len(kept) > _MOST_KEYS:
        notes.append(f"{column.name}: its keys are too many or too rare to be listed, and it is left out")
        return None
    if len(kept) < len(counted):
        notes.append(f"{column.name}: {len(counted) - len(kept)} keys that fewer than {k} rows have are left out")
    values = infer(_part(column, "values", pc.struct_field(pairs, ["value"])))
    if values is None:
        return None
    shares = {key: min(rounded(count / len(present), 3), 1.0) for key, count in sorted(kept.items())}
    return {"type": "map", "keys": shares, "values": values}


def _length(lengths: NDArray[np.int64]) -> int | Json:
    made = count_law(lengths)
    return int(made["value"]) if made["type"] == "constant" else made


def _part(column: SourceColumn, name: str, cells: pa.Array) -> SourceColumn:
    cells = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    return replace(column, name=f"{column.name}.{name}", type=cells.type, cells=cells, unique=False, summary=None)
