"""Finds keys: columns whose values identify rows, and columns whose values are all among those of a key (inclusion)."""

from __future__ import annotations

import re
from itertools import combinations, product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.interop.infer.source_table import SourceColumn, SourceKey, SourceTable

_ENDINGS = ("_id", "id", "_key", "_no", "_code", "_uuid")
_POSITION = re.compile(
    r"(^|_)(line|item|row|position|pos|seq|sequence|no|nr|number|num|step|version)($|_|\d)", re.IGNORECASE
)
_ABOVE = re.compile(
    r"(^|_)(manager|supervisor|superior|boss|lead|report(s|ing)?_to|mentor|parent|root|predecessor|prev(ious)?|"
    r"refer(rer|red_by)|invited_by|(in_)?reply_to|replaces|belongs_to|part_of)(_id|_key|_no|_code|_uuid)?$"
)
"""Columns called so refer to another row of their own table."""
_FEW = 10
FEWEST = 2
"""Distinct values that a column needs for its inclusion in a key to mean something."""


def find_keys(tables: list[SourceTable]) -> None:
    """Give every table with rows the primary key and the foreign keys that it does not declare."""
    for table in tables:
        if not table.primary_key and (table.read or table.is_sample):
            table.primary_key = _primary_key(table)
    for table in tables:
        declared = {key.column for key in table.foreign_keys}
        for column in table.columns.values():
            known = column.cells is not None or column.summary is not None
            if known and column.name not in declared and _keylike(column):
                found = _included(table, column, tables)
                table.foreign_keys += [found] if found is not None else []
    for table in tables:
        if not table.primary_key and table.read:
            table.primary_key = _composite_key(table)


def _composite_key(table: SourceTable) -> tuple[str, ...]:
    """Two columns that identify rows together: foreign keys, or one and a number that is called like a position."""
    foreign = [key.column for key in table.foreign_keys if _is_whole(table.columns[key.column])]
    numbers = [name for name, one in table.columns.items() if _POSITION.search(name) and _is_whole(one)]
    codes = {name: pc.dictionary_encode(table.columns[name].cells) for name in {*foreign, *numbers}}
    for one, other in [*combinations(foreign, 2), *product(foreign, numbers)]:
        pairs = np.asarray(codes[one].indices, np.int64) * len(codes[other].dictionary) + np.asarray(
            codes[other].indices, np.int64
        )
        if one != other and len(np.unique(pairs)) == len(pairs):
            return one, other
    return ()


def _is_whole(column: SourceColumn) -> bool:
    """Whether no cell is missing."""
    return column.cells is not None and column.cells.null_count == 0


def identifies(column: SourceColumn) -> bool:
    """Whether every cell is there and comes once."""
    if column.summary is not None:
        return column.complete and column.sketch is not None and column.sketch.is_unique
    cells = column.cells
    return (
        cells is not None
        and len(cells) > 0
        and cells.null_count == 0
        and pc.count_distinct(cells).as_py() == len(cells)
    )


def _primary_key(table: SourceTable) -> tuple[str, ...]:
    """The first column that identifies rows and is called like a key, else one that leads the table."""
    unique = [column for column in table.columns.values() if _keylike(column) and identifies(column)]
    named = [column for column in unique if column.name.lower().endswith(_ENDINGS)]
    leading = [column for column in unique if column.name == next(iter(table.columns))]
    return tuple(column.name for column in (named or leading)[:1])


def _keylike(column: SourceColumn) -> bool:
    return bool(pa.types.is_integer(column.type) or pa.types.is_string(column.type))


