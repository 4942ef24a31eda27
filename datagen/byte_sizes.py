"""Parses and formats sizes in bytes."""

from __future__ import annotations

import re

_UNITS = {
    "": 1,
    "b": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}
_DECIMAL_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_SIZE = re.compile(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*?)b?\s*\Z", re.IGNORECASE)


def size_of(text: str) -> int | None:
    """Bytes of "512MB", "2GiB" or "1000000"; None for what is no size."""
    match = _SIZE.match(str(text))
    unit = match[2].lower() if match else None
    if match is None or unit not in _UNITS or float(match[1]) <= 0:
        return None
    return round(float(match[1]) * _UNITS[unit])


def parse_size(text: str) -> int:
    """Bytes of a size on the command line."""
    size = size_of(text)
    if size is None:
        import typer  # of the command line only

        raise typer.BadParameter(f"'{str(text)[:40]}' is not a size such as 512MB or 2GB")
    return size


def show_size(count: float) -> str:
    """A size as text with a decimal unit, such as "1.2 GB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def human_bytes(size: float) -> str:
    """A size with three digits and its unit: 1.23 GB."""
    for unit in _DECIMAL_UNITS:
        if size < 999.5 or unit == _DECIMAL_UNITS[-1]:
            return f"{size:.3g} {unit}"
        size /= 1000
    raise AssertionError
