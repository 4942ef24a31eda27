"""Kind: a frozen pydantic model identified by its `type`. Subclassing registers it.

A family base (`Generator`, `RowSource`, `Behavior` ...) is declared with `class Generator(Kind, family="generators")`.
A member names itself with `type: Literal["uniform"] = "uniform"`. A field annotated with a family base accepts any
member of the family; an unknown or missing `type` is a problem that names the nearest known one.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from datagen.errors import DatagenError

Member: TypeAlias = "type[Kind]"  # within a kind, `type` is its field
FAMILIES: dict[str, Member] = {}
PACKAGES = (
    "generators",
    "modifiers",
    "choosers",
    "row_sources",
    "processes",
    "count_distributions",
    "interarrival",
    "arrival_curves",
    "behaviors",
    "age_curves",
    "lifetimes",
    "formats",
    "expectations",
    "faults",
)
GROUP = "datagen.kinds"
"""Entry points of other packages: modules whose import registers kinds."""
EXTENSIONS: dict[str, str] = {}
"""Other packages whose kinds were loaded, and their versions. They decide values as datagen's version does."""

MANY = 12


def did_you_mean(name: object, known: list[str], alike: float = 0.6) -> str:
    """A hint: the known name nearest to `name` (similarity of at least `alike`, 0 to 1), else a list of known names.

    A name that differs only in case and underscores is the same name. The only known name that begins with `name` is
    nearer than any other: `start` means `starts_at`, not `state`.
    """
    longer = [one for one in known if len(str(name)) > 2 and one.startswith(str(name))]
    spelt = [one for one in known if meaning(one) == meaning(str(name)[:100])]
    if len(spelt) == 1:
        return f"did you mean '{spelt[0]}'?"
    if len(longer) == 1:
        return f"did you mean '{longer[0]}'?"
    looked = known if len(known) <= 20 * MANY else [one for one in known if one[:1] == str(name)[:1]][: 20 * MANY]
    close = difflib.get_close_matches(str(name)[:100], looked, n=1, cutoff=alike)
    if close:
        return f"did you mean '{close[0]}'?"
    listed = sorted(known)[:MANY] + ["..."] * (len(known) > MANY)
    return "known: " + ", ".join(listed) if known else "none are known here"


@functools.lru_cache(4096)
def meaning(name: str) -> str:
    """A name normalized for comparison: lower case, without spaces, hyphens and underscores."""
    return "".join(character for character in name.casefold() if character.isalnum())


@functools.lru_cache(1024)
def _spelt(name: str, family: str, known: tuple[str, ...]) -> str:
    hint = did_you_mean(name, list(known), 0.7)
    return hint if name and hint.startswith("did") else f"see 'datagen kinds {family}'"


@functools.lru_cache(1024)
def _suggested(base: Member, name: str, known: tuple[str, ...]) -> str:
    """The hint for an unknown name: the nearest of the `known` members of a family."""
    meant = meaning(name)
    if meant in map(meaning, known):
        return _spelt(name.lower().replace(" ", "_").replace("-", "_"), base.family, known)
    for kind, member in base.members.items():
        if meant and meant in map(meaning, member.synonyms):
            snippet = next((text for text, names in member.snippets if meant in map(meaning, names.split())), "")
            return f"use '{kind}': {snippet}" if snippet else f"use '{kind}'"
    hint_of = next((hint for names, hint in base.instead if meant in map(meaning, names.split())), "")
    return hint_of or _spelt(name, base.family, known)


