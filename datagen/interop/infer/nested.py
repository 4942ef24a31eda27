"""Nested columns: structs by their fields, lists by their length and items, maps by the share of each key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.interop.infer.distributions import Json, rounded
from datagen.interop.infer.relations import count_distribution
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
        return _struct(column, infer, k, notes)
    if pa.types.is_map(present.type):
        return _map(column, present, infer, k, notes)
    lengths = np.asarray(pc.list_value_length(present)).astype(np.int64)
    items = pc.list_flatten(present)
    made = infer(_part(column, "items", items, lengths)) if len(items) else None
    if made is None:
        return None
    return {"type": "list", "length": _length(lengths) if column.entities >= k else 2, "of": made}


def _struct(column: SourceColumn, infer: Infer, k: int, notes: list[str]) -> Json | None:
    made: Json = {}
    present = column.present
    for index in range(present.type.num_fields):
        name = present.type.field(index).name
        part = _part(column, name, pc.struct_field(present, [index]))
        if 0 < part.entities < k <= column.entities:
            notes.append(f"{part.name}: a field that fewer than {k} entities have is left out")
            continue
        inner = infer(part)
        made |= {name: inner} if inner is not None else {}
    return {"type": "struct", "fields": made} if made else None


def _map(column: SourceColumn, present: pa.MapArray, infer: Infer, k: int, notes: list[str]) -> Json | None:
    pairs_type = pa.list_(pa.struct([("key", present.type.key_type), ("value", present.type.item_type)]))
    pairs = pc.list_flatten(pc.cast(present, pairs_type))
    lengths = np.asarray(pc.list_value_length(pc.cast(present, pairs_type))).astype(np.int64)
    keys = _part(column, "keys", pc.struct_field(pairs, ["key"]), lengths)
    counted, shared = keys.counts(len(pairs)) or {}, keys.shared(len(pairs)) or {}
    kept = {str(key): count for key, count in counted.items() if shared[key] >= k}
    if not kept or len(kept) > _MOST_KEYS:
        notes.append(f"{column.name}: its keys are too many or too rare to be listed, and it is left out")
        return None
    if len(kept) < len(counted):
        rare = len(counted) - len(kept)
        left = f"{rare} keys that fewer than {k} entities have are" if rare > 1 else "a key that few entities have is"
        notes.append(f"{column.name}: {left} left out")
    values = infer(_part(column, "values", pc.struct_field(pairs, ["value"]), lengths))
    if values is None:
        return None
    shares = {key: min(rounded(count / len(present), 3), 1.0) for key, count in sorted(kept.items())}
    return {"type": "map", "keys": shares, "values": values}


def _length(lengths: NDArray[np.int64]) -> int | Json:
    made = count_distribution(lengths)
    return int(made["value"]) if made["type"] == "constant" else made


def _part(column: SourceColumn, name: str, cells: pa.Array, lengths: NDArray[np.int64] | None = None) -> SourceColumn:
    """A part as a column of its own; of lists with these lengths, all items of a row are about its entity."""
    cells = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    owners = column.present_owners if lengths is None else np.repeat(column.present_owners, lengths)
    made = replace(column, name=f"{column.name}.{name}", type=cells.type, cells=cells, unique=False, summary=None)
    return replace(made, owners=owners)
