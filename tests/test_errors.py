"""Problem codes: one enum, all of them documented."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from datagen.errors import DataError, Problem, ProblemCode, reason_of
from datagen.kinds.stores.base import Entry
from datagen.kinds.stores.local import LocalStore
from datagen.validation.inputs.discovery import found
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


@pytest.mark.parametrize(
    "error, reason",
    [
        (OSError(2, os.strerror(2), "Out/Orders"), os.strerror(2).lower()),
        (OSError(5, "Forbidden: s3://My-Bucket/Key", "s3://My-Bucket/Key"), "Forbidden: s3://My-Bucket/Key"),
        (OSError(5, "Could not open 's3://My-Bucket/Key'"), "could not open 's3://My-Bucket/Key'"),
        (OSError("Bucket My-Bucket is not there"), "bucket My-Bucket is not there"),
        (ValueError("NoSuchBucket in EU"), "NoSuchBucket in EU"),
        (OSError(), "OSError"),
    ],
)
def test_a_reason_keeps_the_names_in_it(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def test_no_message_puts_names_in_lower_case() -> None:
    """The texts of errors have addresses in them; only words of the operating system are put in lower case."""
    lowered = [
        f"{module.path.name}:{number}"
        for module in modules()
        for number, line in enumerate(module.path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"(strerror|str\(error\)).*\.lower\(\)", line) and "reason_of" not in line
        if module.path.name != "errors.py"
    ]
    assert lowered == []


@dataclass(frozen=True)
class Shown:
    hidden: bool = False


class Refusing(LocalStore):
    """A store whose service names the bucket in its answers."""

    __slots__ = ()
    schemes = ()

    def entries(self, folder: str = "") -> list[Entry]:
        raise OSError(5, "the service refused s3://My-Bucket/Some-Key", "s3://My-Bucket/Some-Key")

    def exists(self) -> bool:
        return True


def test_a_read_error_of_a_store_shows_the_address_as_given(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        found(Refusing(tmp_path), {"orders": Shown()})
    assert str(raised.value).count("s3://My-Bucket/Some-Key") == 2
