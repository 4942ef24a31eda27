"""Problem codes: one enum, all of them documented."""

import ast
import re
from pathlib import Path

import pytest

from datagen.errors import Problem, ProblemCode

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
    for path in (ROOT / "datagen").rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            at = MAKERS.get(name, 99)
            code = call.args[at] if len(call.args) > at else None
            if isinstance(code, ast.Constant) and code.value not in {*ProblemCode, *INTERNAL}:
                unknown.append(f"{path.name}:{call.lineno} {code.value}")
    assert unknown == []
