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
_DECIMAL_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
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


def format_size(size: float) -> str:
    """Bytes with three digits and a decimal unit: 1.23 GB."""
    for unit in _DECIMAL_UNITS[:-1]:
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.0f} {_DECIMAL_UNITS[-1]}"
