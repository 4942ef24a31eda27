"""Sums over pairs of events, weighted by exp(-lag / scale): observed and expected without excitation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datagen.columnar.block import Floats, Ints

_GONE = 1e-15
_BINS = 96
_FINEST, _COARSEST = 0.01, 1e7

Piece = tuple[Floats, Floats]
"""An interval of operational time of each parent, start and end, shape (n,) each."""


def pair_sums(owner: Ints, between: Floats, scales: Floats) -> Iterator[Floats]:
    """For each scale and event the sum over all earlier events of its parent of exp(-lag / scale), shape (m,).

    Each event's sum is (1 + the last one's) times exp(-gap / scale). The recursion is evaluated by doubling (Hillis and
    Steele, 1986).
    """
    same = owner[1:] == owner[:-1]
    for scale in scales.tolist():
        step = np.zeros(len(owner))
        step[1:] = np.where(same, np.exp(-np.maximum(between, 0.0) / scale), 0.0)
        total, reach = step.copy(), 1
        while reach < len(step) and float(step.max(initial=0.0)) > _GONE:
            total[reach:] += step[reach:] * total[:-reach]
            step[reach:] *= step[:-reach].copy()
            step[:reach] = 0.0
            reach *= 2
        yield total


def background(piece: Piece, square: Floats, scales: Floats) -> Floats:
    """The expected sums of Poisson events whose rates have this mean product, earlier events included, (scales, n)."""
    low, high = piece
    return np.stack([square * s * (high - low - s * (np.exp(-low / s) - np.exp(-high / s))) for s in scales.tolist()])


def bin_edges(unit: float) -> Floats:
    """Bins of operational time since exposure began, finer at its start, shape (bins + 1,)."""
    return np.concatenate(([0.0], np.geomspace(_FINEST, _COARSEST, _BINS))) * unit


def middles(unit: float) -> Floats:
    """The middle of each bin, shape (bins,)."""
    edges = bin_edges(unit)
    found: Floats = (edges[1:] + edges[:-1]) / 2.0
    return found


def spread_over(piece: Piece, rate: Floats, edges: Floats) -> Floats:
    """The integral of all parents' rates over each bin of operational time, shape (bins,)."""
    size, widths = len(edges) - 1, np.diff(edges)
    change, partial = np.zeros(size), np.zeros(size)
    for at, sign in zip(piece, (1.0, -1.0), strict=True):
        bin_ = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, size - 1)
        change += np.bincount(bin_, rate * sign, minlength=size)
        partial += np.bincount(bin_, rate * sign * (edges[bin_ + 1] - at), minlength=size)
    whole: Floats = (np.cumsum(change) - change) * widths + partial
    return whole
