"""The structure of the package: imports, sizes, names, public exports, start-up, and completeness of every kind."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import datagen
from datagen.registry import FAMILIES, Kind, load
from tests.modules import ROOT, Module, modules

MODULES = sorted((ROOT / "datagen").rglob("*.py"))
MOST_LINES, MOST_STATEMENT_LINES, MOST_PARAMETERS = 600, 45, 5
HEAVY = {"dask", "distributed", "holidays", "jinja2", "numpy", "pandas", "pyarrow", "scipy", "sqlglot"}
COMMAND = "from datagen.cli import main\nsys.argv = ['datagen', *{}]\ntry:\n    main()\nexcept SystemExit:\n    pass"
LEFT_OUT = re.compile(
    r"(^|/)(\.git|\.venv[^/]*|__pycache__|_build|reference|\.[a-z_]+_cache|\.hypothesis|[^/]*output|build|dist|htmlcov)"
    r"(/|$)"
)

load()
KINDS = [
    pytest.param(kind, id=f"{family}.{name}")
    for family, base in FAMILIES.items()
    for name, kind in sorted(base.members.items())
    if kind.__module__.startswith("datagen.")
]


def test_type_checkers_of_users_see_our_types() -> None:
    assert (ROOT / "datagen" / "py.typed").is_file()  # PEP 561


def test_no_module_has_more_than_600_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_no_function_has_more_than_45_lines() -> None:
    long = [
        f"{module.file}: {function.name} has {function.lines} lines"
        for module in modules()
        for function in module.functions
        if function.lines > MOST_STATEMENT_LINES
    ]
    assert long == []


def test_no_function_takes_more_than_five_parameters() -> None:
    """Except commands, whose parameters are options of the command line."""
    many = [
        f"{module.file}: {function.name} takes {function.parameters}"
        for module in modules()
        if module.path.parent.name != "cli"
        for function in module.functions
        if function.parameters > MOST_PARAMETERS
    ]
    assert many == []


def test_every_module_has_a_docstring_with_a_complete_first_line() -> None:
    silent = []
    for module in modules():
        first = module.docstring.split("\n", maxsplit=1)[0]
        if not module.begins_with_it or (
            not first.rstrip().endswith((".", ":", "?", "...", ")", ",", ";")) and len(first) < 20
        ):
            silent.append(module.file)
    assert silent == []


def test_no_import_is_relative_and_no_todo_is_left() -> None:
    left = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in MODULES
        for found in re.finditer(
            r"^\s*from \.|\b(TODO|FIXME|XXX|NotImplementedError)\b|pragma: no cover|type: ignore(?!\[)",
            path.read_text(),
            re.MULTILINE,
        )
    ]
    assert left == []


def test_names_of_modules_and_classes_are_specific() -> None:
    empty = re.compile(
        r"(?i)(^|_)(manager|handler|helper|util|processor|service|core|common|misc)s?(_|$)"
        r"|(Manager|Handler|Helper|Processor|Service)$"
    )
    named = [name for path in MODULES for name in (path.stem, path.parent.name)]
    named += [name for module in modules() for name in module.classes]
    assert sorted({name for name in named if empty.search(name)}) == []


def test_the_public_names_are_those_of_all() -> None:
    assert list(datagen.__all__) == sorted(datagen.__all__)
    assert dir(datagen) == sorted(datagen.__all__)
    assert all(getattr(datagen, name) is not None for name in datagen.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = datagen.nothing


def test_every_public_name_has_a_docstring() -> None:
    shown = [getattr(datagen, name) for name in datagen.__all__ if not name.startswith("_")]
    assert [thing.__name__ for thing in shown if not inspect.getdoc(thing)] == []


def loaded_by(program: str, depth: int = 1) -> set[str]:
    """The packages that a fresh Python process has loaded after the program; `depth` components of their names."""
    source = f"import sys\n{program}\nprint(*sorted({{'.'.join(name.split('.')[:{depth}]) for name in sys.modules}}))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("COVERAGE_PROCESS_START", None)
    ended = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, env=environment)
    return set(ended.stdout.splitlines()[-1].split())


def test_importing_datagen_loads_nothing_heavy() -> None:
    assert loaded_by("import datagen") & HEAVY == set()


def test_help_loads_nothing_heavy() -> None:
    assert loaded_by(COMMAND.format(["--help"])) & HEAVY == set()


def test_a_small_run_loads_only_what_it_uses(tmp_path: Path) -> None:
    """A run in this process needs no cluster, report or progress bar, and no kind that its document does not name."""
    document = {"datagen": 1, "name": "ten", "tables": {"t": {"rows": 10, "columns": {"id": {"type": "key"}}}}}
    (tmp_path / "ten.json").write_text(json.dumps(document))
    words = ["generate", str(tmp_path / "ten.json"), "--out", str(tmp_path / "out")]
    loaded = loaded_by(COMMAND.format(words), depth=3)
    assert (tmp_path / "out" / "_SUCCESS").exists()
    top, inner = {name.partition(".")[0] for name in loaded}, {name for name in loaded if name.startswith("datagen.")}
    assert top & HEAVY == {"numpy", "pyarrow"}
    assert top & {"fsspec", "html", "rich", "tornado"} == set()
    assert not {name for name in inner if name.startswith(("datagen.validation", "datagen.kinds.clusters"))}
    assert len(inner) < 300, "modules of Datagen"


def test_making_a_dataset_imports_nothing_of_validation(tmp_path: Path) -> None:
    """Kinds declare their data as plain data; metrics are loaded only for a validation."""
    schema, out = ROOT / "examples" / "shop.json", tmp_path / "out"
    made = f"import datagen\nreport = datagen.generate({str(schema)!r}, {str(out)!r}, scale=0.001, workers=1)"
    program = f"{made}\nimport sys\nprint(*(name for name in sys.modules if name.startswith('datagen.validation')))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert ended.stdout.split() == []
    assert (out / "_SUCCESS").exists()


def imports(module: Module, names: set[str]) -> set[str]:
    """The modules among `names` that a module imports: at its top, within functions, and for annotations only."""
    whole = ((f"{parent}.{name}", parent) for parent, name in module.imports)
    return {part if part in names else parent for part, parent in whole} & names


def test_there_are_no_import_cycles() -> None:
    """Imports within functions and under TYPE_CHECKING count as well, because they only hide a cycle."""
    names = {module.name for module in modules()}
    below = {module.name: imports(module, names) - {module.name} for module in modules()}
    reached = {}
    for name in below:
        seen, todo = set[str](), [name]
        while todo:
            for other in below[todo.pop()] - seen:
                seen.add(other)
                todo.append(other)
        reached[name] = seen
    cycles = {frozenset(other for other in reached[name] if name in reached[other]) for name in names}
    assert sorted(sorted(cycle) for cycle in cycles if cycle) == []


SEVERAL_MEANINGS = {
    "Categories": "a distribution over values; the constraint that cells are among them",
    "Cells": "cells of time that are counted; cells of a column that were sampled",
    "Children": "rows below a parent that a source makes; what validation saw of them",
    "Curve": "an arrival curve; one of expected counts; one that is drawn",
    "Days": "of excitation; of residuals",
    "Entry": "of a list of kinds; of a folder in a store",
    "Expression": "compiled; the generator that has one",
    "Family": "tables that are made together; those that are drawn together",
    "Frame": "of an evaluation; of a chart",
    "Grid": "rows at regular times; the cells that rates are tabulated on",
    "Periods": "rows of a process; stretches of exposure",
    "Pool": "of rows to choose from; of names",
    "Process": "what an entity goes through; a point process",
    "Ranks": "of popularity; of values",
    "Runs": "of integers; rows of a process",
    "Step": "of an age curve; of a plan",
    "Table": "of a document; as a kind sees it",
    "Window": "of a document; as a kind sees it",
    "Choice": "the choice of rows; the generator that chooses values",
    "Constant": "a value in an expression; two kinds",
    "Poisson": "a kind of counts; a point process",
    "Unique": "an expectation; the metric of a constraint",
    "Zipf": "a chooser; its distribution",
}
"""Class names that several modules share, because each is the term of its field. Kinds of different families may share
a name.
"""


def test_class_names_are_unique() -> None:
    kinds = {f"{kind.__module__}.{kind.__name__}" for base in FAMILIES.values() for kind in base.members.values()}
    places: dict[str, list[str]] = {}
    for module in modules():
        for name in module.public:
            places.setdefault(name, []).append(f"{module.name}.{name}")
    several = {name: where for name, where in places.items() if len(where) > 1 and not kinds.issuperset(where)}
    assert {name: where for name, where in several.items() if name not in SEVERAL_MEANINGS} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_one_file_with_examples_and_a_test(kind: type[Kind]) -> None:
    name = kind.model_fields["type"].default
    file = Path(inspect.getfile(kind))
    assert kind.__doc__
    assert kind.examples or not kind.model_fields.keys() - {"type"}
    assert file == ROOT / "datagen" / "kinds" / kind.family / f"{name}.py"
    tests = ROOT / "tests" / "kinds" / kind.family
    assert (tests / f"test_{name}.py").exists() or name in "".join(test.read_text() for test in tests.glob("test_*.py"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_kind_has_a_description(kind: type[Kind]) -> None:
    own = {name: field for name, field in kind.model_fields.items() if name in kind.__annotations__ and name != "type"}
    assert [name for name, field in own.items() if not field.description] == []


@pytest.mark.parametrize(
    "package",
    ["datagen", *sorted({f"datagen.{path.parent.name}" for path in MODULES if path.parent.parent == ROOT / "datagen"})],
)
def test_every_package_has_a_docstring(package: str) -> None:
    assert (importlib.import_module(package).__doc__ or "").strip()


def texts() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*")):
        name = str(path.relative_to(ROOT))
        if path.is_file() and not LEFT_OUT.search(name) and path.stat().st_size < 2_000_000:
            try:
                yield name, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_file_names_a_machine() -> None:
    """Paths of one machine, addresses of package indexes and credentials belong into no file of a repository."""
    private = re.compile(
        r"(?<![\w./<$}-])/(?:work|root|home|Users)/[\w.]|(?<![\w./<$}-])/tmp/[\w.]"
        r"|--(?:extra-)?index-url|PIP_INDEX|pypi\.org|pythonhosted|https?://[\w.-]+/(?:simple|pypi)/"
        r"|[a-z]+://[^\s/'\"]+:[^\s/'\"@]+@"
    )
    found = [
        f"{name}: {hit[0]}" for name, text in texts() for hit in private.finditer(text) if name != "tests/test_house.py"
    ]
    assert found == []


RECORDED = {"console", "output"}


def lines_outside_recordings(name: str, text: str) -> Iterator[tuple[int, str]]:
    """The lines of a file with their numbers. Terminal sessions and output that a page records are as wide as they
    were.
    """
    recorded = False
    for number, line in enumerate(text.splitlines(), 1):
        if name.endswith(".md") and line.lstrip().startswith("```"):
            recorded = not recorded and bool(RECORDED & {*line.lstrip("` ").split()})
        elif not recorded:
            yield number, line


def test_no_line_has_more_than_120_characters() -> None:
    """Code, configuration, YAML and pages. A line without a space but its indentation, such as a URL, cannot be
    broken. JSON, templates and scripts of web pages, and expected output of tests are left out.
    """
    known = re.compile(r"\.(py|md|toml|ya?ml|sh)$|(^|/)(Makefile|Dockerfile|\.ci/\w+)$")
    long = [
        f"{name}:{number} has {len(line)} characters"
        for name, text in texts()
        if known.search(name) and not name.startswith(("helm/", "tests/schema/broken/"))
        for number, line in lines_outside_recordings(name, text)
        if len(line) > 120 and " " in line.strip()
    ]
    assert long == []


def test_every_file_that_the_architecture_page_names_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w<>]+(?:/[\w<>]+)*/?(?:\.py|\.md|\.toml)?)`", text)
    paths = [name for name in named if ("/" in name or "." in name) and "<" not in name]
    assert len(paths) > 25
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_architecture_page_fits_a_screen() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 60
