"""The declared fields of a kind with defaults, and with times and durations in readable form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from datagen.schema.json_schema import duration_text
from datagen.time_units import Duration, Instant, format_instant

_WRITTEN = {
    Duration.__metadata__[0]: duration_text,  # type: ignore[attr-defined]
    Instant.__metadata__[0]: format_instant,  # type: ignore[attr-defined]
}
"""The validator that marks a field as a duration or an instant -> the format of its number."""
_SAID = ("description", "hidden")
"""Fields without ground truth. Hidden columns are marked where they are listed."""


def planted(model: BaseModel) -> dict[str, Any]:
    """The fields of a model by their names in documents, as plain JSON values, without those that have no value."""
    made: dict[str, Any] = {}
    for name, written, default, annotation in _fields(type(model)):
        value = getattr(model, name)
        empty = isinstance(value, tuple | dict) and not value and value == default
        if value is not None and not empty:
            made[written] = _plain(value, annotation)
    return made


@cache
def _fields(kind: type[BaseModel]) -> tuple[tuple[str, str, Any, Any], ...]:
    """Name, name in documents, default and annotation of each field with ground truth."""
    return tuple(
        (name, field.alias or name, field.default, Annotated[field.annotation, *field.metadata])
        if field.metadata
        else (name, field.alias or name, field.default, field.annotation)
        for name, field in kind.model_fields.items()
        if name not in _SAID
    )


def _plain(value: Any, annotation: Any) -> Any:
    if isinstance(value, BaseModel):
        return planted(value)
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | float):
        written = _writer(annotation) if isinstance(value, int) else None
        return value if written is None else written(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one, _inner(annotation, dict, -1)) for key, one in value.items()}
    if isinstance(value, Sequence | frozenset):
        return [_plain(one, _inner(annotation, tuple, 0)) for one in value]
    return str(value)


def _writer(annotation: Any) -> Any:
    """The format of numbers of this annotation; None for plain numbers."""
    for one in _branches(annotation):
        for marker in getattr(one, "__metadata__", ()):
            if marker in _WRITTEN:
                return _WRITTEN[marker]
    return None


def _inner(annotation: Any, container: type, argument: int) -> Any:
    """The annotation of the items of a list or an object of this annotation."""
    for one in _branches(annotation):
        origin = get_origin(one)
        if isinstance(origin, type) and issubclass(origin, container | list if container is tuple else Mapping):
            arguments = [a for a in get_args(one) if a is not Ellipsis]
            return arguments[argument] if arguments else Any
    return Any


def _branches(annotation: Any) -> list[Any]:
    """The annotation and its alternatives: members of a union, without metadata."""
    found = [annotation]
    origin = get_origin(annotation)
    arguments = get_args(annotation)
    if origin is Annotated:
        found += _branches(arguments[0])
    elif arguments and not (isinstance(origin, type) and issubclass(origin, tuple | list | dict)):
        for one in arguments:
            found += _branches(one)
    return found
