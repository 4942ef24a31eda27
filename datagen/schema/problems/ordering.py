"""Sorts problems in document order, without duplicates, with line numbers if known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from datagen.errors import Problem
from datagen.schema.reading.json_values import Keys

_QUOTED = re.compile(r"'([^']*)'")
_LONG = re.compile(r"'([^']{77})[^']{4,}'")


def in_order(problems: Iterable[Problem], raw: Any, lines: Mapping[Keys, int] | None = None) -> tuple[Problem, ...]:
    """The problems in the order of their places in `raw`. A problem of a place that is repeated at a deeper place is
    kept only there.
    """
    kept = _once(replace(problem, message=_LONG.sub(r"'\1...'", problem.message)) for problem in problems)
    positions = _Positions(raw)
    ordered = sorted(kept, key=lambda problem: positions.of(problem.keys))
    return tuple(_with_line(problem, lines) for problem in ordered) if lines else tuple(ordered)


def _once(problems: Iterable[Problem]) -> list[Problem]:
    kept: list[Problem] = []
    below: dict[tuple[str, Keys], list[Problem]] = {}
    for problem in sorted(problems, key=lambda one: -len(one.keys)):
        if any(_echoes(problem, other) for other in below.get((problem.code, problem.keys), ())):
            continue
        kept.append(problem)
        for depth in range(len(problem.keys) + 1):
            below.setdefault((problem.code, problem.keys[:depth]), []).append(problem)
    return kept


def _echoes(problem: Problem, other: Problem) -> bool:
    """Whether a problem of the same name was reported at the same or an enclosing place."""
    if problem.message == other.message:
        return True
    named = _QUOTED.findall(problem.message)
    return problem.keys != other.keys and bool(named) and f"'{named[-1]}'" in other.message


class _Positions:
    """The position of each place in its document, as a tuple that sorts in text order."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.ranks: dict[int, dict[str, int]] = {}

    def of(self, keys: Keys) -> tuple[int, ...]:
        """The position of a place. A missing key is at the end of its object."""
        here, positions = self.raw, []
        for key in keys:
            if isinstance(here, dict):
                if id(here) not in self.ranks:
                    self.ranks[id(here)] = {name: rank for rank, name in enumerate(here)}
                ranks = self.ranks[id(here)]
                positions.append(ranks.get(str(key), len(ranks)))
                here = here.get(key)
            else:
                positions.append(key if isinstance(key, int) else 0)
                here = here[key] if isinstance(here, list) and isinstance(key, int) and key < len(here) else None
        return tuple(positions)


def _with_line(problem: Problem, lines: Mapping[Keys, int] | None) -> Problem:
    if problem.line is not None or not lines:
        return problem
    keys = problem.keys
    while keys and keys not in lines:
        keys = keys[:-1]
    return replace(problem, line=lines.get(keys))
