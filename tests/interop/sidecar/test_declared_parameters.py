import json
from typing import Any

import pytest

from datagen.analysis import analyze_or_raise
from datagen.interop.sidecar.declared_parameters import planted
from datagen.registry import FAMILIES, load

load()
EXAMPLES = [
    pytest.param(example, id=f"{family}-{name}-{number}")
    for family in (
        "generators",
        "modifiers",
        "row_sources",
        "behaviors",
        "interarrival",
        "count_distributions",
        "arrival_curves",
        "age_curves",
        "lifetimes",
    )
    for name, kind in FAMILIES[family].members.items()
    for number, example in enumerate(kind.examples)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_was_planted_reads_as_the_same_declaration(example: dict[str, Any]) -> None:
    """Every kind, written with its defaults, is the kind that was declared."""
    for facts in analyze_or_raise(example).tables.values():
        for kind in (facts.rows, *facts.behaviors, *facts.columns.values()):
            again = type(kind).model_validate(json.loads(json.dumps(planted(kind))))
            assert planted(again) == planted(kind)
