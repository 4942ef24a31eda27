"""Offsets of time zones are those of the pinned package, whatever the machine has."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from datagen.time_zones import _zone, known_zones, offset_changes

YEAR = (1_704_067_200, 1_735_689_600)
"""The year 2024, seconds since 1970."""


@pytest.fixture
def wrong_machine(tmp_path: Path) -> Iterator[None]:
    """A machine whose data says that Berlin has the time of Tokyo."""
    tokyo = resources.files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes()
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Berlin").write_bytes(tokyo)
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    _zone.cache_clear()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


def test_the_data_of_the_machine_is_not_read(wrong_machine: None) -> None:
    assert offset_changes("Europe/Berlin", *YEAR) == [
        [YEAR[0], 3600],
        [1_711_846_800, 7200],
        [1_729_990_800, 3600],
    ]


def test_known_zones_are_those_of_the_package() -> None:
    assert {"UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Argentina/Ushuaia"} < known_zones()
    assert "localtime" not in known_zones()
    with pytest.raises(KeyError):
        offset_changes("../../etc/passwd", *YEAR)
