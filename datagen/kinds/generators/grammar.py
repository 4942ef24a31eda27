"""Texts that a grammar writes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import TEXT, Column, Floats, Ints, Rows, Type, Words, indices
from datagen.columnar.ragged import ordinals, positions
from datagen.columnar.text import buffers, strings, text_array
from datagen.declarations.constraints import PatternDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.choice import Weighted
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.literals import spelled
from datagen.random.integers import uniform_below
from datagen.random.streams import Stream, child_identities, in_chunks, root_identities
from datagen.registry import Strict, did_you_mean

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

LONGEST = 4_000
_PLACE = re.compile(r"(\{\{|\}\})|\{([^{}]*)\}")
"""Two braces are one of the text; else a name is between braces."""
_SOURCE = 1 << 20
"""Bytes of the long text that excerpts are taken from."""
_AT_ONCE, _SYMBOLS_AT_ONCE = 4_096, 1 << 17
"""The most texts, and about the most symbols of them, that are written at once: 10 MB of working arrays."""
_LONGEST_REGEX, _LONGEST_COUNT = 20_000, 1_000
"""The longest regular expression of a grammar, and the largest count that RE2 has."""
_TEXT = ""
"""The rule of the whole text."""


class Excerpt(Strict):
    """The number of characters of an excerpt; all are equally likely."""

    min: int = Field(ge=1, le=LONGEST, description="fewest characters")
    max: int = Field(ge=1, le=LONGEST, description="most characters")


class ContextFreeGrammar(Generator):
    """Texts of a context-free grammar: `{name}` in `text` becomes one of the productions of that rule, which can name
    further rules.

    Productions are equally likely, or have weights. A rule cannot lead back to itself. Texts have at most 4,000 bytes.
    Braces of the text itself are written twice: `{{` and `}}`.
    With `excerpt`, the grammar writes one long text first. Each cell is a part of it with so many characters, from
    anywhere in it, as in the comments of TPC-H.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            note={
                "type": "grammar",
                "text": "{subject} {verb} {object}{end}",
                "rules": {
                    "subject": {"the {adjective} {noun}": 2, "a {noun}": 1},
                    "object": ["the {noun}", "every {noun}"],
                    "adjective": ["old", "new", "quiet"],
                    "noun": ["printer", "lamp", "door"],
                    "verb": ["blocks", "needs"],
                    "end": {".": 9, "!": 1},
                },
            },
            remark={
                "type": "grammar",
                "text": "{who} {what}.",
                "rules": {"who": ["customer", "driver", "clerk"], "what": {"called": 5, "waited": 3, "left": 1}},
                "excerpt": {"min": 10, "max": 40},
            },
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "productions", "production_rules", "context_free_grammar", "cfg", "tracery", "phrases",
    )  # fmt: skip
    left_out: ClassVar[Mapping[str, str]] = {
        "start origin template axiom": "text",
        "productions grammar words": "rules",
    }
    type: Literal["grammar"] = "grammar"
    text: str = Field(min_length=1, max_length=1_000, description="the text, with names of rules in braces")
    rules: Annotated[dict[str, Weighted], Field(min_length=1, max_length=200)] = Field(
        description="productions by rule: a list, or texts with weights"
    )
    excerpt: Excerpt | None = Field(default=None, description="take parts of so many characters of one long text")

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def longest(self, scope: Scope) -> int | None:
        if self.excerpt is not None:
            return self.excerpt.max * (1 if self._ascii else 4)
        return None if self._cycle() or any(self._unknown()) else _sizes(self._productions(), max)

    @property
    def tabulated(self) -> int:
        if self.excerpt is None:
            return 0
        return 2 * _SOURCE if self._ascii else 8 * _SOURCE  # with where each character begins, int32

    @property
    def _ascii(self) -> bool:
        return all(production.isascii() for some in self._productions().values() for production in some)

    def _productions(self) -> dict[str, Mapping[str, float]]:
        """The productions of each rule with their weights; those of the whole text first."""
        found: dict[str, Mapping[str, float]] = {_TEXT: {self.text: 1.0}}
        for name, some in self.rules.items():
            found[name] = some if isinstance(some, dict) else Counter(map(spelled, some))
        return found

    def _unknown(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """The names of rules that do not exist, each with its place."""
        for name, some in self._productions().items():
            for production in some:
                yield from ((_place(name), one) for one in _cut(production)[1::2] if one not in self.rules)

    def _cycle(self) -> str | None:
        """A rule that leads back to itself."""
        leads = {name: _names(some) & self.rules.keys() for name, some in self._productions().items()}
        while ends := [name for name, named in leads.items() if not named & leads.keys()]:
            leads = {name: named for name, named in leads.items() if name not in ends}
        name, passed = next(iter(leads), None), set[str]()
        while name is not None and name not in passed:
            passed.add(name)
            name = min(leads[name] & leads.keys())
        return name

    def problems(self, scope: Scope) -> Iterator[Problem]:
        unknown = [*self._unknown()]
        for place, name in unknown:
            yield scope.problem(
                "unknown-name", f"there is no rule '{name[:60]}'", did_you_mean(name, list(self.rules)), *place
            )
        circle = self._cycle()
        if circle is not None:
            message = f"the rule '{circle[:60]}' leads back to itself"
            hint = "write out how often it repeats, as 'a', 'a a' and 'a a a'"
            yield scope.problem("cycle", message, hint, "rules", circle)
        yield from self._single_braces(scope)
        yield from self._without_effect(scope)
        if self.excerpt is not None and self.excerpt.min > self.excerpt.max:
            yield scope.problem("range", "min is above max", "swap them", "excerpt", "min")
        if circle is None and not unknown and _sizes(self._productions(), max) > LONGEST:
            message = f"texts can have more than {LONGEST:,} bytes"
            yield scope.problem("too-large", message, "name fewer rules in one production", "text")

    def _single_braces(self, scope: Scope) -> Iterator[Problem]:
        for name, some in self._productions().items():
            for production in some:
                if re.search("[{}]", _PLACE.sub("", production)):
                    message = f"a brace in '{production[:60]}' has no partner"
                    hint = "write the name of a rule as '{name}', and a brace of the text as '{{' or '}}'"
                    yield scope.problem("syntax", message, hint, *_place(name))

    def _without_effect(self, scope: Scope) -> Iterator[Problem]:
        productions, used, ahead = self._productions(), {_TEXT}, [_TEXT]
        while ahead:
            ahead = [
                one for name in ahead for one in _names(productions[name]) if one in self.rules and one not in used
            ]
            used |= set(ahead)
        for name, some in self.rules.items():
            if name not in used:
                message = f"no text names the rule '{name[:60]}'"
                yield scope.problem("no-effect", message, f"write '{{{name[:60]}}}' in a text", "rules", name)
            elif isinstance(some, dict) and not any(some.values()):
                yield scope.problem("range", "all weights are 0", "give at least one a weight above 0", "rules", name)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if not self.intact:
            return
        if self.excerpt is not None:
            low, high = self.excerpt.min, self.excerpt.max
            if high <= _LONGEST_COUNT:
                regex, what = f"(?s)^.{{{low},{high}}}$", f"{low} to {high} characters"
                yield PatternDeclaration(scope.table.name, scope.column, regex=regex, what=what)
        elif _sizes(self._productions(), sum) <= _LONGEST_REGEX:
            regex = f"^{_regex(self._productions(), _TEXT)}$"
            yield PatternDeclaration(scope.table.name, scope.column, regex=regex, what="the grammar")

    def bind(self, scope: Scope) -> Fill:
        productions, stream = _Productions.of(self._productions()), scope.stream()
        if self.excerpt is None:
            return lambda rows: Column(TEXT, productions.texts(stream, stream.substream(0).words(rows.ids)))
        source, low, many = _Source(productions, stream), self.excerpt.min, self.excerpt.max - self.excerpt.min + 1

        def fill(rows: Rows) -> Column:
            lengths = low + uniform_below(stream.substream(2).words(rows.ids), many)
            begin = uniform_below(stream.substream(3).words(rows.ids), source.size - lengths + 1)
            return Column(TEXT, source.parts(begin, lengths))

        return fill


def _place(rule: str) -> tuple[str, ...]:
    """Where the productions of a rule are written, below the column."""
    return ("text",) if rule == _TEXT else ("rules", rule)


def _names(productions: Iterable[str]) -> set[str]:
    """The rules that productions name."""
    return {name for production in productions for name in _cut(production)[1::2]}


def _cut(production: str) -> list[str]:
    """The words of a production and the names of rules, in turn."""
    pieces, end = [""], 0
    for found in _PLACE.finditer(production):
        pieces[-1] += production[end : found.start()]
        if found[1]:
            pieces[-1] += found[1][0]
        else:
            pieces += [found[2], ""]
        end = found.end()
    pieces[-1] += production[end:]
    return pieces


def _sizes(
    productions: Mapping[str, Iterable[str]],
    of: Callable[[Iterable[int]], int],
    length: Callable[[str], int] = lambda word: len(word.encode()),
) -> int:
    """The size of the texts of the grammar, at least 1 for each rule that is named: `of` the productions of a rule,
    such as the largest; `length` of each word, by default its bytes.
    """

    @cache
    def size(name: str) -> int:
        pieces = [_cut(production) for production in productions[name]]
        return of([sum(map(length, some[::2])) + sum(map(size, some[1::2])) for some in pieces]) or 1

    return size(_TEXT)


def _regex(productions: Mapping[str, Iterable[str]], name: str) -> str:
    """A regular expression that matches every text of a rule."""
    pieces = [enumerate(_cut(production)) for production in productions[name]]
    found = ["".join(_regex(productions, one) if i % 2 else re.escape(one) for i, one in some) for some in pieces]
    return f"(?:{'|'.join(found)})"


@dataclass(frozen=True, slots=True, eq=False)
class _Productions:
    """Symbols are rules, then words. The productions of rule r are those from `first[r]` to before `first[r + 1]`;
    `reach` are their cumulative shares plus r. Production p has the symbols from `begin[p]` on, `sizes[p]` of them.
    """

    first: Ints
    reach: Floats
    begin: Ints
    sizes: Ints
    symbols: Ints
    words: pa.Array
    at_once: int

    @classmethod
    def of(cls, productions: Mapping[str, Mapping[str, float]]) -> _Productions:
        rules = {name: number for number, name in enumerate(productions)}
        words: dict[str, int] = {}
        symbols, reach = list[list[int]](), list[float]()
        for number, weighted in enumerate(productions.values()):
            parts = [*accumulate(weighted.values())]
            reach += [number + part / parts[-1] for part in parts]
            for production in weighted:
                pieces = [(i % 2, piece) for i, piece in enumerate(_cut(production)) if piece]
                symbols += [
                    [rules[one] if rule else len(rules) + words.setdefault(one, len(words)) for rule, one in pieces]
                ]
        sizes = np.array([len(one) for one in symbols], np.int64)
        first = np.cumsum([0, *map(len, productions.values())])
        flat = np.array([symbol for one in symbols for symbol in one], np.int64)
        at_once = min(max(_SYMBOLS_AT_ONCE // _sizes(productions, max, bool), 1), _AT_ONCE)
        begin = np.cumsum(sizes) - sizes
        return cls(first, np.array(reach), begin, sizes, flat, text_array(list(words) or [""]), at_once)

    def texts(self, stream: Stream, roots: Words) -> pa.Array:
        """A text for each random word, shape (n,)."""
        found = [self._some(stream.substream(1), roots[part]) for part in in_chunks(len(roots), self.at_once)]
        return pa.concat_arrays(found) if found else text_array([])

    def _some(self, stream: Stream, roots: Words) -> pa.Array:
        """All rules of all texts are replaced at once, level by level. A draw is addressed by its path."""
        rules, owner, address = len(self.first) - 1, np.arange(len(roots)), roots
        symbols = np.zeros(len(roots), np.int64)
        while (rule := symbols < rules).any():
            production = np.searchsorted(self.reach, symbols[rule] + stream.uniforms(address[rule]), side="right")
            production = np.minimum(production, self.first[symbols[rule] + 1] - 1)
            counts, begin = np.ones(len(symbols), np.int64), np.zeros(len(symbols), np.int64)
            counts[rule], begin[rule] = self.sizes[production], self.begin[production]
            at, place = np.repeat(np.arange(len(symbols)), counts), ordinals(counts)
            replaced = self.symbols.take(begin[at] + place, mode="clip")
            symbols = np.where(rule[at], replaced, symbols[at])
            address = np.where(rule[at], child_identities(address[at], place), address[at])
            owner = owner[at]
        ends = indices(np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(roots))))).astype(np.int32))
        pieces = self.words.take(indices(symbols - rules))
        return pc.binary_join(pa.ListArray.from_arrays(ends, pieces), "")


