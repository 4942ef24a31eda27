"""The time at which an entity arrived."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.row_attribute import AttributeColumn


class ArrivalTime(AttributeColumn):
    """The arrival time of the entity, from its row source (`arrivals`)."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (shop(),)
    shown: ClassVar[str] = "arrival_time"
    sources: ClassVar[str] = "use rows of type 'arrivals', or another generator"

    synonyms: ClassVar[tuple[str, ...]] = (
        "created_at",
        "signup_time",
        "signed_up_at",
        "registered_at",
    )
    type: Literal["arrival_time"] = "arrival_time"
