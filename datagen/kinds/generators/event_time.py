"""The time of an event."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.row_attribute import AttributeColumn


class EventTime(AttributeColumn):
    """The time of the event, from its row source (`events`)."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (shop(),)
    shown: ClassVar[str] = "event_time"
    sources: ClassVar[str] = "use rows of type 'events', or a generator such as 'after'"

    synonyms: ClassVar[tuple[str, ...]] = (
        "event_timestamp",
        "occurred_at",
        "happened_at",
    )
    type: Literal["event_time"] = "event_time"
