"""What the modules of the package consist of. Each file is parsed once for all tests that look at it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Function:
    """`lines` are those of its body without the docstring; `parameters` are without `self` and `cls`."""

    name: str
    lines: int
    parameters: int

    @classmethod
    def of(cls, node: FUNCTION) -> Function:
        body = node.body[1:] if ast.get_docstring(node, clean=False) else node.body
        lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
        given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        return cls(node.name, lines, sum(one.arg not in ("self", "cls") for one in given))


@dataclass(frozen=True, slots=True)
class Call:
    """A call by its name. `words` are the constants among its arguments, None for others."""

    name: str
    line: int
    words: tuple[object, ...]

    @classmethod
    def of(cls, node: ast.Call) -> Call:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return cls(name, node.lineno, tuple(one.value if isinstance(one, ast.Constant) else None for one in node.args))


@dataclass(frozen=True, slots=True)
class Module:
    """`imports` are the names after `import` and `from`, within functions and for annotations too; `classes` are all,
    `public` those at the top whose names have no underscore.
    """

    path: Path
    docstring: str
    begins_with_it: bool
    public: tuple[str, ...]
    classes: list[str] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    imports: list[tuple[str, str]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    @property
    def file(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def name(self) -> str:
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    @classmethod
    def of(cls, path: Path) -> Module:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        public = tuple(one.name for one in tree.body if isinstance(one, ast.ClassDef) and not one.name.startswith("_"))
        made = cls(path, ast.get_docstring(tree) or "", tree.body[0].lineno == 1, public)
        for node in ast.walk(tree):
            made._add(node)
        return made

    def _add(self, node: ast.AST) -> None:
        if isinstance(node, ast.Call):
            self.calls.append(Call.of(node))
        elif isinstance(node, FUNCTION):
            self.functions.append(Function.of(node))
        elif isinstance(node, ast.ClassDef):
            self.classes.append(node.name)
        elif isinstance(node, ast.Import):
            self.imports.extend((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            self.imports.extend((node.module, alias.name) for alias in node.names)


@cache
def modules() -> tuple[Module, ...]:
    return tuple(Module.of(path) for path in sorted((ROOT / "datagen").rglob("*.py")))
