"""Problem codes: one enum, all of them documented."""

import re
from pathlib import Path

import pytest

from datagen.errors import Problem, ProblemCode
from tests.modules import modules

ROOT = Path(__file__).parents[1]
MAKERS = {"problem": 0, "Problem": 0, "PydanticCustomError": 0, "ExpressionError": 2, "InvalidScalar": 0}
"""Where the code stands among the arguments."""
INTERNAL = {"kind-shape"}
"""Types of pydantic errors that are given another code on the way out."""


def test_the_page_on_errors_lists_every_code_with_its_explanation() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", page, re.MULTILINE) == [
        (c.value, c.explanation) for c in ProblemCode
    ]


def test_a_code_that_is_not_in_the_enum_is_a_defect() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        Problem("nonsense", (), "a message")


def test_every_code_that_is_written_in_the_package_is_in_the_enum() -> None:
    unknown = []
    for module in modules():
        for call in module.calls:
            at = MAKERS.get(call.name, 99)
            code = call.words[at] if len(call.words) > at else None
            if code is not None and code not in {*ProblemCode, *INTERNAL}:
                unknown.append(f"{module.path.name}:{call.line} {code}")
    assert unknown == []
