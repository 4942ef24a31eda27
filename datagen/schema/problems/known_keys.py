"""The keys that the models accept at a place of a document, for hints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from datagen.errors import json_path
from datagen.registry import Kind, Strict, meaning
from datagen.schema.reading.json_values import Keys


def known_keys(model: type[Strict], data: Any, keys: Keys) -> list[str]:
    """The allowed keys of the object at `keys` of `data`, parsed as `model`."""
    return sorted({name for found in _models_at(model, data, keys) for name in field_names(found)})


def instead_of(model: type[Strict], data: Any, keys: Keys) -> str | None:
    """What to write instead of the unknown key that `keys` lead to, where the kind there says so."""
    for kind in _models_at(model, data, keys[:-1]):
        for names, instead in kind.left_out.items() if issubclass(kind, Kind) else ():
            if meaning(str(keys[-1])) in map(meaning, names.split()):
                return f"did you mean '{instead}'?" if instead in field_names(kind) else instead
    return None


def place_around(model: type[Strict], data: Any, keys: Keys) -> Keys | None:
    """The nearest object around that of the unknown key at `keys` in which the key is known; None if there is none."""
    *above, key = keys
    while above:
        if isinstance(above.pop(), str) and key in known_keys(model, data, tuple(above)):
            return tuple(above)
    return None


def place_hint(model: type[Strict], data: Any, keys: Keys) -> str:
    """Where the unknown key at `keys` is known; empty if it is in no object around."""
    around = place_around(model, data, keys)
    if around is None:
        return ""
    return f"write '{keys[-1]}' in {json_path(*around) if around else 'the document itself'}"


def missing_hint(model: type[Strict], data: Any, keys: Keys) -> str:
    """What the missing key that `keys` lead to is: its description, and its values if they are few."""
    for found in _models_at(model, data, keys[:-1]):
        for name, field in found.model_fields.items():
            if keys[-1] in (name, field.alias):
                values = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
                return ": ".join(filter(None, [field.description, ", ".join(f"'{value}'" for value in values)]))
    return ""


def field_names(model: type[BaseModel]) -> Iterator[str]:
    """The keys of a model as a document writes them."""
    for name, field in model.model_fields.items():
        yield field.alias or name


def family_at(model: type[Strict], data: Any, keys: Keys) -> str | None:
    """The family of kinds whose members are allowed at `keys` of `data`, parsed as `model`; None if none or several."""
    annotations: list[Any] = [model]
    for key in keys:
        annotations = [inner for annotation in annotations for inner in _inner(annotation, data, key)]
        data = data[key]
    kinds = (one for annotation in annotations for one in _branches(annotation) if isinstance(one, type))
    families = {one.family for one in kinds if issubclass(one, Kind) and one.__dict__.get("family")}
    return families.pop() if len(families) == 1 else None


def is_kind(model: type[Strict], data: Any, keys: Keys) -> bool:
    """Whether a kind is what the missing key that `keys` lead to needs."""
    return any(
        family_at(found, {keys[-1]: {}}, keys[-1:]) is not None
        for found in _models_at(model, data, keys[:-1])
        if str(keys[-1]) in field_names(found)
    )


def _models_at(annotation: Any, data: Any, keys: Keys) -> Iterator[type[Strict]]:
    if not keys:
        yield from _models(annotation, data)
        return
    deeper = data[keys[0]]
    for inner in _inner(annotation, data, keys[0]):
        yield from _models_at(inner, deeper, keys[1:])


def _inner(annotation: Any, data: Any, key: str | int) -> Iterator[Any]:
    """The possible annotations of the value at `key` of `data`."""
    for branch in _branches(annotation):
        origin, arguments = get_origin(branch), get_args(branch)
        if origin in (dict, Mapping) and isinstance(key, str):
            yield arguments[1]
        elif origin in (tuple, list, Sequence) and isinstance(key, int):
            yield arguments[0]
    for model in _models(annotation, data):
        for name, field in model.model_fields.items():
            if key in (name, field.alias):
                yield field.annotation


def _models(annotation: Any, data: Any) -> Iterator[type[Strict]]:
    for branch in _branches(annotation):
        if not isinstance(branch, type) or not issubclass(branch, Strict):
            continue
        if issubclass(branch, Kind) and branch.__dict__.get("family"):
            member = _member(branch, data)
            if member is not None:
                yield member
        else:
            yield branch


def _member(family: type[Kind], data: Any) -> type[Kind] | None:
    data = family.shorthand(data)
    name = data.get("type") if isinstance(data, dict) else None
    return family.member(name)


def _branches(annotation: Any) -> Iterator[Any]:
    """The members of a union, without metadata."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        yield from _branches(arguments[0])
    elif arguments and get_origin(annotation) not in (dict, tuple, list, Mapping, Sequence):
        for argument in arguments:
            yield from _branches(argument)
    else:
        yield annotation
