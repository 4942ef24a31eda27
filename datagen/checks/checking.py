"""The rules in the order they are asked, and `check`, which asks them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from datagen.checks.chosen import chosen
from datagen.checks.circles import circles
from datagen.checks.declared import declared
from datagen.checks.doubt import Doubt
from datagen.checks.expected import expected
from datagen.checks.house import House
from datagen.checks.keys import keys
from datagen.checks.modified import modified
from datagen.checks.names import names
from datagen.checks.needs import settle
from datagen.checks.neutral import neutral
from datagen.checks.parents import parents
from datagen.checks.reads import reads
from datagen.checks.sources import sources
from datagen.checks.targets import targets
from datagen.checks.windows import windows
from datagen.errors import Problem, SchemaError
from datagen.schema.order import in_order
from datagen.schema.reading import Schema, read_what_can_be

MOST = 1000

Rule = Callable[[House], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    names, parents, sources, keys, windows, declared, modified, reads, circles, targets, chosen, neutral, expected,
)  # fmt: skip


def check(schema: Schema) -> tuple[Problem, ...]:
    """Every problem of shape and of meaning, in document order; none for a document that can be planned.

    What reads is looked at even where other pieces do not; nothing is told that may come of those. Never raises for a bad one.
    """
    return _problems(House(schema))


def checked(source: str | Path | Mapping[str, Any] | Schema) -> House:
    """The house of a document without problems. Raises SchemaError with all that there are."""
    house = House(read_what_can_be(source))
    problems = _problems(house)
    if problems:
        raise SchemaError(problems)
    return house


def _problems(house: House) -> tuple[Problem, ...]:
    shape, raw, lines = house.schema.problems, house.schema.raw, house.schema.lines
    if ("tables",) in house.schema.unread:
        return shape
    settle(house)
    told = (problem for rule in RULES for problem in rule(house))
    found = list(islice(Doubt(house).certain(told), MOST))
    causes = [*shape, *(problem for problem in found if problem.code != "unsound-column")]
    if len(found) == MOST:
        causes.append(Problem("more", (), "there may be more problems than these", "repair these first"))
    return in_order(causes or found, raw, lines)
