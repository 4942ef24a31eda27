"""Starting points: small commented documents of twelve fields, each with what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Starter:
    """One starting point: its name, what it is about, what it shows, and the document with its comments."""

    name: str
    title: str
    shows: str
    text: str


@cache
def starters() -> dict[str, Starter]:
    """All starting points, by name."""
    folder = resources.files("datagen").joinpath("data/starters")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return {one.name: one for one in (_starter(file.name, file.read_text(encoding="utf-8")) for file in files)}


def _starter(file: str, text: str) -> Starter:
    """The first two lines of a document say what it is about and what it shows."""
    title, shows, _ = text.split("\n", 2)
    return Starter(file.removesuffix(".yaml"), title.removeprefix("# "), shows.removeprefix("# Shows: "), text)
