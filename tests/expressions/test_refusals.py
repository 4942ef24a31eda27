from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from datagen.columnar.block import INT, Type
from datagen.errors import DatagenError, ExpressionError
from datagen.expressions import columns_of, compile_expression
from tests.expressions.sample import sample

TYPES: dict[str, Type] = {name: v.type for name, v in sample().items()} | {"quantity": INT}
KNOWN = [*TYPES, "broken"]

_LINES = (Path(__file__).parent / "refused.txt").read_text().splitlines()
CASES = [
    tuple(part.strip().replace("\\|", "|") for part in re.split(r"(?<![\\|])\|(?!\|)", line)) for line in _LINES[1:]
]


@pytest.mark.parametrize("text, code, message, hint", CASES)
def test_a_wrong_expression_is_refused_with_what_and_what_instead(
    text: str, code: str, message: str, hint: str
) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text, TYPES.get, KNOWN)
    assert raised.value.code == code
    assert message in raised.value.message
    assert hint in raised.value.hint
    assert (
        raised.value.message[0].islower() or not raised.value.message[0].isalpha() or raised.value.message[:2].isupper()
    )
    assert (
        "\n" not in raised.value.message
        and "sqlglot" not in raised.value.message
        and "\x1b" not in raised.value.message
    )


HOSTILE = {
    "a megabyte": "i + " * 250_000 + "1",
    "ten thousand brackets": "(" * 10_000,
    "brackets": "(" * 1_900 + "i" + ")" * 1_900,
    "calls": "ABS(" * 700 + "i" + ")" * 700,
    "nots": "NOT " * 900 + "b",
    "minuses": "- " * 1_900 + "i",
    "cases": "CASE WHEN b THEN " * 150 + "1" + " END" * 150,
    "a long chain": "+".join(["i"] * 1_900),
    "a long power": "i" + "**i" * 1_300,
    "casts": "i" + "::int" * 700,
    "lists": "[" * 1_900 + "]" * 1_900,
    "many parts": " OR ".join(["b"] * 700),
    "betweens": "i BETWEEN 1 AND 2" + " BETWEEN FALSE AND TRUE" * 150,
    "growing text": "REPLACE(" * 12 + "t" + ", 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaa')" * 12,
    "a wide pattern": f"t LIKE '{'_%' * 1_500}'",
    "zero bytes": "\x00" * 100,
    "unbalanced": ")" * 2_000,
    "quotes": "'" * 3_999,
    "comments": "/*" * 1_999,
    "surrogates": "'\ud800'",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_refused_soon(text: str) -> None:
    start = time.process_time()
    with pytest.raises(DatagenError):
        compile_expression(text, TYPES.get, KNOWN)
    assert time.process_time() - start < 5


def test_a_text_at_the_limits_is_read() -> None:
    for text, columns in {
        "(" * 24 + "i" + ")" * 24: {"i"},
        " AND ".join(["b"] * 490): {"b"},
        f"i IN ({', '.join(map(str, range(800)))})": {"i"},
    }.items():
        assert compile_expression(text, TYPES.get, KNOWN).columns == columns


@pytest.mark.parametrize(
    "text, columns",
    [
        ("quantity * unit_price", {"quantity", "unit_price"}),
        ("1 + 2", set()),
        ('"a b" || "select"', {"a b", "select"}),
        ("CASE WHEN a > 1 THEN b ELSE COALESCE(c, d) END", {"a", "b", "c", "d"}),
        ("x IN (1, y) AND z LIKE 'w%'", {"x", "y", "z"}),
    ],
)
def test_the_columns_of_an_expression_need_no_types(text: str, columns: set[str]) -> None:
    assert columns_of(text) == columns
