"""Whatever a document holds, checking it ends in problems, never in another exception."""

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import datagen
from datagen.errors import Problem
from datagen.registry import FAMILIES, load
from tests.analysis.documents import SHOP, places

load()
EXAMPLES = Path(__file__).parents[2] / "examples"
DOCUMENTS: list[dict[str, Any]] = [SHOP]
DOCUMENTS += [example for base in FAMILIES.values() for kind in base.members.values() for example in kind.examples]
DOCUMENTS += [json.loads(path.read_text()) for path in sorted(EXAMPLES.glob("*.json"))]
WORDS = [
    "",
    "a",
    "orders",
    "customers",
    "customers.segment",
    "orders.amount",
    "amount",
    "rows",
    "vip",
    "2h",
    "2024-06-01",
    "key",
]
WORDS += [
    "a.b.c",
    ".",
    "x" * 100,
    "\0",
    "amount + 1",
    "((",
    "1e999",
    "'",
    "\U0001f600",
    "-1",
    "count",
    "type",
    "parent",
]
PIECES = [piece for document in DOCUMENTS for piece in document["tables"].values()]
PIECES += [column for table in PIECES for column in table["columns"].values()]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(max_size=8),
    st.sampled_from([[], {}, [[]], {"type": "key"}, {"type": None}, {"": {}}, ["a"], [1, 2], 0, 1, -1]),
    st.sampled_from(PIECES),
)


def problems(source: Any) -> tuple[Problem, ...]:
    return datagen.check(source)


def assert_placed(reported: tuple[Problem, ...]) -> None:
    """Every problem has a code, a message and a place in the document."""
    for problem in reported:
        assert problem.code
        assert problem.message
        assert str(problem).startswith("$")


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """An example in which a few places were replaced, renamed, removed, doubled or swapped."""
    document = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 4))):
        known = list(places(document))
        if known:
            _spoil(draw, document, draw(st.sampled_from(known)), known)
    return document


def _spoil(draw: st.DrawFn, document: Any, keys: tuple[Any, ...], known: list[tuple[Any, ...]]) -> None:
    holder, key = _at(document, keys[:-1]), keys[-1]
    how = draw(st.sampled_from(["replace", "replace", "remove", "rename", "add", "copy"]))
    if how == "replace":
        holder[key] = copy.deepcopy(draw(VALUES))
    elif how == "remove":
        del holder[key]
    elif how == "rename" and isinstance(holder, dict):
        holder[draw(st.sampled_from(WORDS))] = holder.pop(key)
    elif how == "add" and isinstance(holder, dict):
        holder[draw(st.sampled_from(WORDS))] = copy.deepcopy(draw(VALUES))
    elif how == "copy":
        holder[key] = copy.deepcopy(_at(document, draw(st.sampled_from(known))))


def _at(document: Any, keys: tuple[Any, ...]) -> Any:
    for key in keys:
        document = document[key]
    return document


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(spoiled())
def test_check_of_a_damaged_document_returns_problems_and_never_fails(document: dict[str, Any]) -> None:
    assert_placed(problems(document))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(DOCUMENTS), st.integers(0), st.integers(0), st.text(max_size=4), st.booleans())
def test_check_of_a_damaged_text_returns_problems_and_never_fails(
    document: dict[str, Any], start: int, length: int, scribble: str, yaml: bool
) -> None:
    text = json.dumps(document, indent=1)
    start %= len(text)
    text = text[:start] + scribble + text[start + length % 40 :]
    assert_placed(problems(("#\n" if yaml else "") + text + "\n"))


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.text(alphabet=st.sampled_from(list("{}[]:,-?&*!|>'\"%@`#~ \n\tab1.")), max_size=40))
def test_check_of_any_text_of_yaml_signs_returns_problems(text: str) -> None:
    assert problems(text + "\n")


def test_a_long_chain_written_backwards_needs_no_deep_recursion() -> None:
    count = 400
    columns = {f"c{i}": {"type": "expression", "expression": f"c{i + 1} + 1"} for i in range(count)}
    columns[f"c{count}"] = {"type": "normal", "mean": 1, "sd": 1}
    reported = problems({"datagen": 1, "name": "a", "tables": {"t": {"rows": 1, "columns": columns}}})
    assert reported == ()
    tables: dict[str, Any] = {f"t{i}": _looking_at(i + 1) for i in range(count)}
    tables[f"t{count}"] = {"rows": 1, "columns": {"id": {"type": "key"}, "v": {"type": "normal", "mean": 1, "sd": 1}}}
    assert problems({"datagen": 1, "name": "a", "tables": tables}) == ()


def _looking_at(number: int) -> dict[str, Any]:
    reference = {"type": "reference", "table": f"t{number}"}
    lookup = {"type": "lookup", "through": "r", "column": "v"}
    return {"rows": 1, "columns": {"id": {"type": "key"}, "r": reference, "v": lookup}}