def _included(table: SourceTable, column: SourceColumn, tables: list[SourceTable]) -> SourceKey | None:
    """The key that holds all values of a column, if the names agree: `customer_id` in `customers`, `user_id` in
    `users`.
    """
    is_key = table.primary_key == (column.name,)
    if is_key and _stem(column.name) == singular(table.name.lower()):
        return None
    candidates = [
        other
        for other in tables
        if len(other.primary_key) == 1
        and (other is not table or column.name != other.primary_key[0])
        and (other.read == other.rows or other.is_sample)
        and (_stem(column.name) == singular(other.name.lower()) if is_key else _alike(column.name, other))
        and other.columns[other.primary_key[0]].type == column.type
    ]
    for other in sorted(candidates, key=lambda one: -_likeness(column.name, one)):
        key = other.columns[other.primary_key[0]]
        if _is_within(column, key, min(FEWEST, other.rows or 0)):
            return SourceKey(column.name, other.name, key.name, declared=False)
    return None if is_key else _to_itself(table, column)


def _is_within(column: SourceColumn, key: SourceColumn, fewest: int) -> bool:
    """Whether a column has at least so many values, all of them keys; of tables that are sampled, by their sketches."""
    if column.summary is None and key.summary is None:
        values = pc.unique(column.present)
        among = len(values) >= fewest and bool(pc.all(pc.is_in(values, value_set=key.cells)).as_py())
        return among and (_refers_up(column.name) or not _counts(column, values, key))
    one, other = column.sketch, key.sketch
    return one is not None and other is not None and len(one.hashes) >= fewest and one.is_within(other)


def _counts(column: SourceColumn, values: pa.Array, key: SourceColumn) -> bool:
    """Whether whole numbers count something and are no keys: they come often, and are the first of far more keys."""
    several = len(column.present) >= _FEW * len(values) and len(key.present) >= _FEW * len(values)
    if not several or not pa.types.is_integer(column.type):
        return False
    low, high = (end(values).as_py() for end in (pc.min, pc.max))
    return bool(low == pc.min(key.cells).as_py() and high - low + 1 <= 2 * len(values))


def _to_itself(table: SourceTable, column: SourceColumn) -> SourceKey | None:
    """A column whose cells are keys of other rows of its own table, by its name: a manager, a predecessor. With another
    name, it is one of numbers called like a key, whose rows come earlier: `sponsor_no` beside `member_no`.
    """
    if len(table.primary_key) != 1:
        return None
    key = table.columns[table.primary_key[0]]
    if key.type != column.type or column.cells is None or key.cells is None:
        return None
    if _refers_up(column.name):
        apart = not pc.any(pc.equal(column.cells, key.cells)).as_py()
    else:
        ends_alike = _ending(column.name) in {"_id", _ending(key.name)} and not _POSITION.search(_stem(column.name))
        numbers = ends_alike and pa.types.is_integer(column.type)
        apart = numbers and pc.all(pc.less(column.cells, key.cells)).as_py()
    included = apart and _is_within(column, key, FEWEST)
    return SourceKey(column.name, table.name, key.name, declared=False) if included else None


def _refers_up(name: str) -> bool:
    """Whether a column is called like a reference to its own table: `manager_id`, `ReportsTo`, `parent_category_id`."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    words = re.sub(r"_[a-z]+(?=_(id|key|no|code|uuid)$)", "", snake)
    return _ABOVE.search(snake) is not None or _ABOVE.search(words) is not None


def _alike(name: str, other: SourceTable) -> bool:
    return _likeness(name, other) > 0


def _likeness(name: str, other: SourceTable) -> int:
    """How well the name of a column names the key of a table."""
    column, key, table = name.lower(), other.primary_key[0].lower(), singular(other.name.lower())
    stem = _stem(column)
    if column == key and key not in ("id", "key", "code"):
        return 3
    if stem == table:
        return 2
    return 1 if stem and (table.endswith(stem) or stem.endswith(table)) else 0


def _ending(name: str) -> str | None:
    """What calls a column a key: `_id`, `_no`."""
    return next((end for end in _ENDINGS if name.lower().endswith(end)), None)


def _stem(name: str) -> str:
    """The name of a column in lower case without what calls it a key."""
    return name.lower().removesuffix(_ending(name) or "").rstrip("_ ")


def singular(name: str) -> str:
    """A plural English noun in the singular, by its ending."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
