"""Counter-based random streams: keyed by name, addressed by row identity, so that any row can be drawn on its own.

A word is two rounds of a 64-bit finalizer, because one round alone is a weak hash of (key, counter). The first makes
the identity of a row from its number (`root_identities`) or from its parent's identity and its ordinal
(`child_identities`), once for all columns; the second adds the two keys of a stream. Everything runs in cache-sized
chunks with in-place ufuncs, which is many times faster than whole large arrays.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from datagen.columnar.block import Floats, Ints, Words
from datagen.errors import PlanError

CHUNK = 16384
"""Words per chunk: two buffers of this size fit the second-level cache."""
MOST_AT_ONCE = 1 << 27
"""The most rows in memory at once, before a plan knows the budget."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SALT = np.uint64(0xD1B54A32D192ED03)
# Two good 64-bit finalizers: shift, multiply, shift, multiply, shift (Stafford 2011, variant 13; Evensen 2019).
_ROUND_ONE = tuple(map(np.uint64, (30, 0xBF58476D1CE4E5B9, 27, 0x94D049BB133111EB, 31)))
_ROUND_TWO = tuple(map(np.uint64, (27, 0x3C79AC492BA7B653, 33, 0x1C69B3F74AC4AE35, 27)))
_ELEVEN = np.uint64(11)


