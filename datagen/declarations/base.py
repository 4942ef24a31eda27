"""The base class of declarations: a frozen record about one table, with what a metric needs."""

from __future__ import annotations

from dataclasses import Field, dataclass, field
from typing import TYPE_CHECKING, Any, Self, dataclass_transform


class _Fields:
    """The fields of a class of declarations. `dataclasses` asks for them; the class is completed then."""

    def __get__(self, instance: object, owner: type[_Record]) -> dict[str, Field[Any]]:
        dataclass(frozen=True, eq=False)(owner)  # replaces this object
        fields: dict[str, Field[Any]] = vars(owner)["__dataclass_fields__"]
        return fields


@dataclass_transform(eq_default=False, frozen_default=True, field_specifiers=(field,))
class _Record:
    """Subclasses are frozen dataclasses without a decorator, completed when they are first used.

    The kinds import about a hundred such classes at start-up, and making a dataset uses few of them.
    """

    if not TYPE_CHECKING:

        def __init_subclass__(cls) -> None:
            if "__dataclass_fields__" not in vars(cls):
                cls.__dataclass_fields__ = _Fields()

        def __new__(cls, *_values: object, **_named: object) -> Self:
            cls.__dataclass_fields__  # noqa: B018 - completes the class
            return super().__new__(cls)


class Declaration(_Record):
    """A property of the data of a table. A metric is registered for each type of declaration.

    Functions in a declaration take rows, generated or read from files, and give arrays of the same length. They are
    pure.
    """

    table: str