class Strict(BaseModel):
    """A frozen part of the document. Unknown keys are errors; NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=False, defer_build=True)


class Kind(Strict):
    """A named method that a document can declare."""

    family: ClassVar[str] = ""
    members: ClassVar[dict[str, type[Kind]]]
    examples: ClassVar[tuple[dict[str, Any], ...]] = ()
    """Complete documents that use the kind. The reference shows them and the contract tests run them."""
    synonyms: ClassVar[tuple[str, ...]] = ()
    """Names of this kind in other tools. A document that uses one gets this kind's name as a hint."""
    snippets: ClassVar[tuple[tuple[str, str], ...]] = ()
    """JSON to write instead of some of the synonyms, and which."""
    shape_hint: ClassVar[str] = ""
    """For a family: what to write instead of something that is no kind."""
    left_out: ClassVar[Mapping[str, str]] = {}
    """Keys that the kind does not have, separated by spaces, and its key of that meaning, or what to write instead."""
    instead: ClassVar[tuple[tuple[str, str], ...]] = ()
    """For a family: names that no kind of it provides, separated by spaces, and what to write instead."""

    type: str

    def __init_subclass__(cls, family: str = "", **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if family:
            cls.family, cls.members = family, {}
            FAMILIES[family] = cls

    @classmethod
    def __pydantic_init_subclass__(cls, **keywords: Any) -> None:
        name = cls.model_fields["type"].default
        if isinstance(name, str):
            known = cls.members.get(name, cls)
            if known.__module__ != cls.__module__:
                raise TypeError(
                    f"'{name}' is already a kind of {cls.family}, in {known.__module__}: choose another name"
                )
            cls.members[name] = cls

    @classmethod
    def shorthand(cls, data: Any) -> Any:
        """The declaration for a short spelling (`"rows": 2000`). A family base may override it."""
        return data

    @classmethod
    def member(cls, name: object) -> Member | None:
        """The member of the family called `name`; None if there is none.

        The file of a kind has its name and is imported when a document first uses it. All other files are imported only
        if no file has the name.
        """
        if not isinstance(name, str):
            return None
        if name not in cls.members and name in _files(cls.family):
            importlib.import_module(f"datagen.kinds.{cls.family}.{name}")
        if name not in cls.members:
            load()
        return cls.members.get(name)

    @classmethod
    def suggestion(cls, name: object) -> str:
        """A hint for an unknown name: the kind that has it as a synonym, else the nearest name."""
        load()
        return _suggested(cls, str(name)[:100] if name else "", tuple(cls.members))

    @classmethod
    def expected(cls) -> str:
        """The accepted spellings of a member, for messages."""
        short = "a whole number or " if cls.shorthand(1) != 1 else ""
        return f"{short}an object with a 'type'"

    @classmethod
    def shape_help(cls, data: Any) -> str:  # noqa: ARG003 -- families read it
        """What to write instead of `data`, which is no kind of the family."""
        return cls.shape_hint

    @classmethod
    def parse(cls, data: Any) -> Self:
        """The member that `data` declares. Raises pydantic errors, which the reader turns into problems."""
        if isinstance(data, cls):
            return data
        data = cls.shorthand(data)
        if not isinstance(data, dict):
            raise PydanticCustomError(
                "kind-shape",
                "needs {expected}, not {found}",
                {"expected": cls.expected(), "found": describe(data), "hint": cls.shape_help(data)},
            )
        name = data.get("type")
        member = cls.member(name)
        if member is None:
            message = "has no 'type'" if name is None else f"has an unknown type '{str(name)[:60]}'"
            raise PydanticCustomError(
                "unknown-kind", "{message}", {"message": message, "hint": cls.suggestion(name), "key": "type"}
            )
        return member.model_validate(data)  # type: ignore[return-value]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        if cls.__dict__.get("family"):
            return core_schema.no_info_plain_validator_function(cls.parse)
        return handler(source)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        if cls.__dict__.get("family"):
            return {"x-family": cls.family}  # the JSON Schema of the language has a reference here
        return handler(core)


def first_error(error: ValidationError, model: type[BaseModel]) -> str:
    """The first error of a model with the name of its field, in one line."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "extra_forbidden" and len(first["loc"]) == 1:
        return f"unknown key '{str(first['loc'][0])[:60]}'; {did_you_mean(first['loc'][0], sorted(model.model_fields))}"
    message = str(first["msg"])
    return ": ".join([".".join(map(str, first["loc"])), message[:1].lower() + message[1:]]).removeprefix(": ")


def describe(data: Any) -> str:
    """A short description of a document value, for messages."""
    if data is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names.get(type(data), type(data).__name__)


@functools.cache
def load() -> None:
    """Import every kind, those of other packages included, so that the registry is complete.

    Raises DatagenError if a module that another package names as an entry point cannot be imported.
    """
    for package in PACKAGES:
        for name in _files(package):
            importlib.import_module(f"datagen.kinds.{package}.{name}")
    from importlib.metadata import entry_points  # start-up time: only documents with an unknown kind need it

    for entry in entry_points(group=GROUP):
        try:
            entry.load()
        except Exception as error:
            package = entry.dist.name if entry.dist is not None else "a package"
            message = f"{package} names '{entry.value}' as a module of kinds, which cannot be imported: {error!r}"
            raise DatagenError(f"{message}; repair or uninstall {package}") from error
        if entry.dist is not None:
            EXTENSIONS[entry.dist.name] = entry.dist.version


@functools.cache
def _files(package: str) -> tuple[str, ...]:
    """The modules of a package of kinds."""
    path = importlib.import_module(f"datagen.kinds.{package}").__path__
    return tuple(module.name for module in pkgutil.iter_modules(path) if not module.ispkg)
