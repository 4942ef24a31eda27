"""Mixed formats: dates and times written in several ways, as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen.columnar import arrow_compute, to_arrow
from datagen.columnar.block import TEXT, Column, Rows, Type
from datagen.kinds.faults.base import CellFault, ColumnShape
from datagen.kinds.faults.support.examples import people

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Format = Annotated[str, Field(pattern=r"^(%[YmdHMSjybB]|[^%A-Za-z0-9])+$", max_length=40)]
"""Codes of strftime whose text does not depend on the language, and punctuation between them."""


class MixedFormats(CellFault):
    """Writes dates or times in other formats than ISO 8601; the column becomes text.

    The codes are those of strftime: %Y %m %d %H %M %S %y %j, and %b %B for English months.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        people({"type": "mixed_formats", "columns": ["joined_on"], "rate": 0.3, "formats": ["%d.%m.%Y", "%m/%d/%y"]}),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("date_format", "date_formats", "mixed_date_formats", "format")
    type: Literal["mixed_formats"] = "mixed_formats"
    formats: tuple[Format, ...] = Field(min_length=1, max_length=20, description="the other formats, equally often")

    def shape(self, column: str, before: ColumnShape) -> ColumnShape:
        return ColumnShape(TEXT, before.nullable)

    def type_problems(self, scope: Scope, column: str, type_: Type) -> Iterator[Problem]:
        if type_.name not in ("date", "timestamp"):
            message = f"column '{column}' is {type_}, which is neither a date nor a time"
            yield scope.problem("type", message, "name a column of dates or times")

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        choose = scope.stream("format")

        def written(rows: Rows, cells: Column) -> Column:
            numbers = choose.words(rows.ids) % np.uint64(len(self.formats))
            file_type = pa.date32() if cells.type.name == "date" else pa.timestamp("us")
            # seconds: with a finer unit %S would write a fraction
            times = to_arrow.array(Column(cells.type, cells.data), file_type).cast(pa.timestamp("s"), safe=False)
            texts = np.empty(len(times), object)
            for number, pattern in enumerate(self.formats):
                at = np.flatnonzero(numbers == number)
                options = arrow_compute.StrftimeOptions(pattern)
                made = arrow_compute.call_function("strftime", [times.take(pa.array(at))], options)
                texts[at] = made.to_numpy(zero_copy_only=False)
            return Column(TEXT, pa.array(texts, pa.string()), cells.valid)

        return written