class _Source:
    """A long text of a grammar, written when it is first asked for."""

    def __init__(self, productions: _Productions, stream: Stream) -> None:
        self._productions, self._stream = productions, stream

    @cached_property
    def _text(self) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Ints | None]:
        """Its bytes, and where characters begin, and the last ends; None where each has one byte."""
        found, size, number = list[np.ndarray[Any, np.dtype[np.uint8]]](), 0, 0
        stream, many = self._stream.substream(4), self._productions.at_once
        while size < _SOURCE:
            roots = stream.words(root_identities(np.arange(number, number + many)))
            texts = self._productions.texts(self._stream, roots)
            spaced = pc.binary_join_element_wise(texts, " ", "")
            found.append(buffers(spaced)[0])
            size, number = size + len(found[-1]), number + many
        data = np.concatenate(found)
        starts = np.flatnonzero((data & 0xC0) != 0x80)
        return data, None if len(starts) == len(data) else np.append(starts, len(data)).astype(np.int32)

    @property
    def size(self) -> int:
        """Characters."""
        data, starts = self._text
        return len(data) if starts is None else len(starts) - 1

    def parts(self, begin: Ints, lengths: Ints) -> pa.Array:
        """The parts of so many characters from each position on, shape (n,)."""
        data, starts = self._text
        if starts is not None:
            begin, lengths = starts[begin], starts[begin + lengths] - starts[begin]
        found = list[pa.Array]()
        for part in in_chunks(len(begin), _AT_ONCE):
            ends = np.cumsum(lengths[part])
            found.append(strings(data[positions(begin[part], lengths[part])], np.concatenate(([0], ends))))
        return pa.concat_arrays(found) if found else text_array([])