def test_problems_beyond_the_most_are_left_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datagen.analysis.analyze.MOST", 100)
    columns = {f"c{i}": {"type": "expression", "expression": f"x{i}"} for i in range(120)}
    reported = problems({"datagen": 1, "name": "a", "tables": {"t": {"rows": 1, "columns": columns}}})
    assert len(reported) == 101
    assert reported[0].message == "there may be more problems than these"


def test_keys_written_twice_count_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datagen.schema.reading.yaml_reader.MAX_VALUES", 2_000)
    reported = problems("a: 1\n" * 2_010)
    assert [problem.code for problem in reported] == ["too-large"]


KEY = {"type": "key"}
MANY = 10_000
LARGE: dict[str, Any] = {
    "unknown keys": {f"k{i}": 1 for i in range(MANY)},
    "unknown kinds": {"tables": {"t": {"rows": 1, "columns": {f"c{i}": {"type": "kye"} for i in range(MANY)}}}},
    "keys too many": {"tables": {"t": {"rows": 1, "columns": {f"c{i}": KEY for i in range(MANY)}}}},
    "names a million letters long": {
        "tables": {"t" * 10**6: {"rows": 1, "columns": {"c" * 10**6: {"type": "k" * 10**6}}}}
    },
    "unknown names a million letters long": {
        "tables": {"t": {"rows": 1, "columns": {"r": {"type": "reference", "table": "t" * 10**6}}}}
    },
    "durations beyond any number": {
        "tables": {"t": {"rows": {"type": "arrivals", "count": 3, "history": "9" * 400 + "y"}, "columns": {"id": KEY}}}
    },
    "tables without parents": {
        "tables": {
            f"t{i}": {"parent": f"x{i}", "rows": {"type": "per_parent", "count": 1}, "columns": {"id": KEY}}
            for i in range(3_000)
        }
    },
}


@pytest.mark.parametrize("name", LARGE)
def test_problems_of_a_large_document_come_in_seconds_and_few_words(name: str) -> None:
    begun = time.process_time()
    found = problems({"datagen": 1, "name": "large", **LARGE[name]})
    assert time.process_time() - begun < 30
    assert 0 < len(found) <= 1502
    assert max(len(str(problem)) for problem in found) < 1000


def test_tables_may_hang_hundreds_deep() -> None:
    tables: dict[str, Any] = {"t0": {"rows": 2, "columns": {"id": KEY}}}
    for i in range(1, 400):
        rows = {"type": "per_parent", "count": {"type": "uniform", "min": 1, "max": 1}}
        tables[f"t{i}"] = {"parent": f"t{i - 1}", "rows": rows, "columns": {"id": KEY, "up": {"type": "parent_key"}}}
    document = {"datagen": 1, "name": "deep", "tables": tables}
    assert problems(document) == ()
    assert datagen.preview(document)["t399"].to_pylist() == [{"id": 1, "up": 1}, {"id": 2, "up": 2}]


@pytest.mark.parametrize(
    "data, words",
    [
        ('{"datagen": 1}'.encode("utf-16"), "is not UTF-8 at byte 0"),
        (b'{"datagen": 1, "name": "a\0b"}', "invalid control character"),
        (b"", "the document is empty"),
        (b"\xef\xbb\xbf  \r\n", "the document is empty"),
        (b"[]", "needs an object, not a list"),
        (b'{"datagen": 1}{"datagen": 1}', "there is text after the end of the document"),
    ],
)
def test_a_file_that_is_no_document_is_reported_in_a_line(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "a.json").write_bytes(data)
    assert [words in problem.message for problem in problems(tmp_path / "a.json")] == [True]


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        *((name, name.upper()) for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")),
        *((name, f"{name.upper()}-LE") for name in ("utf-16", "utf-32")),
        ("latin-1", "Latin-1"),
        ("cp1252", "Latin-1"),
    ],
)
@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_a_document_in_another_encoding_is_told_which_one_it_seems_to_be(tmp_path, encoding, named, suffix) -> None:
    (tmp_path / f"a.{suffix}").write_bytes('{"datagen": 1, "name": "größe"}'.encode(encoding))
    (problem,) = problems(tmp_path / f"a.{suffix}")
    assert problem.code == "encoding" and problem.hint == f"it seems to be {named}; save it as UTF-8"


def test_yaml_written_on_other_systems_has_the_same_lines(tmp_path: Path) -> None:
    """With a mark at its beginning, and lines that end as on Windows or on old Macs."""
    text = "datagen: 1\nname: a\ntables:\n  t:\n    rows: 3\n    columns:\n      id: {type: kye}\n"
    for end in ("\r\n", "\r"):
        (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", end).encode())
        assert [(problem.code, problem.line) for problem in problems(tmp_path / "a.yaml")] == [("unknown-kind", 7)]
