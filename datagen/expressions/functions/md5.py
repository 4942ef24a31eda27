"""The MD5 digest (RFC 1321) of many texts at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datagen.columnar.block import Ints
from datagen.columnar.text import buffers, strings

Halves = npt.NDArray[np.uint32]
_BLOCK = 64
_SHIFTS = np.array([[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]])
_SINES = (
    0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
    0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
    0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
    0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
    0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
    0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
    0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
    0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391,
)  # fmt: skip
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


def md5_hex(array: pa.Array) -> pa.Array:
    """The digests of texts as 32 hexadecimal digits, shape (n,)."""
    data, ends = buffers(array)
    starts, lengths = ends[:-1].astype(np.int64), np.diff(ends).astype(np.int64)
    state = np.empty((4, len(lengths)), np.uint32)
    state[:] = np.array(_START, np.uint32)[:, None]
    blocks = (lengths + 8) // _BLOCK + 1
    for number in range(int(blocks.max(initial=0))):
        at = np.flatnonzero(blocks > number)
        state[:, at] += _mixed(state[:, at], _words(data, starts[at], lengths[at], number))
    octets = np.ascontiguousarray(state.T.astype("<u4")).view(np.uint8).reshape(len(lengths), 16)
    digits = np.empty((len(lengths), 32), np.uint8)
    digits[:, 0::2], digits[:, 1::2] = _HEX[octets >> 4], _HEX[octets & 15]
    return strings(digits.reshape(-1), np.arange(len(lengths) + 1) * 32)


def _words(data: npt.NDArray[np.uint8], starts: Ints, lengths: Ints, number: int) -> Halves:
    """Block `number` of each padded text as sixteen words, shape (16, n)."""
    place = number * _BLOCK + np.arange(_BLOCK)
    whole = np.concatenate([data, np.zeros(1, np.uint8)])
    inside = place[None, :] < lengths[:, None]
    octets = whole[np.where(inside, starts[:, None] + place[None, :], len(data))]
    octets[place[None, :] == lengths[:, None]] = 0x80
    last = (lengths + 8) // _BLOCK == number
    octets[last, _BLOCK - 8 :] = (lengths[last] * 8).astype("<u8").view(np.uint8).reshape(-1, 8)
    words: Halves = np.ascontiguousarray(octets).view("<u4").astype(np.uint32).T
    return words


def _mixed(state: Halves, words: Halves) -> Halves:
    """The four rounds of one block."""
    a, b, c, d = state
    for step in range(64):
        turn = step // 16
        if turn == 0:
            mixed, word = (b & c) | (~b & d), step
        elif turn == 1:
            mixed, word = (d & b) | (~d & c), (5 * step + 1) % 16
        elif turn == 2:
            mixed, word = b ^ c ^ d, (3 * step + 5) % 16
        else:
            mixed, word = c ^ (b | ~d), 7 * step % 16
        total = a + mixed + np.uint32(_SINES[step]) + words[word]
        shift = np.uint32(_SHIFTS[turn, step % 4])
        a, b, c, d = d, b + ((total << shift) | (total >> (np.uint32(32) - shift))), b, c
    return np.stack([a, b, c, d])
