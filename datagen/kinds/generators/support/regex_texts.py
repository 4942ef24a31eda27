"""A small regular expression that makes texts: parsed by hand, bounded in depth and length, drawn for all rows at
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import TEXT, Column, Words, indices
from datagen.columnar.text import WordTable, concat_words, text_array
from datagen.kinds.generators.support.merge_cases import assembled
from datagen.random.integers import uniform_below
from datagen.random.streams import Stream

LONGEST = 1_000
_UNBOUNDED, _MOST_COUNT, _DEEPEST = 8, 256, 12
_FAN = 1_009
"""More than the parts of any node, so that each has a substream of its own."""
_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PRINTABLE = "".join(map(chr, range(32, 127)))
_ESCAPES = {"d": _DIGITS, "w": _DIGITS + _LETTERS + "_", "s": " ", "t": "\t", "n": "\n"}


class Texts(Protocol):
    """A part of a regular expression."""

    @property
    def longest(self) -> int:
        """Characters of the longest text."""

    def texts(self, stream: Stream, ids: Words, lane: int) -> pa.Array:
        """A text for each row, shape (n,); `lane` numbers this part among all draws."""


@dataclass(frozen=True, slots=True, eq=False)
class OneOf:
    """One character of a set."""

    characters: str
    longest: int = 1

    def texts(self, stream: Stream, ids: Words, lane: int) -> pa.Array:
        drawn = uniform_below(stream.substream(lane).words(ids), len(self.characters))
        return concat_words([(WordTable.of(list(self.characters)), drawn)])


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """Parts one after the other."""

    parts: tuple[Texts, ...]

    @property
    def longest(self) -> int:
        return sum(part.longest for part in self.parts)

    def texts(self, stream: Stream, ids: Words, lane: int) -> pa.Array:
        found = [part.texts(stream, ids, lane * _FAN + k) for k, part in enumerate(self.parts)]
        return pc.binary_join_element_wise(*found, "") if found else _empty(len(ids))


@dataclass(frozen=True, slots=True, eq=False)
class Alternatives:
    """One of several parts, all equally likely."""

    parts: tuple[Texts, ...]

    @property
    def longest(self) -> int:
        return max(part.longest for part in self.parts)

    def texts(self, stream: Stream, ids: Words, lane: int) -> pa.Array:
        chosen = uniform_below(stream.substream(lane).words(ids), len(self.parts))
        made, places = [], []
        for k, part in enumerate(self.parts):
            at = np.flatnonzero(chosen == k)
            made.append(Column(TEXT, part.texts(stream, ids[at], lane * _FAN + k)))
            places.append(at)
        return assembled(made, places, len(ids), TEXT).data


@dataclass(frozen=True, slots=True, eq=False)
class Repeated:
    """A part from `least` to `most` times, all numbers equally likely."""

    part: Texts
    least: int
    most: int

    @property
    def longest(self) -> int:
        return self.most * self.part.longest

    def texts(self, stream: Stream, ids: Words, lane: int) -> pa.Array:
        times = self.least + uniform_below(stream.substream(lane).words(ids), self.most - self.least + 1)
        found = []
        for k in range(self.most):
            at = np.flatnonzero(times > k)
            made = Column(TEXT, self.part.texts(stream, ids[at], lane * _FAN + k))
            found.append(assembled([made], [at], len(ids), TEXT).data)
        return pc.binary_join_element_wise(*found, "") if found else _empty(len(ids))


def _empty(count: int) -> pa.Array:
    return text_array([""]).take(indices(np.zeros(count, np.int64)))


def parse_regex(text: str) -> Texts:
    """The expression as a tree. Raises ValueError for what it does not have, with the place."""
    reader = _Reader(text.removeprefix("^").removesuffix("$"))
    tree = reader.alternatives(0)
    if reader.at < len(reader.text):
        raise reader.wrong("a ')' without a '('")
    return tree


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0

    def wrong(self, message: str) -> ValueError:
        return ValueError(f"{message} at character {self.at + 1} of the regular expression")

    @property
    def next(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        sign = self.next
        if not sign:
            raise self.wrong("it ends too early")
        self.at += 1
        return sign

    def alternatives(self, depth: int) -> Texts:
        if depth > _DEEPEST:
            raise self.wrong(f"groups deeper than {_DEEPEST}")
        parts = [self._sequence(depth)]
        while self.next == "|":
            self.at += 1
            parts.append(self._sequence(depth))
        return parts[0] if len(parts) == 1 else Alternatives(tuple(parts))

    def _sequence(self, depth: int) -> Texts:
        parts: list[Texts] = []
        while self.next and self.next not in "|)":
            part = self._one(depth)
            least, most = self._count()
            parts.append(part if (least, most) == (1, 1) else Repeated(part, least, most))
        return Sequence(tuple(parts))

    def _one(self, depth: int) -> Texts:
        sign = self.take()
        if sign == "(":
            if self.text.startswith("?:", self.at):
                self.at += 2
            elif self.next == "?":
                raise self.wrong("a group with '(?'")
            inside = self.alternatives(depth + 1)
            if self.next != ")":
                raise self.wrong("a '(' without a ')'")
            self.at += 1
            return inside
        if sign in "*+?{":
            raise self.wrong(f"a '{sign}' after nothing")
        if sign in "^$":
            raise self.wrong(f"a '{sign}' within the text")
        return OneOf(self._set(sign))

    def _set(self, sign: str) -> str:
        """The characters that a sign, an escape or a class stands for."""
        if sign == ".":
            return _PRINTABLE
        if sign == "\\":
            return self._escaped()
        return self._class() if sign == "[" else sign

    def _escaped(self) -> str:
        sign = self.take()
        if sign in _ESCAPES:
            return _ESCAPES[sign]
        if sign.isalnum():
            raise self.wrong(f"'\\{sign}'")
        return sign

    def _class(self) -> str:
        other = self.next == "^"
        self.at += other
        found: dict[str, None] = {}
        first = True
        while first or self.next != "]":
            first = False
            sign = self.take()
            some = self._escaped() if sign == "\\" else sign
            if self.next == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", "") and len(some) == 1:
                self.at += 1
                end = self.take()
                if ord(end) < ord(some):
                    raise self.wrong(f"the range '{some}-{end}'")
                some = "".join(map(chr, range(ord(some), ord(end) + 1)))
            found.update(dict.fromkeys(some))
        self.at += 1
        signs = [sign for sign in _PRINTABLE if sign not in found] if other else list(found)
        if not signs:
            raise self.wrong("a class without characters")
        return "".join(signs)

    def _count(self) -> tuple[int, int]:
        """How often the part before it may occur."""
        known = {"?": (0, 1), "*": (0, _UNBOUNDED), "+": (1, _UNBOUNDED)}
        if self.next in known and self.next:
            return known[self.take()]
        if self.next != "{":
            return 1, 1
        end = self.text.find("}", self.at)
        least, comma, most = self.text[self.at + 1 : max(end, self.at + 1)].partition(",")
        if end < 0 or not least.isdigit() or (most and not most.isdigit()):
            raise self.wrong("a count that is not like {2} or {2,5}")
        low = int(least)
        high = low if not comma else int(most) if most else low + _UNBOUNDED
        if not low <= high <= _MOST_COUNT:
            raise self.wrong(f"a count above {_MOST_COUNT}, or from high to low")
        self.at = end + 1
        return low, high
