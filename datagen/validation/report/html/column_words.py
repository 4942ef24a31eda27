"""Describes a column in a sentence, from its declaration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from datagen.analysis.semantic_model import SemanticModel
from datagen.validation.report.html.er_relations import link_of
from datagen.validation.report.number_format import share, shortened

LONGEST = 180
A_SENTENCE = 130
MOST_VALUES = 5
_ASIDE = ("type", "description", "hidden", "modifiers")


def what_it_is(model: SemanticModel, table: str, column: str) -> str:
    """Its description if it has one; else a sentence from its declaration."""
    generator = model.tables[table].columns[column]
    if generator.description:
        return generator.description
    written = _written(model, table, column)
    written = written if isinstance(written, Mapping) else {}
    link = link_of(model, table, column)
    if column == model.tables[table].key:
        return "Identifies each row."
    if link is not None and link.child:
        return f"The row of {link.to} that the row belongs to."
    if link is not None and "table" in written:
        distribution = _settings(written, ("table",))
        return shortened(f"A row of {link.to}{', ' if distribution else ''}{distribution}.", A_SENTENCE)
    return shortened(_description(generator.type, written), A_SENTENCE)


def _description(kind: str, written: Mapping[str, Any]) -> str:
    if kind == "expression":
        return f"Computed: {written.get('expression', '')}"
    if kind == "row_attribute" and "attribute" in written:
        return f"Made with the row: {str(written['attribute']).replace('_', ' ')}."
    if kind == "after" and "delay" in written:
        rest = _settings(written, ("column", "delay", "after_window"))
        distribution = line_of(written["delay"]).strip("{}")
        return f"After {written.get('column', 'another time')} by {distribution}{', ' + rest if rest else ''}."
    if "through" in written:
        return f"{written.get('column', 'A column')} of the row in {written['through']}."
    if "table" in written:
        of = f" {written['expression']}" if "expression" in written else ""
        rest = _settings(written, ("table", "expression"))
        return f"{_words(kind)}{of} in {written['table']}{', ' + rest if rest else ''}."
    values = written.get("values")
    if values and not isinstance(values, str):
        rest = _settings(written, ("values",))
        return f"One of {_values(values)}{', ' + rest if rest else ''}."
    first = f" {line_of(written[kind])}" if kind in written else ""
    rest = _settings(written, (kind,))
    return f"{_words(kind)}{first}{', ' if first and rest else ': ' if rest else ''}{rest}."


def _values(values: Any) -> str:
    """The first values with their shares."""
    if not isinstance(values, Mapping):
        texts = [line_of(value) for value in values]
        return ", ".join(texts[:MOST_VALUES]) + (
            f" and {len(texts) - MOST_VALUES} more" if len(texts) > MOST_VALUES else ""
        )
    weights = [float(w) if isinstance(w, int | float) else 0.0 for w in values.values()]
    total = sum(weights) or 1.0
    texts = [f"{name} ({share(w / total)})" for name, w in zip(values, weights, strict=True)]
    return ", ".join(texts[:MOST_VALUES]) + (
        f" and {len(texts) - MOST_VALUES} more" if len(texts) > MOST_VALUES else ""
    )


def _settings(written: Mapping[str, Any], texts: tuple[str, ...]) -> str:
    """The other fields of a declaration: `median 12, sigma 0.3`."""
    rest = [(key.replace("_", " "), value) for key, value in written.items() if key not in (*_ASIDE, *texts)]
    return ", ".join(key if value is True else f"{key} {line_of(value)}" for key, value in rest)


def _words(kind: str) -> str:
    """`person_name` is "Person name"."""
    return re.sub(r"_", " ", kind).capitalize()


def line_of(value: Any) -> str:
    """A JSON value on a line: `{zipf, exponent 1.1}`."""
    if isinstance(value, Mapping):
        kind = [str(value["type"])] if "type" in value else []
        return (
            "{" + ", ".join([*kind, *(f"{key} {line_of(cell)}" for key, cell in value.items() if key != "type")]) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(line_of(cell) for cell in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written(model: SemanticModel, table: str, column: str) -> Any:
    """The declaration of a column as written; of a column that a behavior makes, its generator's."""
    columns = model.schema.raw["tables"][table]["columns"]
    if column in columns:
        return columns[column]
    generator = model.tables[table].columns[column]
    return {"type": generator.type, **generator.model_dump(mode="json", by_alias=True, exclude_defaults=True)}


def declared(model: SemanticModel, table: str, column: str) -> str:
    """The declaration of a column on a line: `lognormal, median 12, sigma 0.3`."""
    written = _written(model, table, column)
    if not isinstance(written, Mapping):
        return shortened(line_of(written), LONGEST)
    kind = str(written.get("type", ""))
    rest = [f"{key} {line_of(value)}" for key, value in written.items() if key not in ("type", "description", "hidden")]
    return shortened(", ".join([kind, *rest]), LONGEST)
