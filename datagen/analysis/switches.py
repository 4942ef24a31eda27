"""Declarations that are switched off: what a document, or `--without`, names by its address.

An address is `TABLE.behaviors.NAME`, where the name of a behavior is its own or else its type (the second of a type is
`TYPE_2`), or `TABLE.PART` where the row source of the table has such a part (`conversions.triggered_by.search`).
"""

from __future__ import annotations

from collections.abc import Mapping

from datagen.analysis.document_model import DocumentModel
from datagen.registry import did_you_mean

BEHAVIORS = "behaviors"


def behavior_names(model: DocumentModel, table: str) -> Mapping[str, int]:
    """The behaviors of a table by name."""
    found: dict[str, int] = {}
    for index, behavior in enumerate(model.tables[table].behaviors):
        own = getattr(behavior, "name", None)
        same = sum(other.type == behavior.type for other in model.tables[table].behaviors[:index])
        found[own or (behavior.type if not same else f"{behavior.type}_{same + 1}")] = index
    return found


def behaviors_off(model: DocumentModel) -> frozenset[tuple[str, int]]:
    """The table and position of each behavior that is switched off."""
    found = []
    for address in model.document.without:
        table, _, rest = address.partition(".")
        part, _, name = rest.partition(".")
        if part == BEHAVIORS and table in model.tables:
            index = behavior_names(model, table).get(name)
            found += [] if index is None else [(table, index)]
    return frozenset(found)


def parts_off(model: DocumentModel, table: str) -> frozenset[str]:
    """The parts of a table that are switched off, each by its address below the table."""
    split = (address.partition(".") for address in model.document.without)
    return frozenset(rest for name, _, rest in split if name == table)


def unknown(model: DocumentModel, address: str) -> tuple[str, str] | None:
    """What is wrong with an address, and a hint; None if it names a declaration."""
    table, _, rest = address.partition(".")
    if table not in model.tables:
        return f"there is no table '{table[:60]}'", did_you_mean(table, list(model.tables))
    known = [f"{BEHAVIORS}.{name}" for name in behavior_names(model, table)]
    known += model.tables[table].rows.switches(model.rows(table))
    if rest in known:
        return None
    message = f"'{address[:120]}' is no declaration that can be switched off"
    if not known:
        return message, f"'{table}' has none"
    return message, did_you_mean(address, [f"{table}.{name}" for name in known])
