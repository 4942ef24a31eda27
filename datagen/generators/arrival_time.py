"""When an entity came to be."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.generators.marks import Mark
from datagen.generators.samples import shop


class ArrivalTime(Mark):
    """When the entity arrived, as its row source (`arrivals`) says."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (shop(),)
    mark: ClassVar[str] = "arrival_time"
    sources: ClassVar[str] = "use rows of type 'arrivals', or another generator"

    type: Literal["arrival_time"] = "arrival_time"
