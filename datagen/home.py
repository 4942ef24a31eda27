"""Paths as people write them: `~` is the home folder where no shell has replaced it, as in `--out=~/data`."""

from __future__ import annotations

from pathlib import Path


def from_home(path: str | Path) -> Path:
    """The path with a leading `~` or `~user` replaced; as it is where there is no such home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)