def in_chunks(n: int, size: int = CHUNK) -> Iterator[slice]:
    """Slices that cover `range(n)` in order, each of at most `size`."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


class Stream(ABC):
    """A table of 64-bit words, one for each row identity. Code that draws values accepts any stream."""

    __slots__ = ()

    @abstractmethod
    def words(self, ids: Words, out: Words | None = None) -> Words:
        """The words of the rows `ids`, uint64, shape (n,), written to `out` where it is given; `out` may be `ids`
        itself.
        """

    @abstractmethod
    def uniforms(self, ids: Words, out: Floats | None = None) -> Floats:
        """The top 53 bits of the words as float64 in [0, 1), shape (n,)."""

    @abstractmethod
    def substream(self, number: int) -> Stream:
        """An independent stream of the same name, for the second, third ... draw of a cell."""

    @staticmethod
    def named(seed: int, *names: str) -> CounterStream:
        """The stream of these names under any integer seed, negative and huge ones too."""
        seed = int(seed)
        parts = [seed.to_bytes(seed.bit_length() // 8 + 1, "little", signed=True)]
        parts += [name.encode("utf-8", "surrogatepass") for name in names]
        return _hashed(b"datagen.stream", parts)


@dataclass(frozen=True, slots=True)
class CounterStream(Stream):
    """Independent random words; two independent 64-bit keys select the stream.

    Identities must be well mixed: integers 0, 1, 2 ... need `root_identities` first.
    """

    first: int
    second: int

    def substream(self, number: int) -> CounterStream:
        """An independent stream of the same name, for the second, third ... draw of a cell."""
        parts = [key.to_bytes(8, "little") for key in (self.first, self.second)]
        return _hashed(b"datagen.lane", [*parts, str(int(number)).encode()])

    def words(self, ids: Words, out: Words | None = None) -> Words:
        """The random words of the rows `ids`, uint64, shape (n,); `out` may be `ids` itself."""
        out = np.empty(len(ids), np.uint64) if out is None else out
        scratch = np.empty(min(len(ids), CHUNK), np.uint64)
        for chunk in in_chunks(len(ids)):
            self._fill(ids[chunk], out[chunk], scratch)
        return out

    def uniforms(self, ids: Words, out: Floats | None = None) -> Floats:
        """The top 53 bits of the words as float64 in [0, 1), shape (n,)."""
        out = np.empty(len(ids), np.float64) if out is None else out
        scratch = np.empty((2, min(len(ids), CHUNK)), np.uint64)
        for chunk in in_chunks(len(ids)):
            part = out[chunk]
            words = scratch[0, : len(part)]
            self._fill(ids[chunk], words, scratch[1])
            words >>= _ELEVEN
            part[:] = words.view(np.int64)
            part *= 2.0**-53
        return out

    def _fill(self, ids: Words, out: Words, scratch: Words) -> None:
        """The words of one chunk; `scratch` is at least as long."""
        np.multiply(ids, np.uint64(self.first | 1), out=out)
        out += np.uint64(self.second)
        _finalize(out, scratch[: len(out)], _ROUND_ONE)


def substream_words(stream: CounterStream, numbers: Ints, ids: Words) -> Words:
    """The words of the rows `ids`, each of its own substream: `numbers` are 1 or more, shape (n,), and have the same
    number of binary digits.
    """
    base = 1 << int(numbers[0]).bit_length() - 1
    lanes = _lanes(stream, base)
    out: Words = ids * lanes[0, numbers - base]
    out += lanes[1, numbers - base]
    _finalize(out, np.empty(len(out), np.uint64), _ROUND_ONE)
    return out


@lru_cache(64)
def _lanes(stream: CounterStream, base: int) -> Words:
    """The two keys of each substream from `base` to its double, uint64, shape (2, base)."""
    lanes = [stream.substream(number) for number in range(base, 2 * base)]
    return np.array([[lane.first | 1 for lane in lanes], [lane.second for lane in lanes]], np.uint64)


def _hashed(purpose: bytes, parts: list[bytes]) -> CounterStream:
    digest = blake2b(digest_size=16, person=purpose)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    raw = digest.digest()
    return CounterStream(int.from_bytes(raw[:8], "little"), int.from_bytes(raw[8:], "little"))


def _finalize(words: Words, scratch: Words, rounds: tuple[np.uint64, ...]) -> None:
    """One bijective mix of every word, in place."""
    first, multiply, second, again, last = rounds
    for shift, factor in ((first, multiply), (second, again)):
        np.right_shift(words, shift, out=scratch)
        words ^= scratch
        words *= factor
    np.right_shift(words, last, out=scratch)
    words ^= scratch


def root_identities(numbers: Ints | Words) -> Words:
    """The identities of numbered things (rows of a root table, days), uint64, shape (n,): a bijection."""
    out = np.empty(len(numbers), np.uint64)
    scratch = np.empty(min(len(numbers), CHUNK), np.uint64)
    for chunk in in_chunks(len(numbers)):
        part = out[chunk]
        np.multiply(numbers[chunk].view(np.uint64), _GOLDEN, out=part)
        part += _SALT
        _finalize(part, scratch[: len(part)], _ROUND_TWO)
    return out


def mix(words: Words, key: int = 0) -> Words:
    """A keyed bijection of 64-bit words that mixes them well, uint64, shape (n,)."""
    return CounterStream(int(_GOLDEN), key & 0xFFFFFFFFFFFFFFFF).words(root_identities(words))


def child_identities(parents: Words, ordinals: Ints) -> Words:
    """Row identities of children from those of their parents and their ordinals below them, uint64, shape (n,)."""
    out = np.empty(len(parents), np.uint64)
    scratch = np.empty(min(len(parents), CHUNK), np.uint64)
    for chunk in in_chunks(len(parents)):
        part, spare = out[chunk], scratch[: chunk.stop - chunk.start]
        np.multiply(ordinals[chunk].view(np.uint64), _GOLDEN, out=part)
        part += parents[chunk]
        part += _SALT
        _finalize(part, spare, _ROUND_TWO)
    return out


def affordable(rows: float) -> None:
    """Raises PlanError for more rows than any block can hold, which usually means an unbounded rate."""
    if rows > MOST_AT_ONCE:
        raise PlanError(
            f"{rows:.3g} rows would have to be in memory at once, below a few rows of a root table (at most "
            f"{MOST_AT_ONCE:,}); lower the rate, the number per parent, or its multipliers"
        )


def repeat_child_identities(parents: Words, counts: Ints) -> Words:
    """The identities of `counts[i]` children of each parent, their ordinals from 0: shape (sum of counts,).

    The same as `child_identities` of repeated parents, without an array of ordinals.
    """
    affordable(float(counts.max(initial=0)))
    affordable(float(counts.sum()))
    # an offset per parent makes the running steps count from 0 below each
    out = np.repeat(parents - (np.cumsum(counts) - counts).view(np.uint64) * _GOLDEN + _SALT, counts)
    scratch = np.empty(min(len(out), CHUNK), np.uint64)
    steps = np.arange(min(len(out), CHUNK), dtype=np.uint64) * _GOLDEN
    for chunk in in_chunks(len(out)):
        part = out[chunk]
        part += steps[: len(part)]
        part += np.uint64(chunk.start * int(_GOLDEN) % 2**64)
        _finalize(part, scratch[: len(part)], _ROUND_TWO)
    return out
