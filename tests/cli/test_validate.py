"""`datagen validate` tells the verdict, writes the reports that are asked for, and ends with the exit code that CI needs."""

from __future__ import annotations

import json

import pytest

import datagen
from tests.quality.folders import SHOP, put, rewrite, shop, table


@pytest.fixture
def schema(tmp_path):
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(SHOP))
    return path


@pytest.fixture
def folder(tmp_path):
    return shop(tmp_path / "out")
